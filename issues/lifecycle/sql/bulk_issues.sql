-- Staged requests become issues; what is there already stays as it is.
INSERT INTO issues_issue (
    client_id, protocol, token, service_id, channel, state, geom, public_geom, address, areas,
    district, neighbourhood, description, answers, is_moderated, department_id, team_id, rule_id,
    reasons, priority, followers, opened_at, due_at, updated_at, closed_at, source, external_id)
SELECT p.client_id, p.protocol, p.token, p.service_id, p.channel, p.state, g.geom,
       CASE p.precision
           WHEN 'exact' THEN g.geom
           WHEN 'grid_100m' THEN ST_Transform(ST_SnapToGrid(ST_Transform(g.geom, :metric), 50, 50, 100, 100), 4326)
       END,
       p.address, p.areas, p.district, p.neighbourhood, p.description, p.answers, p.is_moderated,
       p.department_id, p.team_id, p.rule_id, p.reasons, p.priority,
       COALESCE(copies.n, 0),
       p.opened_at, p.due_at, p.updated_at, p.closed_at, p.source, p.external_id
  FROM past_issue p
  LEFT JOIN (SELECT duplicate_of AS protocol, count(*) AS n FROM past_issue GROUP BY 1) AS copies USING (protocol)
 CROSS JOIN LATERAL (SELECT ST_SetSRID(ST_MakePoint(p.lng, p.lat), 4326) AS geom) g
ON CONFLICT DO NOTHING
