-- The next message that is due and that nobody holds: sealed, counted, and leased to this worker.
WITH next AS (
    SELECT id FROM issues_notice
     WHERE state = 'waiting' AND available_at <= %(now)s::timestamptz
       AND attempts < %(most)s::integer AND channel = ANY (%(channels)s::text[])
     ORDER BY available_at, id
     LIMIT 1 FOR UPDATE SKIP LOCKED
)
UPDATE issues_notice n
   SET attempts = n.attempts + 1, available_at = %(until)s::timestamptz,
       sealed_at = COALESCE(n.sealed_at, %(now)s::timestamptz)
  FROM next
 WHERE n.id = next.id
RETURNING n.id, n.key, n.channel, n.contact_id, n.user_id, n.attempts, n.is_urgent
