-- A point inside every piece of every area of some published layers.
SELECT DISTINCT ST_X(s.geom) AS lng, ST_Y(s.geom) AS lat
  FROM layers_featurepart p
  JOIN layers_layerversion v ON v.id = p.version_id AND v.state = 'active'
  JOIN layers_layer l ON l.id = v.layer_id AND l.slug = ANY (%(layers)s::text[])
 CROSS JOIN LATERAL (SELECT ST_PointOnSurface(p.geom) AS geom) s
