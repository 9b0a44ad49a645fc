-- Where some requests are.
SELECT id, ST_X(geom) AS lng, ST_Y(geom) AS lat FROM issues_issue WHERE id = ANY (%(ids)s::bigint[])
