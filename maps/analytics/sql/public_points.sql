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
 ORDER BY i.opened_at DESC, i.id DESC
 LIMIT %(limit)s
