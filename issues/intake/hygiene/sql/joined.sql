-- The original learns that another request was joined to it.
WITH told AS (
    INSERT INTO issues_event (issue_id, code, at, recorded_at, actor_id, by, is_public, data)
    SELECT %(original)s::bigint, 'joined', %(now)s::timestamptz, %(now)s::timestamptz, %(user_id)s::bigint,
           'staff', true, jsonb_build_object('protocol', %(protocol)s::varchar)
    RETURNING issue_id
)
SELECT pg_notify('issue_events', issue_id::text) FROM told
