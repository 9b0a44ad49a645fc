-- The city at a glance: requests opened in a period, in all, by theme, by district and by month.
WITH hit AS MATERIALIZED (
    SELECT s.theme_id, i.district,
           date_trunc('month', i.opened_at AT TIME ZONE %(zone)s::text)::date AS month,
           i.state IN ('resolved', 'confirmed') AS resolved,
           CASE WHEN NOT i.is_open THEN i.closed_at <= i.due_at
                WHEN i.due_at < %(now)s::timestamptz THEN false END AS on_time,
           extract(epoch FROM i.closed_at - i.opened_at)::float8 / 86400 AS days,
           r.issue_id IS NOT NULL AS reopened
      FROM issues_issue i
      JOIN issues_service s ON s.id = i.service_id
      LEFT JOIN (SELECT DISTINCT issue_id FROM issues_resolution WHERE reopened_at IS NOT NULL) AS r
             ON r.issue_id = i.id
     WHERE i.opened_at >= %(since)s::timestamptz AND i.opened_at < %(before)s::timestamptz
       AND (%(theme)s::text = '' OR s.theme_id = (SELECT h.id FROM issues_theme h WHERE h.slug = %(theme)s::text))
       AND (%(district)s::text = '' OR i.district = %(district)s::text)
), counted AS (
    SELECT GROUPING(theme_id) = 0 AS by_theme, GROUPING(district) = 0 AS by_district, GROUPING(month) = 0 AS by_month,
           theme_id, district, month, count(*)::int AS received,
           count(*) FILTER (WHERE resolved)::int AS resolved,
           count(*) FILTER (WHERE on_time)::int AS on_time,
           count(on_time)::int AS judged,
           percentile_cont(0.5) WITHIN GROUP (ORDER BY days) FILTER (WHERE resolved) AS median_days,
           count(*) FILTER (WHERE reopened)::int AS reopened
      FROM hit GROUP BY GROUPING SETS ((), (theme_id), (district), (month))
)
SELECT CASE WHEN c.by_theme THEN 'theme' WHEN c.by_district THEN 'district' WHEN c.by_month THEN 'month' ELSE 'all' END
           AS kind,
       COALESCE(h.slug, c.district, c.month::text, '') AS code, COALESCE(h.name, '') AS name,
       c.received, c.resolved, c.on_time, c.judged, c.median_days, c.reopened
  FROM counted c
  LEFT JOIN issues_theme h ON h.id = c.theme_id
 ORDER BY kind, CASE WHEN c.by_month THEN extract(epoch FROM c.month) ELSE c.received END DESC, code
