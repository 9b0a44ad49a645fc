-- What the holder of the secret link sees beyond the public part.
SELECT i.description, i.answers::json, i.address, i.reasons::json, i.token,
       ST_X(i.geom) AS lng, ST_Y(i.geom) AS lat,
       COALESCE((SELECT json_agg(json_build_object('id', p.id, 'kind', p.kind, 'width', p.width, 'height', p.height)
                                 ORDER BY p.uploaded_at, p.id)
                   FROM issues_photo p WHERE p.issue_id = i.id), '[]') AS photos
  FROM issues_issue i
 WHERE i.id = %(id)s::bigint
