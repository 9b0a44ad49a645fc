-- What is open, late, due soon, closed, unproved and reopened: in all, by team, region, state and age.
WITH held AS MATERIALIZED (
    SELECT team_id, district, state,
           CASE WHEN opened_at > %(now)s::timestamptz - interval '7 days' THEN 'a7'
                WHEN opened_at > %(now)s::timestamptz - interval '30 days' THEN 'b30'
                WHEN opened_at > %(now)s::timestamptz - interval '90 days' THEN 'c90'
                ELSE 'd' END AS age,
           count(*) AS n,
           count(*) FILTER (WHERE due_at < %(now)s::timestamptz AND state <> 'waiting') AS overdue,
           count(*) FILTER (WHERE due_at >= %(now)s::timestamptz AND due_at < %(soon)s::timestamptz
                              AND state <> 'waiting') AS soon,
           min(due_at) FILTER (WHERE state <> 'waiting') AS oldest
      FROM issues_issue
     WHERE is_open AND (%(teams)s::bigint[] IS NULL OR team_id = ANY (%(teams)s::bigint[]))
     GROUP BY 1, 2, 3, 4
), done AS MATERIALIZED (
    SELECT r.team_id, i.district, count(*) AS closed, count(*) FILTER (WHERE r.missing <> '') AS unproved,
           count(r.reopened_at) AS reopened
      FROM issues_resolution r
      JOIN issues_issue i ON i.id = r.issue_id
     WHERE r.at >= %(since)s::timestamptz
       AND (%(teams)s::bigint[] IS NULL OR r.team_id = ANY (%(teams)s::bigint[]))
     GROUP BY 1, 2
), told AS (
    SELECT 'all' AS kind, '' AS code, n, overdue, soon, oldest, 0 AS closed, 0 AS unproved, 0 AS reopened FROM held
     UNION ALL SELECT 'team', team_id::text, n, overdue, soon, oldest, 0, 0, 0 FROM held
     UNION ALL SELECT 'district', district, n, overdue, soon, oldest, 0, 0, 0 FROM held
     UNION ALL SELECT 'state', state, n, overdue, soon, oldest, 0, 0, 0 FROM held
     UNION ALL SELECT 'age', age, n, overdue, soon, oldest, 0, 0, 0 FROM held
     UNION ALL SELECT 'all', '', 0, 0, 0, NULL, closed, unproved, reopened FROM done
     UNION ALL SELECT 'team', team_id::text, 0, 0, 0, NULL, closed, unproved, reopened FROM done
     UNION ALL SELECT 'district', district, 0, 0, 0, NULL, closed, unproved, reopened FROM done
)
SELECT told.kind, COALESCE(t.slug, told.code) AS code, COALESCE(t.name, '') AS name,
       sum(n)::int AS open, sum(overdue)::int AS overdue, sum(soon)::int AS soon, min(oldest) AS oldest_due_at,
       sum(closed)::int AS closed, sum(unproved)::int AS unproved, sum(reopened)::int AS reopened
  FROM told
  LEFT JOIN issues_team t ON told.kind = 'team' AND t.id::text = told.code
 GROUP BY 1, 2, 3
 ORDER BY 1, sum(overdue) DESC, sum(n) DESC, 2
