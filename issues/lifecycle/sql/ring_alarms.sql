-- Warnings when four fifths have run, and ends of time: an event and a notice each. What is locked waits.
WITH due AS MATERIALIZED (
    SELECT c.id, c.issue_id, c.step_id, c.due_at, c.due_at <= %(now)s::timestamptz AS is_up
      FROM issues_clockrun c
      JOIN issues_issue i ON i.id = c.issue_id
     WHERE c.stopped_at IS NULL AND c.alarm_at <= %(now)s::timestamptz
     ORDER BY c.alarm_at, c.issue_id, c.id
     LIMIT %(limit)s::int
       FOR UPDATE OF i, c SKIP LOCKED
), rung AS (
    UPDATE issues_clockrun c
       SET warned_at = COALESCE(c.warned_at, %(now)s::timestamptz),
           escalated_at = CASE WHEN due.is_up THEN %(now)s::timestamptz END,
           alarm_at = CASE WHEN NOT due.is_up THEN c.due_at END
      FROM due
     WHERE c.id = due.id
), told AS (
    INSERT INTO issues_event (issue_id, code, at, recorded_at, is_public, by, data)
    SELECT due.issue_id, CASE WHEN due.is_up THEN 'overdue' ELSE 'due_soon' END,
           %(now)s::timestamptz, %(now)s::timestamptz, false, 'system',
           jsonb_build_object('due_at', due.due_at, 'team', t.slug, 'team_name', t.name, 'step', s.code)
      FROM due
      JOIN issues_issue i ON i.id = due.issue_id
      LEFT JOIN issues_issuestep s ON s.id = due.step_id
      JOIN issues_team t ON t.id = COALESCE(s.team_id, i.team_id)
     ORDER BY due.issue_id, due.id
    RETURNING id, issue_id, code
), outbox AS (
    INSERT INTO issues_delivery (event_id, issue_id, kind, created_at, available_at, attempts, failure)
    SELECT id, issue_id, 'team_notice', %(now)s::timestamptz, %(now)s::timestamptz, 0, '' FROM told
)
SELECT count(*) FILTER (WHERE code = 'due_soon') AS warned,
       count(*) FILTER (WHERE code = 'overdue') AS escalated,
       count(pg_notify('issue_events', issue_id::text)) AS told
  FROM told
