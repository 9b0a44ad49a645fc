-- The place of a request is mended: where it is, what the public sees of it, its areas, and the event that says so.
WITH p AS (
    SELECT geom, ST_Transform(geom, :metric) AS metric
      FROM (SELECT ST_SetSRID(ST_MakePoint(%(lng)s::float8, %(lat)s::float8), 4326) AS geom) AS g
), before AS (
    SELECT i.id, ST_Distance(ST_Transform(i.geom, :metric), p.metric) AS distance_m
      FROM issues_issue i CROSS JOIN p
     WHERE i.id = %(id)s::bigint
), changed AS (
    UPDATE issues_issue i
       SET geom = p.geom,
           public_geom = CASE s.precision
               WHEN 'exact' THEN p.geom
               WHEN 'grid_100m' THEN ST_Transform(ST_SnapToGrid(p.metric, 50, 50, 100, 100), 4326)
           END,
           address = %(address)s, areas = %(areas)s::jsonb, district = %(district)s,
           neighbourhood = %(neighbourhood)s, updated_at = %(learnt_at)s::timestamptz
      FROM issues_service s, p
     WHERE i.id = %(id)s::bigint AND s.id = i.service_id
    RETURNING i.id
)
INSERT INTO issues_event (issue_id, code, at, recorded_at, actor_id, by, is_public, data, note, client_id)
SELECT changed.id, 'moved', %(at)s::timestamptz, %(learnt_at)s::timestamptz, %(user_id)s::bigint, 'staff', true,
       jsonb_build_object('action', 'move', 'distance_m', round(before.distance_m::numeric, 1)), %(note)s,
       %(client_id)s::uuid
  FROM changed JOIN before USING (id)
RETURNING id, pg_notify('issue_events', issue_id::text)
