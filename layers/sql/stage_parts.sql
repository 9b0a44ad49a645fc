-- The pieces of at most 64 vertices that point queries read.
INSERT INTO layers_featurepart (feature_id, version_id, geom)
SELECT f.id, f.version_id, part
  FROM layers_feature f, ST_Subdivide(f.geom, 64) AS part
 WHERE f.version_id = %(version)s::bigint AND ST_Dimension(f.geom) = 2 AND ST_Dimension(part) = 2
