-- Resolved requests that nobody has contested for so long are confirmed. What is locked waits.
WITH ripe AS MATERIALIZED (
    SELECT i.id, i.due_at FROM issues_issue i
     WHERE i.state = 'resolved' AND i.source = '' AND i.closed_at <= %(resolved_before)s::timestamptz
     ORDER BY i.closed_at, i.id
     LIMIT %(limit)s::int
       FOR UPDATE SKIP LOCKED
), confirmed AS (
    UPDATE issues_issue i SET state = 'confirmed', updated_at = %(now)s::timestamptz
      FROM ripe WHERE i.id = ripe.id
), told AS (
    INSERT INTO issues_event (issue_id, code, at, recorded_at, is_public, by, data)
    SELECT id, 'confirmed', %(now)s::timestamptz, %(now)s::timestamptz, true, 'system',
           jsonb_build_object('automatic', true, 'state', 'confirmed', 'due_at', due_at)
      FROM ripe ORDER BY id
    RETURNING issue_id
)
SELECT count(pg_notify('issue_events', issue_id::text)) AS told FROM told
