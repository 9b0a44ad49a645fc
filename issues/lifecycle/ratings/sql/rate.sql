-- A judgement of one closing, its event, and the counts of its month; the request's row is held.
WITH old AS (
    SELECT face, rated_at FROM issues_rating
     WHERE issue_id = %(issue_id)s::bigint AND closed_at = %(closed_at)s::timestamptz
), written AS (
    INSERT INTO issues_rating AS r (issue_id, closed_at, service_id, district, face, reasons, words,
                                    is_moderated, rated_at, updated_at)
    VALUES (%(issue_id)s::bigint, %(closed_at)s::timestamptz, %(service_id)s::bigint, %(district)s,
            %(face)s::smallint, %(reasons)s::text[], %(words)s, false, %(now)s::timestamptz, %(now)s::timestamptz)
    ON CONFLICT (issue_id, closed_at) DO UPDATE
       SET face = excluded.face, reasons = excluded.reasons, words = excluded.words,
           is_moderated = r.is_moderated AND r.words = excluded.words,
           moderated_at = CASE WHEN r.words = excluded.words THEN r.moderated_at END,
           updated_at = excluded.updated_at
    RETURNING face, rated_at, service_id, district
), told AS (
    INSERT INTO issues_event (issue_id, code, at, recorded_at, is_public, data)
    SELECT %(issue_id)s::bigint, 'rated', %(now)s::timestamptz, %(now)s::timestamptz, false,
           jsonb_build_object('face', %(face)s::int, 'reasons', to_jsonb(%(reasons)s::text[]))
    RETURNING id
), change AS (  -- the new face counts one more, the one that it replaces one less
    SELECT w.face, 1 AS n FROM written w UNION ALL SELECT o.face, -1 FROM old o
), months AS (
    INSERT INTO issues_ratingmonth AS m (service_id, district, month, n1, n2, n3, n4, n5)
    SELECT k.service_id, k.district, date_trunc('month', w.rated_at AT TIME ZONE %(zone)s)::date,
           -- A count below zero cannot be inserted, and never is: what is taken away was there.
           GREATEST(c.n1, 0), GREATEST(c.n2, 0), GREATEST(c.n3, 0), GREATEST(c.n4, 0), GREATEST(c.n5, 0)
      FROM written w
     CROSS JOIN (SELECT COALESCE(sum(n) FILTER (WHERE face = 1), 0) AS n1,
                        COALESCE(sum(n) FILTER (WHERE face = 2), 0) AS n2,
                        COALESCE(sum(n) FILTER (WHERE face = 3), 0) AS n3,
                        COALESCE(sum(n) FILTER (WHERE face = 4), 0) AS n4,
                        COALESCE(sum(n) FILTER (WHERE face = 5), 0) AS n5 FROM change) c
     CROSS JOIN LATERAL (
         SELECT w.service_id, '' AS district
          UNION ALL SELECT w.service_id, w.district WHERE w.district <> ''
          UNION ALL SELECT NULL, w.district WHERE w.district <> '') k
     ORDER BY k.district, k.service_id
    ON CONFLICT (district, month, service_id) DO UPDATE
       SET n1 = m.n1 + (SELECT COALESCE(sum(n), 0) FROM change WHERE face = 1),
           n2 = m.n2 + (SELECT COALESCE(sum(n), 0) FROM change WHERE face = 2),
           n3 = m.n3 + (SELECT COALESCE(sum(n), 0) FROM change WHERE face = 3),
           n4 = m.n4 + (SELECT COALESCE(sum(n), 0) FROM change WHERE face = 4),
           n5 = m.n5 + (SELECT COALESCE(sum(n), 0) FROM change WHERE face = 5)
)
SELECT EXISTS (SELECT FROM old) AS changed, pg_notify('issue_events', %(issue_id)s::text) IS NULL AS told
