-- A point inside each area of a version, with its name.
SELECT f.code, f.name, ST_X(m.geom) AS lng, ST_Y(m.geom) AS lat
  FROM layers_feature f
 CROSS JOIN LATERAL (SELECT ST_PointOnSurface(f.geom) AS geom) AS m
 WHERE f.version_id = %(version)s::bigint
