-- What we learnt of requests in a period, in that order: public events, and the state in which each left its request.
SELECT e.id, i.protocol, e.code, e.at, e.recorded_at,
       COALESCE(e.data ->> 'state', before.state, CASE e.code WHEN 'opened' THEN 'received' ELSE 'assigned' END) AS state,
       CASE WHEN s.moderation = 'pre' THEN ARRAY(
           SELECT p.id FROM issues_photo p
            WHERE p.issue_id = i.id AND p.is_moderated AND p.kind = 'after' AND e.code = 'resolved'
            ORDER BY p.uploaded_at, p.id)
       ELSE '{}' END AS photos
  FROM issues_issue i
  JOIN issues_event e ON e.issue_id = i.id
  JOIN issues_service s ON s.id = i.service_id
  LEFT JOIN LATERAL (  -- an event that changed no state has that of the last one that did
      SELECT b.data ->> 'state' AS state FROM issues_event b
       WHERE b.issue_id = e.issue_id AND b.id < e.id AND b.data ? 'state'
       ORDER BY b.id DESC LIMIT 1
  ) AS before ON true
 WHERE i.updated_at >= %(since)s::timestamptz
   AND e.is_public AND e.recorded_at >= %(since)s::timestamptz AND e.recorded_at <= %(until)s::timestamptz
   AND (%(protocol)s::varchar IS NULL OR i.protocol = %(protocol)s::varchar)
   AND (%(after)s::timestamptz IS NULL OR (e.recorded_at, e.id) > (%(after)s::timestamptz, %(after_id)s::bigint))
 ORDER BY e.recorded_at, e.id
 LIMIT %(limit)s::integer
