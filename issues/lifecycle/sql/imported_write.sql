-- A staged batch becomes issues and their events; what is there already stays as it is.
WITH born AS (
    INSERT INTO issues_issue (
        id, client_id, protocol, token, service_id, channel, state, geom, public_geom, address, areas,
        district, neighbourhood, description, answers, is_moderated, department_id, team_id, rule_id,
        reasons, priority, followers, opened_at, due_at, updated_at, closed_at, source, external_id)
    SELECT r.id, r.client_id, r.protocol, r.token, k.service_id, r.channel, r.state, g.geom,
           CASE k.precision
               WHEN 'exact' THEN g.geom
               WHEN 'grid_100m' THEN ST_Transform(ST_SnapToGrid(ST_Transform(g.geom, :metric), 50, 50, 100, 100), 4326)
           END,
           r.address, k.areas, k.district, k.neighbourhood, r.description, '{}', false, k.department_id,
           k.team_id, k.rule_id, k.reasons, k.priority, 0, r.opened_at, r.due_at,
           COALESCE(r.closed_at, r.opened_at), r.closed_at, %(source)s, r.external_id
      FROM imported_row r
      JOIN imported_kind k USING (kind)
     CROSS JOIN LATERAL (SELECT ST_SetSRID(ST_MakePoint(r.lng, r.lat), 4326) AS geom) g
    ON CONFLICT DO NOTHING
    RETURNING id
), told AS (
    INSERT INTO issues_event (issue_id, code, at, recorded_at, is_public, data)
    SELECT r.id, e.code, e.at, %(now)s::timestamptz, true, e.data
      FROM born
      JOIN imported_row r USING (id)
      JOIN imported_kind k USING (kind)
     CROSS JOIN LATERAL (VALUES
           ('opened', r.opened_at, jsonb_build_object('channel', r.channel, 'due_at', r.due_at)),
           ('assigned', r.opened_at, k.team),
           (r.state, r.closed_at, CASE r.state WHEN 'resolved' THEN k.team ELSE '{}' END)) AS e (code, at, data)
     WHERE e.at IS NOT NULL
)
SELECT count(*) FROM born
