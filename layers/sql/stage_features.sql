-- Features arrive from the copy of a file, with their areas in square metres.
INSERT INTO layers_feature (version_id, code, name, rank, properties, geom, area_m2)
SELECT %(version)s::bigint, code, name, rank, properties, geom,
       CASE WHEN ST_Dimension(geom) = 2 THEN ST_Area(ST_Transform(geom, :metric)) ELSE 0 END
  FROM staged_feature
