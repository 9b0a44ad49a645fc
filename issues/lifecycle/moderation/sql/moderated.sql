-- Who let the public see what of a request, and who did not: for the staff's history alone.
INSERT INTO issues_event (issue_id, code, at, recorded_at, actor_id, by, is_public, data, note)
VALUES (%(issue_id)s::bigint, 'moderated', %(now)s::timestamptz, %(now)s::timestamptz, %(user_id)s::bigint,
        'staff', false, %(data)s::jsonb, %(note)s)
RETURNING id, pg_notify('issue_events', %(issue_id)s::bigint::text)
