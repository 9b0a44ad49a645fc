-- A page of the requests that would have moved, as GeoJSON for the managers' map, by id.
WITH page AS (
    SELECT m.issue_id, m.team_before_id, m.team_after_id
      FROM issues_simulatedmove m
     WHERE m.simulation_id = %(simulation)s::bigint AND m.issue_id > %(after)s::bigint
       AND (%(team)s::bigint IS NULL OR %(team)s::bigint IN (m.team_before_id, m.team_after_id))
     ORDER BY m.issue_id
     LIMIT %(limit)s::int
)
SELECT json_build_object('type', 'FeatureCollection', 'features', COALESCE(json_agg(json_build_object(
           'type', 'Feature', 'id', i.id,
           'geometry', ST_AsGeoJSON(i.geom, 6)::json,
           'properties', json_build_object(
               'protocol', i.protocol, 'service', s.code, 'service_name', s.name, 'opened_at', i.opened_at,
               'is_open', i.is_open, 'from', b.slug, 'from_name', b.name, 'to', a.slug, 'to_name', a.name)
       ) ORDER BY i.id), '[]'))::text AS features,
       count(*)::int AS count, max(p.issue_id) AS last
  FROM page p
  JOIN issues_issue i ON i.id = p.issue_id
  JOIN issues_service s ON s.id = i.service_id
  JOIN issues_team b ON b.id = p.team_before_id
  JOIN issues_team a ON a.id = p.team_after_id
