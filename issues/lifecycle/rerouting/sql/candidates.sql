-- Open requests that no person assigned and that are at no step of a process, by id.
SELECT i.id, i.service_id, s.precision, i.team_id, t.slug AS team_slug, t.name AS team_name, i.opened_at,
       ST_X(i.geom) AS lng, ST_Y(i.geom) AS lat
  FROM issues_issue i
  JOIN issues_service s ON s.id = i.service_id
  JOIN issues_team t ON t.id = i.team_id
 WHERE i.id > %(after)s::bigint AND i.id <= %(until)s::bigint
   AND i.is_open AND i.assigned_by_id IS NULL
   AND NOT EXISTS (SELECT FROM issues_issuestep p WHERE p.issue_id = i.id AND p.state = 'open')
 ORDER BY i.id
 LIMIT %(limit)s::int
