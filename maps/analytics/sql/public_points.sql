-- The newest requests of services whose exact point is public: place, service, day and state.
SELECT ST_Y(i.public_geom) AS lat, ST_X(i.public_geom) AS lng, i.protocol, s.name AS service, i.is_open,
       (i.opened_at AT TIME ZONE %(zone)s)::date AS opened_on
  FROM issues_issue i
  JOIN issues_service s ON s.id = i.service_id
 WHERE i.public_geom IS NOT NULL AND s.precision = 'exact'
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
 ORDER BY i.opened_at DESC, i.id DESC
 LIMIT %(limit)s
