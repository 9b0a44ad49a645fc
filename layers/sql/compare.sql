-- Two versions of a layer side by side, matched by code; metres and square metres.
WITH before AS (SELECT code, name, area_m2, geom FROM layers_feature WHERE version_id = %(before)s::bigint),
     after AS (SELECT code, name, area_m2, geom FROM layers_feature WHERE version_id = %(after)s::bigint)
SELECT COALESCE(a.code, b.code) AS code, b.name AS old_name, a.name AS new_name,
       COALESCE(b.area_m2, 0) AS before_m2, COALESCE(a.area_m2, 0) AS after_m2,
       CASE WHEN ST_Dimension(a.geom) = 2 AND ST_Dimension(b.geom) = 2 AND NOT a.geom = b.geom
            THEN ST_Area(ST_SymDifference(ST_Transform(a.geom, :metric), ST_Transform(b.geom, :metric)))
            ELSE 0 END AS moved_m2,
       CASE WHEN ST_Dimension(a.geom) = 0 AND ST_Dimension(b.geom) = 0
            THEN ST_Distance(ST_Transform(a.geom, :metric), ST_Transform(b.geom, :metric))
            ELSE 0 END AS moved_m
  FROM before b FULL JOIN after a USING (code)
 ORDER BY code
