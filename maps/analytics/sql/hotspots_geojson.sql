-- A run as a GeoJSON FeatureCollection (RFC 7946): its cells, then contours and clusters, the strongest first.
WITH feature AS (
    SELECT 1 AS part, row_number() OVER (ORDER BY c.z DESC, c.code) AS place, json_build_object(
               'type', 'Feature', 'id', c.code, 'geometry', ST_AsGeoJSON(c.geom, 6)::json,
               'properties', json_build_object(
                   'kind', 'cell', 'area', c.area, 'n', c.n, 'rate', c.rate, 'z', round(c.z::numeric, 3),
                   'p', c.p, 'heat', c.heat, 'pattern', c.pattern, 'trend', round(c.trend::numeric, 3))) AS body
      FROM maps_hotspotcell c
     WHERE c.run_id = %(run)s AND 'cell' = ANY (%(kinds)s::text[])
       AND (%(every)s::boolean OR c.heat <> 0 OR c.pattern <> '')
    UNION ALL
    SELECT CASE s.kind WHEN 'contour' THEN 2 ELSE 3 END, s.rank, json_build_object(
               'type', 'Feature', 'id', s.kind || s.rank, 'geometry', ST_AsGeoJSON(s.geom, 6)::json,
               'properties', json_build_object(
                   'kind', s.kind, 'area', s.area, 'n', s.n, 'rank', s.rank,
                   'per_km2', round(s.per_km2::numeric, 2), 'share', s.share))
      FROM maps_hotspotshape s
     WHERE s.run_id = %(run)s AND s.kind = ANY (%(kinds)s::text[])
)
SELECT json_build_object(
           'type', 'FeatureCollection', 'run', %(about)s::json,
           'features', coalesce(json_agg(body ORDER BY part, place), '[]'::json))::text AS collection
  FROM feature
