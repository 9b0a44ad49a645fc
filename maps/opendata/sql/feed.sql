-- The newest requests and closings that a reader of a feed asked for, as the public may see them.
WITH told AS (
    (SELECT i.id, 'opened' AS what, i.opened_at AS at
       FROM issues_issue i JOIN issues_service s ON s.id = i.service_id
      WHERE i.opened_at >= %(since)s::timestamptz AND {where}
      ORDER BY i.opened_at DESC, i.id DESC LIMIT %(limit)s::integer)
    UNION ALL
    (SELECT i.id, 'closed', i.closed_at
       FROM issues_issue i JOIN issues_service s ON s.id = i.service_id
      WHERE i.updated_at >= %(since)s::timestamptz AND i.closed_at >= %(since)s::timestamptz
        AND NOT i.is_open AND {where}
      ORDER BY i.closed_at DESC, i.id DESC LIMIT %(limit)s::integer)
)
SELECT t.what, t.at, i.protocol, i.state, s.code AS service, s.name AS service_name,
       CASE WHEN s.precision = 'exact' THEN i.address ELSE '' END AS address,
       COALESCE(a.name, '') AS neighbourhood,
       CASE WHEN i.is_moderated AND s.moderation = 'pre' THEN i.description ELSE '' END AS description,
       ST_X(i.public_geom) AS lng, ST_Y(i.public_geom) AS lat
  FROM told t
  JOIN issues_issue i ON i.id = t.id
  JOIN issues_service s ON s.id = i.service_id
  LEFT JOIN LATERAL (
      SELECT f.name FROM layers_feature f
        JOIN layers_layerversion v ON v.id = f.version_id AND v.state = 'active'
        JOIN layers_layer l ON l.id = v.layer_id AND l.slug = %(neighbourhoods)s::text
       WHERE f.code = i.neighbourhood LIMIT 1
  ) AS a ON true
 ORDER BY t.at DESC, i.id DESC, t.what
 LIMIT %(limit)s::integer
