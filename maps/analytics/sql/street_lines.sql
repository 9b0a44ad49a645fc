-- Every published street centreline (WKB) in the metric reference system.
SELECT ST_AsBinary(ST_Transform(t.geom, :metric)) AS shape
  FROM layers_layer l
  JOIN layers_layerversion v ON v.layer_id = l.id AND v.state = 'active'
  JOIN layers_street t ON t.version_id = v.id
 WHERE l.kind = 'street'
 ORDER BY t.id
