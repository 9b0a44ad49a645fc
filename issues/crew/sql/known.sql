-- The requests that a batch of acts speaks of, and when something last happened to each: being given to a crew aside.
SELECT i.id, i.protocol,
       GREATEST(i.opened_at, (SELECT max(e.at) FROM issues_event e
                               WHERE e.issue_id = i.id AND e.code NOT IN ('crew_assigned', 'crew_released'))) AS last_at
  FROM unnest(%(protocols)s::varchar[]) AS asked (protocol)
  JOIN issues_issue i USING (protocol)
