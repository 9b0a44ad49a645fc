-- Squares of a grid of Mercator cells with the number of requests in each; the same rules as heat tiles.
WITH cell AS (
    SELECT floor((ST_X(i.public_geom) + 180) / 360 * %(side)s)::int AS x,
           floor((0.5 - atanh(sin(radians(ST_Y(i.public_geom)))) / (2 * pi())) * %(side)s)::int AS y,
           count(*) FILTER (WHERE s.precision = 'exact') AS exact,
           count(*) FILTER (WHERE s.precision <> 'exact') AS rough
      FROM issues_issue i
      JOIN issues_service s ON s.id = i.service_id
     WHERE i.public_geom IS NOT NULL AND s.precision <> 'area'
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
), shown AS (
    SELECT x, y, (exact + CASE WHEN rough >= %(least)s THEN rough ELSE 0 END)::int AS n FROM cell
)
SELECT degrees(atan(sinh(pi() * (1 - 2 * (y + 0.5) / %(side)s)))) AS lat,
       (x + 0.5) / %(side)s * 360 - 180 AS lng, n
  FROM shown WHERE n > 0 ORDER BY n DESC, x, y
