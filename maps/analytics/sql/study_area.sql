-- The published areas of a layer as one shape (WKB) in the metric reference system; null without any.
SELECT ST_AsBinary(ST_Union(ST_Transform(f.geom, :metric))) AS shape
  FROM layers_layer l
  JOIN layers_layerversion v ON v.layer_id = l.id AND v.state = 'active'
  JOIN layers_feature f ON f.version_id = v.id
 WHERE l.slug = %(layer)s
