-- The next letter that is due and that nobody holds, leased to this worker, with whom it is for.
WITH next AS (
    SELECT id FROM issues_alertletter
     WHERE state = 'waiting' AND available_at <= %(now)s::timestamptz AND attempts < %(most)s::integer
     ORDER BY available_at, id
     LIMIT 1 FOR UPDATE SKIP LOCKED
)
UPDATE issues_alertletter l
   SET attempts = l.attempts + 1, available_at = %(until)s::timestamptz
  FROM next, issues_alert a
 WHERE l.id = next.id AND a.id = l.alert_id
RETURNING l.id, l.key, l.kind, l.total, l.items, l.attempts, l.alert_id, a.contact_id, a.language,
          a.confirmed_at IS NOT NULL AS is_confirmed, a.ended_at IS NOT NULL AS is_over
