-- Every piece of the published streets as a line in degrees and in metres, for the graph of ways.
SELECT ST_AsBinary(s.geom) AS shape, ST_AsBinary(ST_Transform(s.geom, :metric)) AS metric
  FROM layers_street s
 WHERE s.version_id = ANY (%(versions)s::bigint[])
 ORDER BY s.id
