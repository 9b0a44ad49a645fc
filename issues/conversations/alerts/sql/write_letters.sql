-- Letters for the alerts that are due: what we learnt since the last one and the public may know; each moves on.
WITH due AS MATERIALIZED (
    SELECT a.id, a.told_until, a.every, a.resolved, a.neighbourhood, a.district, a.theme_id, a.service_id,
           a.area IS NOT NULL AS drawn
      FROM issues_alert a
     WHERE a.confirmed_at IS NOT NULL AND a.ended_at IS NULL AND a.next_at <= %(now)s::timestamptz
     ORDER BY a.next_at, a.id
     LIMIT %(limit)s::integer FOR UPDATE SKIP LOCKED
), since AS (
    SELECT min(told_until) AS moment FROM due
), news AS MATERIALIZED (
    SELECT i.id, 'opened' AS what, i.opened_at AS at, i.service_id, s.theme_id, i.neighbourhood, i.district, i.public_geom
      FROM issues_issue i JOIN issues_service s ON s.id = i.service_id
     WHERE i.opened_at >= (SELECT moment FROM since) AND i.opened_at < %(until)s::timestamptz AND i.source = ''
     UNION ALL
    SELECT i.id, 'resolved', e.recorded_at, i.service_id, s.theme_id, i.neighbourhood, i.district, i.public_geom
      FROM issues_issue i
      JOIN issues_service s ON s.id = i.service_id
      JOIN issues_resolution r ON r.issue_id = i.id AND r.reopened_at IS NULL
      JOIN issues_event e ON e.id = r.event_id
     WHERE i.updated_at >= (SELECT moment FROM since) AND NOT i.is_open AND i.source = ''
       AND e.recorded_at >= (SELECT moment FROM since) AND e.recorded_at < %(until)s::timestamptz
), matched AS (
    SELECT d.id AS alert, n.id, n.what, n.at
      FROM news n
      -- A request that is shown by area alone has no public point: no drawn area tells where it is.
      JOIN issues_alert a ON ST_Intersects(a.area, n.public_geom)
      JOIN due d ON d.id = a.id
     WHERE n.at >= d.told_until AND (n.what = 'opened' OR d.resolved)
       AND (d.service_id IS NULL OR d.service_id = n.service_id) AND (d.theme_id IS NULL OR d.theme_id = n.theme_id)
     UNION ALL
    SELECT d.id, n.id, n.what, n.at
      FROM due d
      JOIN news n ON n.neighbourhood = d.neighbourhood
     WHERE NOT d.drawn AND d.neighbourhood <> '' AND n.at >= d.told_until AND (n.what = 'opened' OR d.resolved)
       AND (d.service_id IS NULL OR d.service_id = n.service_id) AND (d.theme_id IS NULL OR d.theme_id = n.theme_id)
     UNION ALL
    SELECT d.id, n.id, n.what, n.at
      FROM due d
      JOIN news n ON n.district = d.district
     WHERE NOT d.drawn AND d.neighbourhood = '' AND d.district <> ''
       AND n.at >= d.told_until AND (n.what = 'opened' OR d.resolved)
       AND (d.service_id IS NULL OR d.service_id = n.service_id) AND (d.theme_id IS NULL OR d.theme_id = n.theme_id)
     UNION ALL
    SELECT d.id, n.id, n.what, n.at
      FROM due d
      JOIN news n ON n.service_id = d.service_id
     WHERE NOT d.drawn AND d.neighbourhood = '' AND d.district = ''
       AND n.at >= d.told_until AND (n.what = 'opened' OR d.resolved)
     UNION ALL
    SELECT d.id, n.id, n.what, n.at
      FROM due d
      JOIN news n ON n.theme_id = d.theme_id
     WHERE NOT d.drawn AND d.neighbourhood = '' AND d.district = '' AND d.service_id IS NULL
       AND n.at >= d.told_until AND (n.what = 'opened' OR d.resolved)
), ranked AS (
    SELECT m.alert, m.id, m.what, row_number() OVER (PARTITION BY m.alert ORDER BY m.at DESC, m.id DESC) AS n
      FROM matched m
), written AS (
    INSERT INTO issues_alertletter (key, alert_id, kind, total, items, state, created_at, available_at, attempts, failure)
    SELECT gen_random_uuid(), r.alert, 'news', count(*),
           jsonb_agg(jsonb_build_array(r.id, r.what) ORDER BY r.n) FILTER (WHERE r.n <= %(most)s::integer),
           'waiting', %(now)s::timestamptz, %(now)s::timestamptz, 0, ''
      FROM ranked r GROUP BY r.alert
    RETURNING id
), moved AS (
    UPDATE issues_alert a
       SET told_until = GREATEST(a.told_until, %(until)s::timestamptz),
           next_at = CASE a.every WHEN 'day' THEN %(tomorrow)s::timestamptz ELSE %(monday)s::timestamptz END
      FROM due WHERE a.id = due.id
    RETURNING a.id
)
SELECT (SELECT count(*) FROM moved) AS looked, (SELECT count(*) FROM written) AS written
