-- The counts of every month, from the ratings themselves; for an empty table of counts.
INSERT INTO issues_ratingmonth (service_id, district, month, n1, n2, n3, n4, n5)
SELECT k.service_id, k.district, date_trunc('month', r.rated_at AT TIME ZONE %(zone)s)::date,
       count(*) FILTER (WHERE r.face = 1), count(*) FILTER (WHERE r.face = 2),
       count(*) FILTER (WHERE r.face = 3), count(*) FILTER (WHERE r.face = 4),
       count(*) FILTER (WHERE r.face = 5)
  FROM issues_rating r
 CROSS JOIN LATERAL (
     SELECT r.service_id, '' AS district
      UNION ALL SELECT r.service_id, r.district WHERE r.district <> ''
      UNION ALL SELECT NULL, r.district WHERE r.district <> '') k
 GROUP BY 1, 2, 3
