-- Requests of a partner's services that are open and were filed before it was chosen: each once, as new.
WITH begun AS (
    INSERT INTO issues_forwarding (issue_id, partner_id, key, remote_code, remote_id, token, created_at,
                                   heard_status, failure)
    SELECT i.id, s.partner_id, gen_random_uuid(), s.remote_code, '', '', %(now)s::timestamptz, '', ''
      FROM issues_partnerservice s
      JOIN issues_issue i ON i.service_id = s.service_id AND i.is_open AND i.opened_at < s.since AND i.source = ''
     WHERE s.partner_id = %(partner)s::bigint
     ORDER BY i.opened_at, i.id
    ON CONFLICT DO NOTHING
    RETURNING id, issue_id
)
INSERT INTO issues_parcel (forwarding_id, event_id, kind, state, created_at, available_at, attempts, in_doubt,
                           failure, remote_id)
SELECT b.id, e.id, 'report', 'waiting', %(now)s::timestamptz, %(now)s::timestamptz, 0, false, '', ''
  FROM begun b
  JOIN LATERAL (SELECT e.id FROM issues_event e
                 WHERE e.issue_id = b.issue_id AND e.code = 'opened' ORDER BY e.id LIMIT 1) AS e ON true
 ORDER BY b.id
