-- Messages of the last days by day, channel and state.
SELECT (n.created_at AT TIME ZONE %(zone)s::text)::date AS day, n.channel, n.state, count(*) AS n,
       count(*) FILTER (WHERE n.state = 'waiting' AND n.attempts > 0) AS failing
  FROM issues_notice n
 WHERE n.created_at >= %(since)s::timestamptz
 GROUP BY 1, 2, 3
 ORDER BY 1, 2, 3
