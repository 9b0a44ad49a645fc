-- Requests behind one number of the overview, by due date.
SELECT i.id, i.protocol, s.name AS service_name, i.address, t.name AS team_name, i.state, i.opened_at,
       i.due_at, i.followers
  FROM issues_issue i
  JOIN issues_service s ON s.id = i.service_id
  JOIN issues_team t ON t.id = i.team_id
 WHERE (%(teams)s::bigint[] IS NULL OR i.team_id = ANY (%(teams)s::bigint[]))
   AND (%(team)s::varchar = '' OR t.slug = %(team)s::varchar)
   AND (%(district)s::varchar IS NULL OR i.district = %(district)s::varchar)
   AND (%(state)s::varchar = '' OR i.state = %(state)s::varchar)
   AND (%(older)s::timestamptz IS NULL OR i.opened_at <= %(older)s::timestamptz)
   AND (%(newer)s::timestamptz IS NULL OR i.opened_at > %(newer)s::timestamptz)
   AND CASE %(what)s::varchar
       WHEN 'open' THEN i.is_open
       WHEN 'overdue' THEN i.is_open AND i.state <> 'waiting' AND i.due_at < %(now)s::timestamptz
       WHEN 'soon' THEN i.is_open AND i.state <> 'waiting' AND i.due_at >= %(now)s::timestamptz
                        AND i.due_at < %(soon)s::timestamptz
       WHEN 'closed' THEN EXISTS (SELECT FROM issues_resolution r
                                   WHERE r.issue_id = i.id AND r.at >= %(since)s::timestamptz)
       WHEN 'unproved' THEN EXISTS (SELECT FROM issues_resolution r
                                     WHERE r.issue_id = i.id AND r.at >= %(since)s::timestamptz AND r.missing <> '')
       WHEN 'reopened' THEN EXISTS (SELECT FROM issues_resolution r
                                     WHERE r.issue_id = i.id AND r.at >= %(since)s::timestamptz
                                       AND r.reopened_at IS NOT NULL)
       END
   AND (%(after_at)s::timestamptz IS NULL OR (i.due_at, i.id) > (%(after_at)s::timestamptz, %(after_id)s::bigint))
 ORDER BY i.due_at, i.id
 LIMIT %(limit)s
