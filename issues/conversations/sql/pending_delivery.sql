-- The next outbox row that nobody else is spreading, locked, with what it is about.
WITH next AS (
    SELECT id FROM issues_delivery
     WHERE delivered_at IS NULL AND available_at <= %(now)s::timestamptz
     ORDER BY available_at, id
     LIMIT 1 FOR UPDATE SKIP LOCKED
)
SELECT d.id, d.event_id, d.issue_id, d.kind, d.attempts, e.code, e.is_public, i.priority
  FROM next
  JOIN issues_delivery d ON d.id = next.id
  JOIN issues_event e ON e.id = d.event_id
  JOIN issues_issue i ON i.id = d.issue_id
