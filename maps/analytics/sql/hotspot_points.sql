-- Requests opened in a period, for the hotspots: degrees, day from the first, and whether the place is rough.
COPY (
    SELECT ST_X(p.geom) AS lng, ST_Y(p.geom) AS lat,
           (i.opened_at AT TIME ZONE %(zone)s)::date - %(first)s::date AS day, s.precision <> 'exact' AS rough
      FROM issues_issue i
      JOIN issues_service s ON s.id = i.service_id
     CROSS JOIN LATERAL (SELECT CASE WHEN NOT %(public)s::boolean THEN i.geom
                                     WHEN s.precision <> 'area' THEN i.public_geom END AS geom) AS p
     WHERE p.geom IS NOT NULL
       AND i.opened_at >= %(since)s::timestamptz AND i.opened_at < %(before)s::timestamptz
       AND (%(services)s::text[] IS NULL OR s.code = ANY (%(services)s::text[]))
       AND (%(theme)s = '' OR s.theme_id = (SELECT h.id FROM issues_theme h WHERE h.slug = %(theme)s))
     ORDER BY i.opened_at, i.id
) TO STDOUT (FORMAT binary)
