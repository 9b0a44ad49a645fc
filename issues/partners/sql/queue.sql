-- Messages to one partner: those that are stuck, then those that wait, then the latest that went.
SELECT p.id, p.kind, p.state, p.attempts, p.created_at, p.available_at, p.settled_at, p.failure,
       e.code, i.protocol, v.name AS service, w.remote_id, w.token, w.failure AS not_done, w.heard_status
  FROM issues_forwarding w
  JOIN issues_parcel p ON p.forwarding_id = w.id
  JOIN issues_event e ON e.id = p.event_id
  JOIN issues_issue i ON i.id = w.issue_id
  JOIN issues_service v ON v.id = i.service_id
 WHERE w.partner_id = %(partner)s::bigint AND p.state = ANY (%(states)s::text[])
   AND (%(before)s::bigint IS NULL OR p.id < %(before)s::bigint)
 ORDER BY p.id DESC
 LIMIT %(limit)s::integer
