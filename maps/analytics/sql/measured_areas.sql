-- The published areas of a layer (WKB, metric) with a number that its file gave each of them.
SELECT ST_AsBinary(ST_Transform(f.geom, :metric)) AS shape, (f.properties ->> %(property)s)::float8 AS amount
  FROM layers_layer l
  JOIN layers_layerversion v ON v.layer_id = l.id AND v.state = 'active'
  JOIN layers_feature f ON f.version_id = v.id
 WHERE l.slug = %(layer)s AND l.kind = 'area'
   AND f.properties ->> %(property)s ~ '^\s*[0-9]+(\.[0-9]+)?\s*$'
 ORDER BY f.id
