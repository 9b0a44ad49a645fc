-- A staged batch becomes issues. A row that is there already is an error: see imported_clashes.
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
       k.team_id, k.rule_id, k.reasons, k.priority, 0, to_timestamp(r.opened_at),
       to_timestamp(r.due_at), to_timestamp(COALESCE(r.closed_at, r.opened_at)), to_timestamp(r.closed_at),
       %(source)s, r.external_id
  FROM imported_row r
  JOIN imported_kind k USING (kind)
 CROSS JOIN LATERAL (SELECT ST_SetSRID(ST_MakePoint(r.lng, r.lat), 4326) AS geom) g
