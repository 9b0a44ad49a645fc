-- Ratings of all services by district, in a period and in the one before it.
SELECT district AS code,
       array[sum(n1) FILTER (WHERE month >= %(first)s), sum(n2) FILTER (WHERE month >= %(first)s),
             sum(n3) FILTER (WHERE month >= %(first)s), sum(n4) FILTER (WHERE month >= %(first)s),
             sum(n5) FILTER (WHERE month >= %(first)s)]::int[] AS now,
       array[sum(n1) FILTER (WHERE month < %(first)s), sum(n2) FILTER (WHERE month < %(first)s),
             sum(n3) FILTER (WHERE month < %(first)s), sum(n4) FILTER (WHERE month < %(first)s),
             sum(n5) FILTER (WHERE month < %(first)s)]::int[] AS before
  FROM issues_ratingmonth
 WHERE service_id IS NULL AND district <> '' AND month >= %(earlier)s AND month < %(end)s
 GROUP BY district
