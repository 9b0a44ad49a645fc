-- The next message that may go and that nobody holds: counted, leased to this worker, and in doubt from now on.
WITH next AS (
    SELECT p.id, p.in_doubt
      FROM issues_parcel p
      JOIN issues_forwarding w ON w.id = p.forwarding_id
      JOIN issues_partner s ON s.id = w.partner_id AND s.is_active AND s.id <> ALL (%(away)s::bigint[])
     WHERE p.state = 'waiting' AND p.available_at <= %(now)s::timestamptz
       -- A partner hears first of the request, and then what happened, in order.
       AND NOT EXISTS (SELECT FROM issues_parcel q
                        WHERE q.forwarding_id = p.forwarding_id AND q.id < p.id
                          AND (q.state IN ('waiting', 'unsure') OR q.state = 'dead' AND q.kind = 'report'))
       -- A number that is still to come is waited for.
       AND (p.kind = 'report' OR s.kind = 'webhook' OR w.remote_id <> '')
     ORDER BY p.available_at, p.id
     LIMIT 1 FOR UPDATE OF p SKIP LOCKED
)
UPDATE issues_parcel p
   SET attempts = p.attempts + 1, available_at = %(until)s::timestamptz, in_doubt = true
  FROM next
 WHERE p.id = next.id
RETURNING p.id, p.kind, p.attempts, next.in_doubt AS was_in_doubt, p.forwarding_id, p.event_id
