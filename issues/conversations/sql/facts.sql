-- What a message tells, item by item, of what its reader may know: no name, no words of anybody else's.
SELECT e.code, e.at, e.data, x.relation, x.token, i.protocol, i.state, i.is_open, i.due_at,
       s.name AS service, t.name AS team, d.acronym AS department, o.protocol AS original,
       CASE WHEN x.relation IN ('reporter', 'team') OR s.precision = 'exact' THEN i.address ELSE '' END AS place,
       CASE WHEN x.relation IN ('reporter', 'team') THEN e.note ELSE '' END AS note
  FROM issues_noticeitem x
  JOIN issues_event e ON e.id = x.event_id
  JOIN issues_issue i ON i.id = e.issue_id
  JOIN issues_service s ON s.id = i.service_id
  JOIN issues_team t ON t.id = i.team_id
  JOIN issues_department d ON d.id = i.department_id
  LEFT JOIN issues_issue o ON o.id = i.duplicate_of_id
  LEFT JOIN issues_contactpreference w ON w.contact_id = %(contact)s::bigint
 WHERE x.notice_id = %(notice)s::bigint
   AND w.off_at IS NULL
   AND NOT EXISTS (SELECT FROM issues_subscription u
                    WHERE u.contact_id = %(contact)s::bigint AND u.issue_id = e.issue_id
                      AND u.muted_at IS NOT NULL)
 ORDER BY i.id, e.at, e.id
