-- Ratings by service, in a period and in the one before it, of the whole city or of one district.
WITH counted AS (
    SELECT service_id,
           array[sum(n1) FILTER (WHERE month >= %(first)s), sum(n2) FILTER (WHERE month >= %(first)s),
                 sum(n3) FILTER (WHERE month >= %(first)s), sum(n4) FILTER (WHERE month >= %(first)s),
                 sum(n5) FILTER (WHERE month >= %(first)s)]::int[] AS now,
           array[sum(n1) FILTER (WHERE month < %(first)s), sum(n2) FILTER (WHERE month < %(first)s),
                 sum(n3) FILTER (WHERE month < %(first)s), sum(n4) FILTER (WHERE month < %(first)s),
                 sum(n5) FILTER (WHERE month < %(first)s)]::int[] AS before
      FROM issues_ratingmonth
     WHERE district = %(district)s AND month >= %(earlier)s AND month < %(end)s AND service_id IS NOT NULL
     GROUP BY service_id
)
SELECT s.code, s.name, h.slug AS theme, h.name AS theme_name, d.code AS department,
       d.acronym AS department_acronym, d.name AS department_name, c.now, c.before, b.score AS baseline
  FROM issues_service s
  JOIN issues_theme h ON h.id = s.theme_id
  JOIN issues_department d ON d.id = s.department_id
  LEFT JOIN counted c ON c.service_id = s.id
  LEFT JOIN issues_ratingbaseline b ON b.service_id = s.id AND b.year = %(baseline)s
 WHERE s.is_active OR c.service_id IS NOT NULL
 ORDER BY s.name
