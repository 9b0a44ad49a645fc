-- The areas of a published layer with their size.
SELECT f.code, f.name, f.area_m2
  FROM layers_layer l
  JOIN layers_layerversion v ON v.layer_id = l.id AND v.state = 'active'
  JOIN layers_feature f ON f.version_id = v.id
 WHERE l.slug = %(layer)s::text AND l.kind = 'area'
 ORDER BY f.name, f.code
