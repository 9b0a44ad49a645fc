-- Faces that requests of a period's months got: in all, by theme and month (of the city or one district), by district.
WITH hit AS MATERIALIZED (
    SELECT h.slug AS theme, m.month, m.district, m.n1, m.n2, m.n3, m.n4, m.n5
      FROM issues_ratingmonth m
      JOIN issues_service s ON s.id = m.service_id
      JOIN issues_theme h ON h.id = s.theme_id
     WHERE m.month >= %(first)s::date AND m.month < %(end)s::date
       AND (%(theme)s::text = '' OR h.slug = %(theme)s::text)
)
SELECT CASE WHEN GROUPING(theme) = 0 THEN 'theme' WHEN GROUPING(month) = 0 THEN 'month' ELSE 'all' END AS kind,
       COALESCE(theme, month::text, '') AS code,
       array[sum(n1), sum(n2), sum(n3), sum(n4), sum(n5)]::int[] AS faces
  FROM hit WHERE district = %(district)s::text
 GROUP BY GROUPING SETS ((), (theme), (month))
UNION ALL
SELECT 'district', district, array[sum(n1), sum(n2), sum(n3), sum(n4), sum(n5)]::int[]
  FROM hit WHERE district <> '' AND (%(district)s::text = '' OR district = %(district)s::text)
 GROUP BY district
