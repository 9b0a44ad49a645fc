-- How many requests an alert would have told of in a period.
SELECT count(*)::int AS n
  FROM issues_issue i
  JOIN issues_service s ON s.id = i.service_id
 WHERE i.opened_at >= %(since)s::timestamptz AND i.opened_at < %(until)s::timestamptz AND i.source = ''
   AND (%(area)s::text IS NULL OR ST_Intersects(ST_GeomFromText(%(area)s::text, 4326), i.public_geom))
   AND (%(area)s::text IS NOT NULL OR %(neighbourhood)s::text = '' OR i.neighbourhood = %(neighbourhood)s::text)
   AND (%(area)s::text IS NOT NULL OR %(neighbourhood)s::text <> '' OR %(district)s::text = ''
        OR i.district = %(district)s::text)
   AND (%(service)s::text = '' OR s.code = %(service)s::text)
   AND (%(theme)s::text = '' OR s.theme_id = (SELECT t.id FROM issues_theme t WHERE t.slug = %(theme)s::text))
