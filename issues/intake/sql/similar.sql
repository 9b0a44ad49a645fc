-- Open requests of a service near a point, nearest first; what is shown obeys the precision.
WITH p AS MATERIALIZED (  -- else every plan pays for projecting it again and avoids the spatial index
    SELECT ST_Transform(ST_SetSRID(ST_MakePoint(%(lng)s::float8, %(lat)s::float8), 4326), :metric) AS geom
)
SELECT i.protocol, s.code AS service, s.name AS service_name,
       ST_Distance(ST_Transform(i.public_geom, :metric), p.geom) AS distance_m,
       i.opened_at, i.due_at, i.state,
       CASE WHEN s.precision = 'exact' THEN i.address ELSE '' END AS address,
       ST_X(i.public_geom) AS lng, ST_Y(i.public_geom) AS lat, i.followers
  FROM p
  JOIN issues_issue i ON ST_DWithin(ST_Transform(i.geom, :metric), p.geom, %(radius_m)s::float8)
  JOIN issues_service s ON s.id = i.service_id
 WHERE i.service_id = %(service)s::bigint AND i.is_open AND i.geom IS NOT NULL
   AND i.public_geom IS NOT NULL
 ORDER BY ST_Transform(i.geom, :metric) <-> p.geom, i.id
 LIMIT %(limit)s::int
