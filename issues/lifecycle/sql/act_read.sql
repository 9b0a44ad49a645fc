-- All that an act on a request must know, with the version of the row that it was read from.
SELECT i.id, i.xmin::text AS version, i.protocol, i.state, i.resumes_as, i.team_id, i.department_id,
       i.opened_at, i.due_at, i.closed_at, i.extended_at, i.duplicate_of_id, i.process_version_id,
       i.areas, s.department_id AS service_department_id,
       s.target, s.target_unit, s.geolocated AND i.geom IS NOT NULL AS is_placed,
       s.proof_distance_m, t.slug AS team, t.name AS team_name,
       (SELECT number FROM issues_edition) AS edition,
       CASE WHEN i.process_version_id IS NOT NULL THEN
           (SELECT json_agg(json_build_object(
                       'id', p.id, 'code', p.code, 'state', p.state, 'outcome', p.outcome,
                       'team_id', p.team_id, 'round', p.round, 'closed_at', p.closed_at,
                       'run', (SELECT json_build_object(
                                          'due_at', r.due_at, 'warn_at', r.warn_at, 'stopped_at', r.stopped_at,
                                          'warned_at', r.warned_at, 'escalated_at', r.escalated_at)
                                 FROM issues_clockrun r
                                WHERE r.issue_id = i.id AND r.step_id = p.id
                                ORDER BY r.id DESC LIMIT 1)) ORDER BY p.id)
              FROM issues_issuestep p WHERE p.issue_id = i.id)
       END AS steps,
       CASE WHEN %(action)s::varchar = 'complete' THEN
           (SELECT count(*) FROM issues_photo p WHERE p.issue_id = i.id AND p.kind = 'after')
       END AS earlier_photos,
       c.due_at AS clock_due_at, c.warn_at, c.stopped_at, c.warned_at, c.escalated_at,
       CASE WHEN %(lng)s::float8 IS NOT NULL THEN
           ST_Distance(ST_Transform(i.geom, :metric),
                       ST_Transform(ST_SetSRID(ST_MakePoint(%(lng)s::float8, %(lat)s::float8), 4326), :metric))
       END AS distance_m,
       CASE WHEN %(photos)s::uuid[] <> '{}' THEN
           (SELECT array_agg(w.id) FROM unnest(%(photos)s::uuid[]) AS w (id)
             WHERE NOT EXISTS (SELECT FROM issues_photo p
                                WHERE p.id = w.id
                                  AND (p.issue_id IS NULL
                                       OR (p.issue_id = i.id AND p.kind = %(photo_kind)s::varchar))))
       END AS strange_photos,
       CASE WHEN %(client_id)s::uuid IS NOT NULL THEN
           (SELECT json_build_array(e.issue_id, e.id, e.data) FROM issues_event e
             WHERE e.client_id = %(client_id)s::uuid)
       END AS again,
       CASE WHEN %(reason)s::varchar <> '' THEN
           (SELECT json_build_array(r.text, r.asks_responsible) FROM issues_reason r
             WHERE r.kind = %(action)s::varchar AND r.code = %(reason)s::varchar AND r.is_active)
       END AS reason,
       CASE WHEN %(unproved)s::varchar <> '' THEN
           (SELECT r.text FROM issues_reason r
             WHERE r.kind = 'unproved' AND r.code = %(unproved)s::varchar AND r.is_active)
       END AS unproved,
       CASE WHEN %(team)s::varchar <> '' THEN
           (SELECT json_build_array(o.id, o.slug, o.name, o.department_id) FROM issues_team o
             WHERE o.slug = %(team)s::varchar AND o.is_active)
            WHEN %(action)s::varchar = 'cannot_do' THEN
           (SELECT json_build_array(o.id, o.slug, o.name, o.department_id) FROM issues_team o
             WHERE o.department_id = i.department_id AND o.is_triage AND o.is_active)
       END AS other_team,
       CASE WHEN %(original)s::varchar IS NOT NULL THEN
           (SELECT json_build_array(o.id, o.protocol, o.state, o.duplicate_of_id) FROM issues_issue o
             WHERE o.protocol = %(original)s::varchar)
       END AS original
  FROM issues_issue i
  JOIN issues_service s ON s.id = i.service_id
  JOIN issues_team t ON t.id = i.team_id
  LEFT JOIN LATERAL (
      SELECT c.due_at, c.warn_at, c.stopped_at, c.warned_at, c.escalated_at
        FROM issues_clockrun c
       WHERE c.issue_id = i.id AND c.step_id IS NULL
       ORDER BY c.id DESC
       LIMIT 1
  ) AS c ON true
 WHERE i.id = %(id)s::bigint
