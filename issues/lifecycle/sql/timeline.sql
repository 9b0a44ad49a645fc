-- The steps and events of one request; its words and what is not public only for its reporter's token.
SELECT i.id, i.protocol, i.token = %(token)s::varchar AS is_reporter,
       COALESCE((SELECT json_agg(json_build_object(
                            'code', s.code, 'name', s.name, 'state', s.state, 'team_name', t.name,
                            'department_name', d.acronym, 'opened_at', s.opened_at, 'due_at', s.due_at,
                            'closed_at', s.closed_at, 'outcome', s.outcome) ORDER BY s.id)
                   FROM issues_issuestep s
                   JOIN issues_team t ON t.id = s.team_id
                   JOIN issues_department d ON d.id = t.department_id
                  WHERE s.issue_id = i.id), '[]') AS steps,
       COALESCE((SELECT json_agg(json_build_object(
                            'id', e.id, 'code', e.code, 'at', e.at, 'data', e.data, 'by', e.by,
                            'note', CASE WHEN i.token = %(token)s::varchar THEN e.note ELSE '' END)
                                 ORDER BY e.at, e.id)
                   FROM issues_event e WHERE e.issue_id = i.id AND e.is_public), '[]') AS events
  FROM issues_issue i
 WHERE i.protocol = %(protocol)s::varchar OR i.token = %(token)s::varchar
    OR i.id = (SELECT f.issue_id FROM issues_follow f WHERE f.token = %(token)s::varchar)
