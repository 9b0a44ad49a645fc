-- Pairs of open requests that may be the same: what a chunk of events opened, beside its neighbours.
WITH fresh AS MATERIALIZED (  -- projected once, else the spatial index is not used
    SELECT i.id, i.service_id, i.opened_at, i.citizen_id, i.address,
           unaccent(lower(left(btrim(i.description), 1000))) AS words,
           ST_Transform(i.geom, :metric) AS at,
           s.duplicate_radius_m = 0 AS by_words,
           COALESCE(NULLIF(s.duplicate_radius_m, 0), %(radius_m)s::int)::float8 AS radius_m
      FROM (SELECT DISTINCT e.issue_id FROM issues_event e
             WHERE (e.written_in, e.id) > (%(xid)s::bigint::text::xid8, %(event)s::bigint)
               AND (e.written_in, e.id) <= (%(until_xid)s::bigint::text::xid8, %(until_event)s::bigint)
               AND e.code IN ('opened', 'reopened')) AS n
      JOIN issues_issue i ON i.id = n.issue_id
      JOIN issues_service s ON s.id = i.service_id
     WHERE i.is_open AND i.geom IS NOT NULL
), beside AS (
    SELECT f.id AS fresh_id, f.by_words, o.id AS other_id, o.opened_at AS other_opened_at,
           f.opened_at, o.distance_m,
           GREATEST(0, 1 - o.distance_m / f.radius_m) AS near,
           abs(extract(epoch FROM f.opened_at - o.opened_at)) / 86400 AS days,
           CASE WHEN f.words <> '' AND o.words <> '' THEN similarity(f.words, o.words) END AS alike,
           f.citizen_id = o.citizen_id AS same_person,
           f.address <> '' AND f.address = o.address AS same_address
      FROM fresh f
      CROSS JOIN LATERAL (
          SELECT i.id, i.opened_at, i.citizen_id, i.address,
                 unaccent(lower(left(btrim(i.description), 1000))) AS words,
                 ST_Distance(ST_Transform(i.geom, :metric), f.at) AS distance_m
            FROM issues_issue i
           WHERE i.service_id = f.service_id AND i.is_open AND i.geom IS NOT NULL AND i.id <> f.id
             AND ST_DWithin(ST_Transform(i.geom, :metric), f.at, f.radius_m)
             AND i.opened_at BETWEEN f.opened_at - make_interval(days => %(window_days)s::int)
                                 AND f.opened_at + make_interval(days => %(window_days)s::int)
           ORDER BY ST_Transform(i.geom, :metric) <-> f.at, i.id
           LIMIT %(neighbours)s::int
      ) AS o
), scored AS (
    SELECT b.*, LEAST(1, 0.4 * b.near + 0.2 * (1 - b.days / %(window_days)s::int)
                         + 0.4 * COALESCE(b.alike, 0.5)
                         + CASE WHEN b.same_person THEN 0.1 ELSE 0 END) AS score
      FROM beside b
     WHERE NOT b.by_words OR b.alike >= %(alike)s::float8
), best AS (
    SELECT s.*, row_number() OVER (PARTITION BY s.fresh_id ORDER BY s.score DESC, s.other_id) AS place
      FROM scored s
     WHERE s.score >= %(least)s::float8
), pair AS (
    SELECT DISTINCT ON (LEAST(b.fresh_id, b.other_id), GREATEST(b.fresh_id, b.other_id))
           CASE WHEN b.first_is_fresh THEN b.fresh_id ELSE b.other_id END AS earlier_id,
           CASE WHEN b.first_is_fresh THEN b.other_id ELSE b.fresh_id END AS later_id,
           b.score,
           jsonb_build_array(jsonb_build_object('code', 'near', 'distance_m', round(b.distance_m::numeric, 1)),
                             jsonb_build_object('code', 'soon', 'days', round(b.days::numeric, 1)))
           || CASE WHEN b.alike IS NULL THEN '[]'
                   ELSE jsonb_build_array(jsonb_build_object('code', 'alike', 'percent', round(b.alike * 100)))
              END
           || CASE WHEN b.same_person THEN '[{"code": "same_person"}]'::jsonb ELSE '[]' END
           || CASE WHEN b.same_address THEN '[{"code": "same_address"}]'::jsonb ELSE '[]' END AS reasons
      FROM (SELECT best.*, (opened_at, fresh_id) < (other_opened_at, other_id) AS first_is_fresh
              FROM best WHERE place <= %(each)s::int) AS b
     ORDER BY LEAST(b.fresh_id, b.other_id), GREATEST(b.fresh_id, b.other_id)
), written AS (
    INSERT INTO issues_duplicatesuggestion (earlier_id, later_id, score, reasons, state, found_at)
    SELECT p.earlier_id, p.later_id, p.score, p.reasons, 'open', %(now)s::timestamptz FROM pair p
     ORDER BY LEAST(p.earlier_id, p.later_id), GREATEST(p.earlier_id, p.later_id)
    ON CONFLICT DO NOTHING
    RETURNING id
)
SELECT (SELECT count(*) FROM fresh) AS looked, (SELECT count(*) FROM written) AS suggested
