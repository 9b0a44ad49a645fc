-- One heat tile (MVT): requests counted in cells by their public point.
-- The cell of a point is the floor of its Mercator position, so that each is in one cell of one tile.
WITH cell AS MATERIALIZED (
    SELECT floor((ST_X(i.public_geom) + 180) / 360 * %(side)s)::int AS x,
           floor((0.5 - atanh(sin(radians(ST_Y(i.public_geom)))) / (2 * pi())) * %(side)s)::int AS y,
           count(*) FILTER (WHERE s.precision = 'exact') AS exact,
           count(*) FILTER (WHERE s.precision <> 'exact') AS rough
      FROM issues_issue i
      JOIN issues_service s ON s.id = i.service_id
     WHERE i.public_geom && ST_MakeEnvelope(%(west)s, %(south)s, %(east)s, %(north)s, 4326)
       AND s.precision <> 'area'
       AND (%(since)s::timestamptz IS NULL OR i.opened_at >= %(since)s)
       AND (%(before)s::timestamptz IS NULL OR i.opened_at < %(before)s)
       AND (%(is_open)s::boolean IS NULL OR i.is_open = %(is_open)s)
       AND (%(services)s::text[] IS NULL OR s.code = ANY (%(services)s))
       AND (%(themes)s::text[] IS NULL
            OR s.theme_id IN (SELECT h.id FROM issues_theme h WHERE h.slug = ANY (%(themes)s)))
     GROUP BY 1, 2
), inside AS (
    SELECT x - %(x)s * %(cells)s AS x, y - %(y)s * %(cells)s AS y,
           (exact + CASE WHEN rough >= %(least)s THEN rough ELSE 0 END)::int AS n
      FROM cell
)
SELECT ST_AsMVT(feature, 'heat', 4096, 'geom') AS tile
  FROM (
    SELECT ST_MakePoint((x + 0.5) * 4096 / %(cells)s, (y + 0.5) * 4096 / %(cells)s) AS geom, n
      FROM inside
     WHERE n > 0 AND x BETWEEN 0 AND %(cells)s - 1 AND y BETWEEN 0 AND %(cells)s - 1
  ) AS feature
