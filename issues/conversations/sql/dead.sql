-- Dead letters, the latest first, with the requests and the events that they told of.
SELECT n.id, n.channel, n.user_id IS NOT NULL AS is_staff, n.attempts, n.failure, n.created_at, n.settled_at,
       (SELECT array_agg(DISTINCT i.protocol ORDER BY i.protocol)
          FROM issues_noticeitem x JOIN issues_event e ON e.id = x.event_id JOIN issues_issue i ON i.id = e.issue_id
         WHERE x.notice_id = n.id) AS protocols,
       (SELECT array_agg(DISTINCT e.code ORDER BY e.code)
          FROM issues_noticeitem x JOIN issues_event e ON e.id = x.event_id
         WHERE x.notice_id = n.id) AS codes
  FROM issues_notice n
 WHERE n.state = 'dead' AND (%(before)s::bigint IS NULL
        OR (n.settled_at, n.id) < (SELECT settled_at, id FROM issues_notice WHERE id = %(before)s::bigint))
 ORDER BY n.settled_at DESC, n.id DESC
 LIMIT %(limit)s::integer
