-- The first of these codes that no service, theme, team or area of a published layer has.
SELECT 'service' AS field, given.code
  FROM unnest(%(services)s::text[]) WITH ORDINALITY AS given (code, position)
 WHERE NOT EXISTS (SELECT FROM issues_service s WHERE s.code = given.code)
UNION ALL
SELECT 'theme', given.code
  FROM unnest(%(themes)s::text[]) WITH ORDINALITY AS given (code, position)
 WHERE NOT EXISTS (SELECT FROM issues_theme h WHERE h.slug = given.code)
UNION ALL
SELECT 'team', given.code
  FROM unnest(%(teams)s::text[]) WITH ORDINALITY AS given (code, position)
 WHERE NOT EXISTS (SELECT FROM issues_team t WHERE t.slug = given.code)
UNION ALL
SELECT 'area', given.layer || ':' || given.code
  FROM unnest(%(layers)s::text[], %(codes)s::text[]) AS given (layer, code)
 WHERE NOT EXISTS (
    SELECT FROM layers_layer l
      JOIN layers_layerversion v ON v.layer_id = l.id AND v.state = 'active'
      JOIN layers_feature f ON f.version_id = v.id AND f.code = given.code
     WHERE l.slug = given.layer AND l.kind = 'area')
 LIMIT 1
