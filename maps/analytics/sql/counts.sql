-- Requests counted once in all, by area and by theme: whole, open, and how many have a public point.
-- A request whose area is not in the published version (an older edition's code) is placed by its point.
WITH hit AS MATERIALIZED (
    SELECT i.neighbourhood, i.geom, i.is_open, s.theme_id,
           s.precision <> 'area' AND i.public_geom IS NOT NULL AS mapped
      FROM issues_issue i
      JOIN issues_service s ON s.id = i.service_id
     WHERE (%(since)s::timestamptz IS NULL OR i.opened_at >= %(since)s)
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
), area AS MATERIALIZED (
    SELECT f.id, f.version_id, f.code, f.name, f.rank
      FROM layers_layer l
      JOIN layers_layerversion v ON v.layer_id = l.id AND v.state = 'active'
      JOIN layers_feature f ON f.version_id = v.id
     WHERE l.slug = %(layer)s
), placed AS (
    SELECT hit.is_open, hit.mapped, hit.theme_id,
           coalesce(a.id, CASE WHEN a.id IS NULL AND hit.geom IS NOT NULL THEN (
               SELECT f.id FROM layers_featurepart p JOIN area f ON f.id = p.feature_id
                WHERE ST_DWithin(p.geom, hit.geom, 1e-9) ORDER BY f.rank, f.code LIMIT 1) END) AS area_id
      FROM hit LEFT JOIN area a ON a.code = hit.neighbourhood
), counted AS (
    SELECT GROUPING(area_id) = 0 AS by_area, GROUPING(theme_id) = 0 AS by_theme, area_id, theme_id,
           count(*)::int AS n, count(*) FILTER (WHERE is_open)::int AS open,
           count(*) FILTER (WHERE mapped)::int AS mapped
      FROM placed GROUP BY GROUPING SETS ((), (area_id), (theme_id))
)
SELECT CASE WHEN c.by_area THEN 'area' WHEN c.by_theme THEN 'theme' ELSE 'all' END AS kind,
       coalesce(area.code, h.slug, '') AS code, coalesce(area.name, h.name, '') AS name,
       c.n, c.open, c.mapped
  FROM counted c
  LEFT JOIN area ON area.id = c.area_id
  LEFT JOIN issues_theme h ON h.id = c.theme_id
 ORDER BY kind, c.n DESC, name, code
