-- A request is born: the issue, its first two events, its steps and clocks, its outbox rows and its photos, at once.
WITH spot AS MATERIALIZED (
    SELECT geom, ST_Transform(geom, :metric) AS metric
      FROM (SELECT ST_SetSRID(ST_MakePoint(%(lng)s::float8, %(lat)s::float8), 4326) AS geom) p
), near AS MATERIALIZED (  -- the open request of the service that may be the same one
    SELECT i.protocol
      FROM spot
      JOIN issues_issue i ON ST_DWithin(ST_Transform(i.geom, :metric), spot.metric, %(similar_within_m)s::float8)
     WHERE %(similar_within_m)s::float8 > 0 AND i.service_id = %(service_id)s::bigint
       AND i.is_open AND i.geom IS NOT NULL AND i.public_geom IS NOT NULL
     ORDER BY ST_Transform(i.geom, :metric) <-> spot.metric, i.id
     LIMIT 1
), born AS (
    INSERT INTO issues_issue (
        client_id, protocol, token, service_id, channel, state, geom, public_geom, address, areas,
        district, neighbourhood, description, answers, is_moderated, citizen_id, department_id,
        team_id, rule_id, reasons, priority, followers, opened_at, due_at, updated_at, source, external_id,
        process_version_id)
    SELECT %(client_id)s::uuid, %(protocol)s, %(token)s, %(service_id)s::bigint, %(channel)s, %(state)s,
           p.geom,
           CASE %(precision)s::text
               WHEN 'exact' THEN p.geom
               WHEN 'grid_100m' THEN ST_Transform(ST_SnapToGrid(p.metric, 50, 50, 100, 100), 4326)
           END,
           %(address)s, %(areas)s::jsonb, %(district)s, %(neighbourhood)s, %(description)s,
           %(answers)s::jsonb, false, %(citizen_id)s::bigint, %(department_id)s::bigint,
           %(team_id)s::bigint, %(rule_id)s::bigint, %(reasons)s::jsonb, %(priority)s::smallint, 0,
           %(now)s::timestamptz, %(due_at)s::timestamptz, %(now)s::timestamptz, '', '',
           %(process_version_id)s::bigint
      FROM spot p
    ON CONFLICT (client_id) DO NOTHING
    RETURNING id
), told AS (
    INSERT INTO issues_event (issue_id, code, at, recorded_at, is_public, data)
    SELECT born.id, e.code, %(now)s::timestamptz, %(now)s::timestamptz, true, e.data
      FROM born, (VALUES (1, 'opened', jsonb_set(%(opened)s::jsonb, '{similar_to}', COALESCE(to_jsonb((SELECT protocol FROM near)), 'null'))),
                        (2, 'assigned', %(assigned)s::jsonb)) AS e (n, code, data)
     ORDER BY e.n
    RETURNING id, code, issue_id
), begun AS (
    INSERT INTO issues_issuestep (issue_id, code, name, team_id, away, round, state, opened_at, due_at, outcome)
    SELECT born.id, r.code, r.name, r.team_id, r.team_id <> %(team_id)s::bigint, 0, 'open', %(now)s::timestamptz, r.due_at, ''
      FROM born, jsonb_to_recordset(%(steps)s::jsonb)
                 AS r (code varchar, name varchar, team_id bigint, due_at timestamptz)
    RETURNING id, issue_id, code
), clocked AS (  -- that of the request, and those of its first steps
    INSERT INTO issues_clockrun (issue_id, step_id, started_at, due_at, warn_at, alarm_at)
    SELECT born.id, NULL, %(now)s::timestamptz, %(due_at)s::timestamptz, %(warn_at)s::timestamptz, %(warn_at)s::timestamptz
      FROM born
     UNION ALL
    SELECT begun.issue_id, begun.id, %(now)s::timestamptz, r.due_at, r.warn_at, r.warn_at
      FROM begun JOIN jsonb_to_recordset(%(steps)s::jsonb)
                      AS r (code varchar, due_at timestamptz, warn_at timestamptz) USING (code)
), outbox AS (
    INSERT INTO issues_delivery (event_id, issue_id, kind, created_at, available_at, attempts, failure)
    SELECT told.id, told.issue_id, k.kind, %(now)s::timestamptz, %(now)s::timestamptz, 0, ''
      FROM told JOIN (VALUES ('opened', 'citizen_notice'), ('assigned', 'team_notice')) AS k (code, kind)
        USING (code)
     WHERE k.kind = 'team_notice' OR %(citizen_id)s::bigint IS NOT NULL
), pictured AS (
    UPDATE issues_photo SET issue_id = born.id FROM born
     WHERE issues_photo.id = ANY (%(photos)s::uuid[]) AND issues_photo.issue_id IS NULL
    RETURNING issues_photo.id
)
SELECT born.id, (SELECT array_agg(id) FROM pictured) AS photos, (SELECT protocol FROM near) AS similar_to,
       pg_notify('issue_events', born.id::text)
  FROM born
