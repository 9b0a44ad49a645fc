-- Ratings by service, in a period and in the one before it, of the whole city or of one district.
WITH counted AS MATERIALIZED (
    SELECT service_id, month >= %(first)s AS is_now,
           array[sum(n1), sum(n2), sum(n3), sum(n4), sum(n5)]::int[] AS faces
      FROM issues_ratingmonth
     WHERE district = %(district)s AND month >= %(earlier)s AND month < %(end)s AND service_id IS NOT NULL
     GROUP BY 1, 2
)
SELECT s.code, s.name, h.slug AS theme, h.name AS theme_name, d.code AS department,
       d.acronym AS department_acronym, d.name AS department_name,
       c.faces AS now, p.faces AS before, b.score AS baseline
  FROM issues_service s
  JOIN issues_theme h ON h.id = s.theme_id
  JOIN issues_department d ON d.id = s.department_id
  LEFT JOIN counted c ON c.service_id = s.id AND c.is_now
  LEFT JOIN counted p ON p.service_id = s.id AND NOT p.is_now
  LEFT JOIN issues_ratingbaseline b ON b.service_id = s.id AND b.year = %(baseline)s
 WHERE s.is_active OR c.service_id IS NOT NULL
 ORDER BY s.name
