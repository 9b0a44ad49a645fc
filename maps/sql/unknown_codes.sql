-- The first of these codes that no service, or no theme, has.
SELECT 'service' AS field, given.code
  FROM unnest(%(services)s::text[]) WITH ORDINALITY AS given (code, position)
 WHERE NOT EXISTS (SELECT FROM issues_service s WHERE s.code = given.code)
UNION ALL
SELECT 'theme', given.code
  FROM unnest(%(themes)s::text[]) WITH ORDINALITY AS given (code, position)
 WHERE NOT EXISTS (SELECT FROM issues_theme h WHERE h.slug = given.code)
 LIMIT 1
