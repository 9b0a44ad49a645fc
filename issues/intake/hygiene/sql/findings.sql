-- Open requests that somebody should look at, as they are now: what is mended goes, what is new comes.
WITH found AS MATERIALIZED (
    SELECT i.id, k.kind
      FROM issues_issue i
      JOIN issues_service s ON s.id = i.service_id
     CROSS JOIN LATERAL (VALUES
           ('overdue', i.state <> 'waiting' AND i.due_at > i.opened_at  -- the clock of what waits stands still
                       AND %(now)s::timestamptz > i.opened_at + (i.due_at - i.opened_at) * %(times)s::int),
           ('unplaced', s.geolocated AND i.geom IS NULL),
           ('outside', i.geom IS NOT NULL AND i.district = ''),
           ('future', i.opened_at > %(now)s::timestamptz),
           ('silent', btrim(i.description) = '')) AS k (kind, holds)
     WHERE i.is_open AND k.holds
), mended AS (
    DELETE FROM issues_finding f
     WHERE NOT EXISTS (SELECT FROM found n WHERE n.id = f.issue_id AND n.kind = f.kind)
)
INSERT INTO issues_finding (kind, issue_id, found_at)
SELECT n.kind, n.id, %(now)s::timestamptz FROM found n
 ORDER BY n.kind, n.id
ON CONFLICT DO NOTHING
