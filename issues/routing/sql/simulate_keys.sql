-- How many requests of a period share everything that rules look at, with one of them as an example.
SELECT i.geom IS NULL AS placeless, i.service_id,
       CASE WHEN p.issue_id IS NULL THEN i.areas ELSE '{}' END AS areas,
       COALESCE(p.combination, -1) AS combination,
       COALESCE(n.specs, '{}') AS near,
       width_bucket(i.opened_at, %(turns)s::timestamptz[]) AS "window",
       count(*)::int AS count, min(i.opened_at) AS at, min(i.id) AS sample
  FROM issues_issue i
  LEFT JOIN tried_place p ON p.issue_id = i.id
  LEFT JOIN tried_near n ON n.issue_id = i.id
 WHERE i.opened_at >= %(from)s::timestamptz AND i.opened_at < %(until)s::timestamptz
 GROUP BY 1, 2, 3, 4, 5, 6
