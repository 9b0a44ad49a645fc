-- What stands at the positions of the columns: every service with its theme, every team with its department.
SELECT 'service' AS kind, s.id, s.code, s.name, h.slug AS group_code, h.name AS group_name
  FROM issues_service s JOIN issues_theme h ON h.id = s.theme_id
UNION ALL
SELECT 'team', t.id, t.slug, t.name, d.code, d.acronym
  FROM issues_team t JOIN issues_department d ON d.id = t.department_id
