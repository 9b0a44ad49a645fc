-- A page of requests as the public may see them, newest first; how many there are in all where asked.
WITH found AS NOT MATERIALIZED (
    SELECT i.id, i.opened_at
      FROM issues_issue i
     WHERE (%(protocols)s::varchar[] IS NULL OR i.protocol = ANY (%(protocols)s::varchar[]))
       AND (%(since)s::timestamptz IS NULL OR i.opened_at >= %(since)s::timestamptz)
       AND (%(until)s::timestamptz IS NULL OR i.opened_at <= %(until)s::timestamptz)
       AND (%(updated_after)s::timestamptz IS NULL OR i.updated_at >= %(updated_after)s::timestamptz)
       AND (%(updated_before)s::timestamptz IS NULL OR i.updated_at <= %(updated_before)s::timestamptz)
       AND (%(services)s::varchar[] IS NULL
            OR i.service_id IN (SELECT v.id FROM issues_service v WHERE v.code = ANY (%(services)s::varchar[])))
       AND (%(is_open)s::boolean IS NULL OR i.is_open = %(is_open)s::boolean)
       AND (%(west)s::float8 IS NULL
            OR i.public_geom && ST_MakeEnvelope(%(west)s::float8, %(south)s::float8, %(east)s::float8,
                                                %(north)s::float8, 4326))
       AND (%(radius_m)s::float8 IS NULL
            OR i.public_geom IS NOT NULL
               AND ST_DWithin(ST_Transform(i.public_geom, :metric),
                              ST_Transform(ST_SetSRID(ST_MakePoint(%(lng)s::float8, %(lat)s::float8), 4326), :metric),
                              %(radius_m)s::float8))
       AND (%(words)s::text IS NULL
            OR EXISTS (SELECT FROM issues_service v
                        WHERE v.id = i.service_id
                          AND (v.name ILIKE %(words)s::text
                               OR v.precision = 'exact' AND i.address ILIKE %(words)s::text
                               OR v.moderation = 'pre' AND i.is_moderated AND i.description ILIKE %(words)s::text)))
), page AS (
    SELECT f.id, f.opened_at
      FROM found f
     WHERE %(before)s::timestamptz IS NULL OR (f.opened_at, f.id) < (%(before)s::timestamptz, %(before_id)s::bigint)
     ORDER BY f.opened_at DESC, f.id DESC
    OFFSET %(skip)s::bigint LIMIT %(limit)s::integer
)
SELECT n.total, i.id, i.protocol, i.state, i.is_open, s.code AS service_code, s.name AS service_name,
       d.name AS agency, i.opened_at, i.updated_at, i.due_at, i.closed_at, i.channel,
       CASE WHEN s.precision = 'exact' THEN i.address ELSE '' END AS address,
       ST_X(i.public_geom) AS lng, ST_Y(i.public_geom) AS lat,
       CASE WHEN i.is_moderated AND s.moderation = 'pre' THEN i.description ELSE '' END AS description,
       CASE WHEN s.moderation = 'pre' THEN ARRAY(
           SELECT p.id FROM issues_photo p WHERE p.issue_id = i.id AND p.is_moderated ORDER BY p.uploaded_at, p.id)
       ELSE '{}' END AS photos,
       o.protocol AS duplicate_of, i.neighbourhood, i.district,
       CASE WHEN %(details)s::boolean THEN
           COALESCE((SELECT json_agg(json_build_object('code', e.code, 'at', e.at) ORDER BY e.at, e.id)
                       FROM issues_event e WHERE e.issue_id = i.id AND e.is_public), '[]') END AS events
  FROM (SELECT CASE WHEN %(counts)s::boolean THEN (SELECT count(*) FROM found) END AS total) AS n
  LEFT JOIN page ON true
  LEFT JOIN issues_issue i ON i.id = page.id
  LEFT JOIN issues_service s ON s.id = i.service_id
  LEFT JOIN issues_department d ON d.id = i.department_id
  LEFT JOIN issues_issue o ON o.id = i.duplicate_of_id
 ORDER BY page.opened_at DESC, page.id DESC
