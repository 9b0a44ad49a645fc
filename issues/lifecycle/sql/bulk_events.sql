-- The events of staged requests that were new, and the links from duplicates to their originals.
WITH fresh AS (
    SELECT i.id, p.events, p.duplicate_of
      FROM past_issue p JOIN issues_issue i ON i.client_id = p.client_id AND i.protocol = p.protocol
), linked AS (
    UPDATE issues_issue i SET duplicate_of_id = o.id
      FROM fresh f JOIN issues_issue o ON o.protocol = f.duplicate_of
     WHERE i.id = f.id AND f.duplicate_of <> ''
)
INSERT INTO issues_event (issue_id, code, at, recorded_at, is_public, data)
SELECT f.id, e.value ->> 'code', (e.value ->> 'at')::timestamptz, (e.value ->> 'at')::timestamptz,
       (e.value ->> 'public')::boolean, e.value -> 'data'
  FROM fresh f CROSS JOIN LATERAL jsonb_array_elements(f.events) WITH ORDINALITY AS e (value, n)
 WHERE NOT EXISTS (SELECT FROM issues_event old WHERE old.issue_id = f.id)
 ORDER BY (e.value ->> 'at')::timestamptz, f.id, e.n
