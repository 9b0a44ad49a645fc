-- The crews of a team with their people, and where each set out last.
SELECT c.id, c.name, c.team_id, ST_X(d.start) AS lng, ST_Y(d.start) AS lat,
       COALESCE((SELECT array_agg(m.user_id ORDER BY m.id) FROM issues_crewmember m WHERE m.crew_id = c.id), '{}') AS people
  FROM issues_crew c
  LEFT JOIN LATERAL (SELECT x.start FROM issues_crewday x WHERE x.crew_id = c.id ORDER BY x.on DESC LIMIT 1) AS d ON true
 WHERE c.team_id = %(team)s::bigint AND c.is_active
 ORDER BY c.name, c.id
