-- What a letter says of requests, as the public may see them now.
SELECT w.what, i.protocol, s.name AS service, COALESCE(a.name, '') AS neighbourhood,
       CASE WHEN s.precision = 'exact' THEN i.address ELSE '' END AS address,
       CASE w.what WHEN 'opened' THEN i.opened_at ELSE COALESCE(i.closed_at, i.updated_at) END AS at
  FROM unnest(%(ids)s::bigint[], %(whats)s::text[]) WITH ORDINALITY AS w (id, what, n)
  JOIN issues_issue i ON i.id = w.id
  JOIN issues_service s ON s.id = i.service_id
  LEFT JOIN LATERAL (
      SELECT f.name FROM layers_feature f
        JOIN layers_layerversion v ON v.id = f.version_id AND v.state = 'active'
        JOIN layers_layer l ON l.id = v.layer_id AND l.slug = %(neighbourhoods)s::text
       WHERE f.code = i.neighbourhood LIMIT 1
  ) AS a ON true
 ORDER BY w.n
