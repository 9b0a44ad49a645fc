-- How many requests came to a team since a day was planned, and nobody has been given yet.
SELECT count(DISTINCT i.id)
  FROM issues_issue i
  JOIN issues_event e ON e.issue_id = i.id AND e.at > %(since)s::timestamptz
   AND e.code IN ('opened', 'assigned', 'reassigned', 'rerouted', 'step_done', 'reopened', 'answered', 'resumed')
 WHERE i.is_open AND i.state <> 'waiting' AND i.geom IS NOT NULL AND i.team_id = %(team)s::bigint
   AND i.updated_at > %(since)s::timestamptz
   AND NOT EXISTS (SELECT FROM issues_assignment a WHERE a.issue_id = i.id AND a.on >= %(on)s::date)
