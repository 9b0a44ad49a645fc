-- What a crew was given for a day, as far as it is still with the team: done first, then in order; legs as GeoJSON.
SELECT i.id, i.protocol, i.state, i.is_open, i.address, i.priority, i.due_at, i.closed_at, s.name AS service_name,
       ST_X(i.geom) AS lng, ST_Y(i.geom) AS lat, a.is_pinned, a.position, a.arrives_at, a.leaves_at, a.metres,
       ST_AsGeoJSON(a.leg, 5) AS leg
  FROM issues_assignment a
  JOIN issues_issue i ON i.id = a.issue_id
  JOIN issues_service s ON s.id = i.service_id
 WHERE a.crew_id = %(crew)s::bigint AND a.on = %(on)s::date
   AND (NOT i.is_open OR i.team_id = %(team)s::bigint
        OR EXISTS (SELECT FROM issues_issuestep x
                    WHERE x.issue_id = i.id AND x.state = 'open' AND x.team_id = %(team)s::bigint))
 ORDER BY i.is_open, i.closed_at, a.position NULLS LAST, a.id
