-- The cells of the public hotspots that are in force, each with its test.
SELECT c.id AS _key, r.finished_at AS _at, c.geom,
       r.theme, array_to_string(r.services, ';') AS services, r.first, r.last, c.code, c.area, c.n, c.rate, c.z, c.p,
       c.heat, c.pattern, c.trend, r.finished_at
  FROM maps_hotspotcell c
  JOIN maps_hotspotrun r ON r.id = c.run_id AND r.audience = 'public' AND r.is_current
