-- The points of a period's requests, page by page.
SELECT id, ST_X(geom) AS lng, ST_Y(geom) AS lat
  FROM issues_issue
 WHERE id > %(after)s::bigint AND geom IS NOT NULL
   AND opened_at >= %(from)s::timestamptz AND opened_at < %(until)s::timestamptz
 ORDER BY id
 LIMIT %(limit)s::int
