-- Requests at a partner that are open here or were until lately, and their numbers there.
SELECT w.id, w.remote_id, w.heard_status
  FROM issues_forwarding w
  JOIN issues_issue i ON i.id = w.issue_id
 WHERE w.partner_id = %(partner)s::bigint AND w.remote_id <> ''
   AND (i.is_open OR i.closed_at >= %(closed_since)s::timestamptz)
 ORDER BY w.id
