-- The requests that a batch of acts speaks of, and when something last happened to each.
SELECT i.id, i.protocol, GREATEST(i.opened_at, (SELECT max(e.at) FROM issues_event e WHERE e.issue_id = i.id)) AS last_at
  FROM unnest(%(protocols)s::varchar[]) AS asked (protocol)
  JOIN issues_issue i USING (protocol)
