-- Keeps the contours and outlines of a run; shapes come in the metric reference system, in WKB.
INSERT INTO maps_hotspotshape (run_id, kind, rank, geom, area, n, per_km2, share)
SELECT %(run)s::bigint, s.kind, s.rank,
       ST_Transform(ST_SimplifyPreserveTopology(ST_GeomFromWKB(s.shape, :metric), %(thin)s::float8), 4326),
       s.area, s.n, s.per_km2, s.share
  FROM unnest(%(kind)s::text[], %(rank)s::int[], %(shape)s::bytea[], %(area)s::text[], %(n)s::int[],
              %(per_km2)s::float8[], %(share)s::float8[])
       AS s (kind, rank, shape, area, n, per_km2, share)
