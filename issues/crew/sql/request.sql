-- One request as its team sees it: everything but who asked.
SELECT i.id, i.protocol, i.state, i.is_open, i.team_id, t.slug AS team, t.name AS team_name,
       d.acronym AS department_name, s.code AS service, s.name AS service_name, s.proof_distance_m, i.address, i.description,
       i.answers::json AS answers, i.priority, i.followers, i.opened_at, i.due_at, i.closed_at,
       i.process_version_id, ST_X(i.geom) AS lng, ST_Y(i.geom) AS lat,
       COALESCE((SELECT json_agg(json_build_object('id', p.id, 'kind', p.kind) ORDER BY p.uploaded_at, p.id)
                   FROM issues_photo p WHERE p.issue_id = i.id), '[]') AS photos,
       COALESCE((SELECT json_agg(json_build_object('code', e.code, 'at', e.at, 'data', e.data, 'note', e.note)
                                 ORDER BY e.at, e.id)
                   FROM issues_event e WHERE e.issue_id = i.id), '[]') AS events,
       COALESCE((SELECT json_agg(json_build_object('code', x.code, 'name', x.name, 'state', x.state,
                                                   'team_id', x.team_id, 'team_name', o.name, 'due_at', x.due_at,
                                                   'closed_at', x.closed_at) ORDER BY x.id)
                   FROM issues_issuestep x JOIN issues_team o ON o.id = x.team_id
                  WHERE x.issue_id = i.id), '[]') AS steps
  FROM issues_issue i
  JOIN issues_team t ON t.id = i.team_id
  JOIN issues_department d ON d.id = i.department_id
  JOIN issues_service s ON s.id = i.service_id
 WHERE i.protocol = %(protocol)s
