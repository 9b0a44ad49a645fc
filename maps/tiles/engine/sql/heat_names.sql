-- What codes stand for: each service's precision and theme, and the teams.
SELECT 'service' AS kind, s.id, s.code, s.precision, h.slug AS theme
  FROM issues_service s JOIN issues_theme h ON h.id = s.theme_id
UNION ALL
SELECT 'team', t.id, t.slug, '', '' FROM issues_team t
