-- What happened to requests in a period, oldest first: public events, and where each of them left its request.
SELECT e.id, i.protocol, e.code, e.at, i.state, i.is_open,
       CASE WHEN s.moderation = 'pre' THEN ARRAY(
           SELECT p.id FROM issues_photo p
            WHERE p.issue_id = i.id AND p.is_moderated AND p.kind = 'after' AND e.code = 'resolved'
            ORDER BY p.uploaded_at, p.id)
       ELSE '{}' END AS photos
  FROM issues_issue i
  JOIN issues_event e ON e.issue_id = i.id
  JOIN issues_service s ON s.id = i.service_id
 WHERE i.updated_at >= %(since)s::timestamptz
   AND e.is_public AND e.at >= %(since)s::timestamptz AND e.at <= %(until)s::timestamptz
   AND (%(protocol)s::varchar IS NULL OR i.protocol = %(protocol)s::varchar)
   AND (%(after)s::timestamptz IS NULL OR (e.at, e.id) > (%(after)s::timestamptz, %(after_id)s::bigint))
 ORDER BY e.at, e.id
 LIMIT %(limit)s::integer
