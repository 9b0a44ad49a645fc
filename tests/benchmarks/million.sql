-- A million requests like the demo's: each copied with another place nearby, 35 in 100 open.
INSERT INTO issues_issue (
    client_id, protocol, token, service_id, channel, state, geom, public_geom, address, areas, district,
    neighbourhood, description, answers, is_moderated, department_id, team_id, rule_id, reasons,
    priority, followers, opened_at, due_at, updated_at, closed_at, source, external_id)
SELECT gen_random_uuid(), 'b-' || i.id || '-' || n + top.id, 'b-' || i.id || '-' || n + top.id, i.service_id, i.channel,
       CASE WHEN random() < 0.35 THEN 'assigned' ELSE 'confirmed' END,
       p.geom, p.geom, i.address, i.areas, i.district, i.neighbourhood, i.description, i.answers, false,
       i.department_id, i.team_id, i.rule_id, i.reasons, i.priority, 0,
       i.opened_at - n * interval '7 hours', i.due_at - n * interval '7 hours', i.updated_at, i.closed_at, '', ''
  FROM issues_issue i
 CROSS JOIN generate_series(1, %(copies)s) AS n
 CROSS JOIN LATERAL (SELECT ST_Translate(i.geom, (random() - 0.5) * 0.006 + n * 0, (random() - 0.5) * 0.006) AS geom) AS p
 CROSS JOIN (SELECT max(id) AS id FROM issues_issue) AS top
 WHERE i.geom IS NOT NULL
;
INSERT INTO issues_event (issue_id, code, at, recorded_at, is_public, data)
SELECT i.id, 'opened', i.opened_at, i.opened_at, true, '{}' FROM issues_issue i WHERE i.protocol LIKE 'b-%%'
   AND NOT EXISTS (SELECT FROM issues_event e WHERE e.issue_id = i.id)
