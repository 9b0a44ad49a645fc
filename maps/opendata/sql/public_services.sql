-- What can be asked of the city, by when, and how much of it is public.
SELECT s.id AS _key, NULL::timestamptz AS _at,
       s.code, s.name, s.description, h.slug AS theme, h.name AS theme_name, d.code AS department,
       d.name AS department_name, s.target, s.target_unit, s.geolocated,
       array_to_string(s.channels, ';') AS channels, s.precision, s.moderation, s.is_active
  FROM issues_service s
  JOIN issues_theme h ON h.id = s.theme_id
  JOIN issues_department d ON d.id = s.department_id
