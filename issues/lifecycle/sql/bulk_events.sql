-- The events of staged requests that were new, the clocks of the open ones, the links of duplicates.
WITH fresh AS (
    SELECT i.id, p.events, p.duplicate_of
      FROM past_issue p JOIN issues_issue i ON i.client_id = p.client_id AND i.protocol = p.protocol
), linked AS (
    UPDATE issues_issue i SET duplicate_of_id = o.id
      FROM fresh f JOIN issues_issue o ON o.protocol = f.duplicate_of
     WHERE i.id = f.id AND f.duplicate_of <> ''
), clocked AS (  -- what was up when the history ends has been told
    INSERT INTO issues_clockrun (issue_id, started_at, due_at, warn_at, alarm_at)
    SELECT i.id, i.opened_at, i.due_at, w.warn_at,
           CASE WHEN w.warn_at > ends.at THEN w.warn_at WHEN i.due_at > ends.at THEN i.due_at END
      FROM fresh f
      JOIN issues_issue i ON i.id = f.id
     CROSS JOIN LATERAL (SELECT i.opened_at + (i.due_at - i.opened_at) * 0.8 AS warn_at) w
     CROSS JOIN (SELECT max(opened_at) AS at FROM past_issue) ends
     WHERE i.is_open AND i.state <> 'waiting'
       AND NOT EXISTS (SELECT FROM issues_clockrun old WHERE old.issue_id = f.id)
)
INSERT INTO issues_event (issue_id, code, at, recorded_at, is_public, data)
SELECT f.id, e.value ->> 'code', (e.value ->> 'at')::timestamptz, (e.value ->> 'at')::timestamptz,
       (e.value ->> 'public')::boolean, e.value -> 'data'
  FROM fresh f CROSS JOIN LATERAL jsonb_array_elements(f.events) WITH ORDINALITY AS e (value, n)
 WHERE NOT EXISTS (SELECT FROM issues_event old WHERE old.issue_id = f.id)
 ORDER BY (e.value ->> 'at')::timestamptz, f.id, e.n
