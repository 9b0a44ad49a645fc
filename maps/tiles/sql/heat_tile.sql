-- One heat tile (MVT): requests counted in cells by their public point, for staff by their own.
-- The cell of a point is the floor of its Mercator position, so that each is in one cell of one tile.
WITH cell AS MATERIALIZED (
    SELECT floor((ST_X(shown.geom) + 180) / 360 * %(side)s)::int AS x,
           floor((0.5 - atanh(sin(radians(ST_Y(shown.geom)))) / (2 * pi())) * %(side)s)::int AS y,
           count(*) FILTER (WHERE %(staff)s::boolean OR s.precision = 'exact') AS exact,
           count(*) FILTER (WHERE NOT %(staff)s::boolean AND s.precision <> 'exact') AS rough
      FROM issues_issue i
      JOIN issues_service s ON s.id = i.service_id
     CROSS JOIN LATERAL (SELECT CASE WHEN %(staff)s::boolean THEN i.geom ELSE i.public_geom END AS geom) AS shown
     WHERE CASE WHEN %(staff)s::boolean
                THEN i.geom && ST_MakeEnvelope(%(west)s, %(south)s, %(east)s, %(north)s, 4326)
                ELSE i.public_geom && ST_MakeEnvelope(%(west)s, %(south)s, %(east)s, %(north)s, 4326) END
       AND (%(staff)s::boolean OR s.precision <> 'area')
       AND (%(since)s::timestamptz IS NULL OR i.opened_at >= %(since)s)
       AND (%(before)s::timestamptz IS NULL OR i.opened_at < %(before)s)
       AND (%(is_open)s::boolean IS NULL OR i.is_open = %(is_open)s)
       AND (%(services)s::text[] IS NULL OR s.code = ANY (%(services)s))
       AND (%(themes)s::text[] IS NULL
            OR s.theme_id IN (SELECT h.id FROM issues_theme h WHERE h.slug = ANY (%(themes)s)))
       AND (%(at)s::timestamptz IS NULL
            OR i.opened_at < %(at)s AND (i.is_open OR COALESCE(i.closed_at, i.updated_at) >= %(at)s))
       AND (NOT %(overdue)s::boolean OR i.due_at < %(at)s)
       AND (%(teams)s::text[] IS NULL
            OR i.team_id IN (SELECT t.id FROM issues_team t WHERE t.slug = ANY (%(teams)s)))
       AND (%(channels)s::text[] IS NULL OR i.channel = ANY (%(channels)s))
       AND (%(area_codes)s::text[] IS NULL OR EXISTS (
               SELECT FROM layers_layer l
                 JOIN layers_layerversion v ON v.layer_id = l.id AND v.state = 'active'
                 JOIN layers_featurepart p ON p.version_id = v.id AND ST_DWithin(p.geom, i.geom, 1e-9)
                WHERE l.slug = %(boundary)s)
            AND EXISTS (
               SELECT FROM unnest(%(area_layers)s::text[], %(area_codes)s::text[]) AS a (layer, code)
                WHERE a.code = (
                   SELECT f.code FROM layers_layer l
                     JOIN layers_layerversion v ON v.layer_id = l.id AND v.state = 'active'
                     JOIN layers_featurepart p ON p.version_id = v.id AND ST_DWithin(p.geom, i.geom, 1e-9)
                     JOIN layers_feature f ON f.id = p.feature_id
                    WHERE l.slug = a.layer AND l.kind = 'area' ORDER BY f.rank, f.code LIMIT 1)))
     GROUP BY 1, 2
), inside AS (
    SELECT x - %(x)s * %(cells)s AS x, y - %(y)s * %(cells)s AS y,
           (exact + CASE WHEN rough >= %(least)s THEN rough ELSE 0 END)::int AS n
      FROM cell
), shown AS MATERIALIZED (
    SELECT x, y, n FROM inside
     WHERE n > 0 AND x BETWEEN 0 AND %(cells)s - 1 AND y BETWEEN 0 AND %(cells)s - 1
)
SELECT (SELECT ST_AsMVT(feature, 'heat', 4096, 'geom')
          FROM (SELECT ST_MakePoint((x + 0.5) * 4096 / %(cells)s, (y + 0.5) * 4096 / %(cells)s) AS geom, n
                  FROM shown) AS feature) AS tile,
       ARRAY(SELECT y * %(cells)s + x FROM shown ORDER BY y, x) AS cells,
       ARRAY(SELECT n FROM shown ORDER BY y, x) AS numbers
