-- A page of the public map as GeoJSON features, newest first, keyed by (opened_at, id).
SELECT json_build_object(
           'type', 'Feature', 'id', p.protocol,
           'geometry', ST_AsGeoJSON(p.public_geom, 6)::json,
           'properties', json_build_object(
               'protocol', p.protocol, 'service', s.code, 'service_name', s.name, 'theme', h.slug,
               'department', d.acronym, 'state', p.state, 'is_open', p.is_open,
               'opened_at', p.opened_at, 'due_at', p.due_at, 'updated_at', p.updated_at,
               'closed_at', p.closed_at, 'neighbourhood', p.neighbourhood,
               'address', CASE WHEN s.precision = 'exact' THEN p.address ELSE '' END,
               'precision', s.precision)
       )::text AS feature,
       p.opened_at, p.id
  FROM (
      SELECT * FROM issues_issue i
       WHERE i.public_geom && ST_MakeEnvelope(%(west)s, %(south)s, %(east)s, %(north)s, 4326)
         AND (%(services)s::bigint[] IS NULL OR i.service_id = ANY (%(services)s))
         AND (%(states)s::varchar[] IS NULL OR i.state = ANY (%(states)s))
         AND (%(since)s::timestamptz IS NULL OR i.updated_at >= %(since)s)
         AND (%(before)s::timestamptz IS NULL OR (i.opened_at, i.id) < (%(before)s, %(before_id)s))
       ORDER BY i.opened_at DESC, i.id DESC
       LIMIT %(limit)s
  ) AS p
  JOIN issues_service s ON s.id = p.service_id
  JOIN issues_theme h ON h.id = s.theme_id
  JOIN issues_department d ON d.id = p.department_id
 ORDER BY p.opened_at DESC, p.id DESC
