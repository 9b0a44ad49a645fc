-- What happened to a staged batch: opened, assigned, and closed if it was.
INSERT INTO issues_event (issue_id, code, at, recorded_at, is_public, data)
SELECT r.id, e.code, to_timestamp(e.at), %(now)s::timestamptz, true, e.data
  FROM imported_row r
  JOIN imported_kind k USING (kind)
 CROSS JOIN LATERAL (VALUES
       ('opened', r.opened_at, r.opened),
       ('assigned', r.opened_at, k.team),
       (r.state, r.closed_at, CASE r.state WHEN 'resolved' THEN k.team ELSE '{}' END)) AS e (code, at, data)
 WHERE e.at IS NOT NULL
