-- One more follower of an open request, with an event; the same client id follows once.
WITH target AS (
    SELECT id, protocol, state, is_open FROM issues_issue WHERE protocol = %(protocol)s FOR UPDATE
), known AS (
    SELECT f.token FROM issues_follow f, target WHERE f.client_id = %(client_id)s::uuid AND f.issue_id = target.id
), added AS (
    INSERT INTO issues_follow (issue_id, client_id, token, citizen_id, created_at)
    SELECT id, %(client_id)s::uuid, %(token)s, %(citizen_id)s::bigint, %(now)s::timestamptz
      FROM target WHERE is_open AND NOT EXISTS (SELECT FROM known)
    ON CONFLICT (client_id) DO NOTHING
    RETURNING issue_id, token
), counted AS (
    UPDATE issues_issue i SET followers = i.followers + 1, updated_at = %(now)s::timestamptz
      FROM added WHERE i.id = added.issue_id
), told AS (
    INSERT INTO issues_event (issue_id, code, at, recorded_at, is_public, data)
    SELECT issue_id, 'followed', %(now)s::timestamptz, %(now)s::timestamptz, true, '{}' FROM added
)
SELECT target.protocol, COALESCE((SELECT token FROM added), (SELECT token FROM known)) AS token,
       target.state, target.is_open,
       (SELECT pg_notify('issue_events', issue_id::text) FROM added)
  FROM target
