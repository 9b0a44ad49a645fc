-- Open requests of some teams near a point as GeoJSON features; nearest first, keyed by (metres, id).
-- One ordered index walk a team: the (team, place) index serves both the team and the distance.
-- A request that is with another team while a step of it is open here is found by the open steps of the team.
SELECT json_build_object(
           'type', 'Feature', 'id', n.protocol,
           'geometry', ST_AsGeoJSON(n.geom, 6)::json,
           'properties', json_build_object(
               'protocol', n.protocol, 'service', s.code, 'service_name', s.name, 'state', n.state,
               'team', t.slug, 'address', n.address, 'neighbourhood', n.neighbourhood,
               'description', left(n.description, 280), 'priority', n.priority,
               'followers', n.followers, 'opened_at', n.opened_at, 'due_at', n.due_at,
               'overdue', n.due_at < %(now)s::timestamptz AND n.state <> 'waiting',
               'distance_m', round(n.distance_m::numeric, 1))
       )::text AS feature,
       n.distance_m, n.due_at, n.id
  FROM (
      SELECT i.*
        FROM (SELECT ST_Transform(ST_SetSRID(ST_MakePoint(%(lng)s::float8, %(lat)s::float8), 4326), :metric) AS geom) AS p
       CROSS JOIN LATERAL (
           SELECT walked.*
             FROM unnest(%(teams)s::bigint[]) AS mine (team_id)
            CROSS JOIN LATERAL (
               SELECT i.id, i.protocol, i.geom, i.state, i.address, i.neighbourhood, i.description,
                      i.priority, i.followers, i.opened_at, i.due_at, i.service_id, i.team_id,
                      ST_Transform(i.geom, :metric) <-> p.geom AS distance_m
                 FROM issues_issue i
                WHERE i.is_open AND i.geom IS NOT NULL AND i.team_id = mine.team_id
                  AND (%(after)s::float8 IS NULL
                       OR (ST_Transform(i.geom, :metric) <-> p.geom, i.id) > (%(after)s, %(after_id)s::bigint))
                -- By distance alone, which the index gives in order; with ties, so that no page loses one.
                ORDER BY ST_Transform(i.geom, :metric) <-> p.geom
                FETCH FIRST (%(limit)s::int) ROWS WITH TIES
            ) AS walked
           UNION ALL
           SELECT i.id, i.protocol, i.geom, i.state, i.address, i.neighbourhood, i.description,
                  i.priority, i.followers, i.opened_at, i.due_at, i.service_id, i.team_id,
                  ST_Transform(i.geom, :metric) <-> p.geom
             FROM (SELECT DISTINCT x.issue_id FROM issues_issuestep x
                    WHERE x.state = 'open' AND x.away AND x.team_id = ANY (%(teams)s::bigint[])) AS here
             JOIN issues_issue i ON i.id = here.issue_id
            WHERE i.is_open AND i.geom IS NOT NULL AND i.team_id <> ALL (%(teams)s::bigint[])
              AND (%(after)s::float8 IS NULL
                   OR (ST_Transform(i.geom, :metric) <-> p.geom, i.id) > (%(after)s, %(after_id)s::bigint))
       ) AS i
       -- Cut after the walk, not within: asked for a radius, the planner would gather it all and sort.
       WHERE i.distance_m <= %(radius_m)s::float8
       ORDER BY i.distance_m, i.id
       LIMIT %(limit)s::int
  ) AS n
  JOIN issues_service s ON s.id = n.service_id
  JOIN issues_team t ON t.id = n.team_id
 ORDER BY n.distance_m, n.id
