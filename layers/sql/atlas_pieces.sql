-- The pieces of a version's areas.
SELECT feature_id, ST_AsBinary(geom) AS shape
  FROM layers_featurepart
 WHERE version_id = %(version)s::bigint
