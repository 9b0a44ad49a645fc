-- A request whose place is to be mended, locked; and whether this very act has been done before.
SELECT i.id, i.protocol, i.state, i.is_open, i.team_id, i.due_at, i.geom IS NOT NULL AS is_placed, s.geolocated,
       CASE WHEN %(client_id)s::uuid IS NOT NULL THEN
           (SELECT json_build_array(e.issue_id, e.id, e.code) FROM issues_event e WHERE e.client_id = %(client_id)s::uuid)
       END AS again,
       COALESCE((SELECT array_agg(x.team_id) FROM issues_issuestep x WHERE x.issue_id = i.id AND x.state = 'open'), '{}')
           AS step_teams
  FROM issues_issue i
  JOIN issues_service s ON s.id = i.service_id
 WHERE i.id = %(id)s::bigint
   FOR UPDATE OF i
