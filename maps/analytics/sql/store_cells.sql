-- Keeps the cells of a run; outlines come in the metric reference system, in WKB.
INSERT INTO maps_hotspotcell (run_id, code, geom, area, n, rate, z, p, heat, pattern, trend)
SELECT %(run)s::bigint, c.code, ST_Transform(ST_GeomFromWKB(c.shape, :metric), 4326), c.area, c.n,
       c.rate, c.z, c.p, c.heat, c.pattern, c.trend
  FROM unnest(%(code)s::text[], %(shape)s::bytea[], %(area)s::text[], %(n)s::int[], %(rate)s::float8[],
              %(z)s::float8[], %(p)s::float8[], %(heat)s::smallint[], %(pattern)s::text[], %(trend)s::float8[])
       AS c (code, shape, area, n, rate, z, p, heat, pattern, trend)
