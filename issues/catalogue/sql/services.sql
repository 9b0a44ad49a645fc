-- Active services by name, without their questions; of one theme where given.
SELECT s.id, s.code, s.name, s.description,
       t.id AS theme_id, t.slug AS theme, t.name AS theme_name,
       d.id AS department_id, d.code AS department, d.acronym AS department_name,
       s.geolocated, s.target, s.target_unit, s.channels, s.precision, s.moderation,
       s.duplicate_radius_m, s.keywords, s.popularity, s.is_active
  FROM issues_service s
  JOIN issues_theme t ON t.id = s.theme_id
  JOIN issues_department d ON d.id = s.department_id
 WHERE s.is_active AND (%(theme)s::text IS NULL OR t.slug = %(theme)s)
 ORDER BY s.name
