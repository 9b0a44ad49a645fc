-- What a phone carries of some requests besides what the list shows: words, pictures, open steps, who may act.
SELECT i.protocol, i.team_id, i.process_version_id, i.description, i.answers::json AS answers, t.name AS team_name,
       s.geolocated AS needs_place, s.proof_distance_m,
       COALESCE((SELECT json_agg(json_build_object('id', p.id, 'kind', p.kind) ORDER BY p.uploaded_at, p.id)
                   FROM issues_photo p WHERE p.issue_id = i.id), '[]') AS photos,
       COALESCE((SELECT json_agg(json_build_object('code', x.code, 'name', x.name, 'team_id', x.team_id) ORDER BY x.id)
                   FROM issues_issuestep x WHERE x.issue_id = i.id AND x.state = 'open'), '[]') AS steps
  FROM unnest(%(protocols)s::varchar[]) AS asked (protocol)
  JOIN issues_issue i USING (protocol)
  JOIN issues_team t ON t.id = i.team_id
  JOIN issues_service s ON s.id = i.service_id
