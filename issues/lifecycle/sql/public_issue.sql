-- What anybody may see of one request, column by column; by protocol, or by its secret token.
SELECT i.id, i.protocol, s.code AS service, s.name AS service_name, s.precision, s.moderation,
       h.slug AS theme, h.name AS theme_name, d.acronym AS department_name, t.name AS team_name,
       i.state, i.is_open, i.opened_at, i.due_at, i.updated_at, i.closed_at, i.channel, i.followers,
       ST_X(i.public_geom) AS lng, ST_Y(i.public_geom) AS lat,
       CASE WHEN s.precision = 'exact' THEN i.address ELSE '' END AS address,
       COALESCE(a.name, '') AS neighbourhood,
       CASE WHEN i.is_moderated AND s.moderation = 'pre' THEN i.description ELSE '' END AS description,
       o.protocol AS duplicate_of,
       COALESCE((SELECT json_agg(json_build_object('id', p.id, 'kind', p.kind, 'width', p.width, 'height', p.height)
                                 ORDER BY p.uploaded_at, p.id)
                   FROM issues_photo p
                  WHERE p.issue_id = i.id AND p.is_moderated AND s.moderation = 'pre'), '[]') AS photos,
       COALESCE((SELECT max(e.id) FROM issues_event e WHERE e.issue_id = i.id), 0) AS last_event,
       COALESCE((SELECT json_agg(json_build_object('code', e.code, 'at', e.at, 'data', e.data)
                                 ORDER BY e.at, e.id)
                   FROM issues_event e WHERE e.issue_id = i.id AND e.is_public), '[]') AS events
  FROM issues_issue i
  JOIN issues_service s ON s.id = i.service_id
  JOIN issues_theme h ON h.id = s.theme_id
  JOIN issues_team t ON t.id = i.team_id
  JOIN issues_department d ON d.id = i.department_id
  LEFT JOIN issues_issue o ON o.id = i.duplicate_of_id
  LEFT JOIN LATERAL (
      SELECT f.name FROM layers_feature f
        JOIN layers_layerversion v ON v.id = f.version_id AND v.state = 'active'
        JOIN layers_layer l ON l.id = v.layer_id AND l.slug = %(neighbourhoods)s
       WHERE f.code = i.neighbourhood LIMIT 1
  ) AS a ON true
 WHERE i.protocol = %(protocol)s OR i.token = %(token)s
