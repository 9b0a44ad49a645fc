-- The areas of a version in the order in which they own a shared border.
SELECT id, code, name, ST_AsBinary(geom) AS shape
  FROM layers_feature
 WHERE version_id = %(version)s::bigint
 ORDER BY rank, code, id
