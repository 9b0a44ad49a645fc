-- The hotspots of a run by neighbourhood, the strongest first: cells and requests, hot and cold, and histories.
SELECT c.area, count(*) FILTER (WHERE c.heat > 0)::int AS hot, count(*) FILTER (WHERE c.heat < 0)::int AS cold,
       coalesce(sum(c.n) FILTER (WHERE c.heat > 0), 0)::int AS n,
       max(c.z) FILTER (WHERE c.heat > 0) AS z,
       array_remove(array_agg(DISTINCT c.pattern), '')::text[] AS patterns
  FROM maps_hotspotcell c
 WHERE c.run_id = %(run)s AND (c.heat <> 0 OR c.pattern <> '')
 GROUP BY c.area
 ORDER BY z DESC NULLS LAST, c.area
