-- One service with its questions in order.
SELECT s.id, s.code, s.name, s.description,
       t.id AS theme_id, t.slug AS theme, t.name AS theme_name,
       d.id AS department_id, d.code AS department, d.acronym AS department_name,
       s.geolocated, s.target, s.target_unit, s.channels, s.precision, s.moderation,
       s.duplicate_radius_m, s.keywords, s.popularity, s.is_active,
       (SELECT json_agg(json_build_object('code', q.code, 'datatype', q.datatype, 'required', q.required,
                                          'text', q.text, 'hint', q.hint, 'values', q.values) ORDER BY q."order")
          FROM issues_question q WHERE q.service_id = s.id) AS questions
  FROM issues_service s
  JOIN issues_theme t ON t.id = s.theme_id
  JOIN issues_department d ON d.id = s.department_id
 WHERE s.code = %(code)s
