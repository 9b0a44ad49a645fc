-- The next report that has no number yet, locked until it has one.
SELECT id, client_id, draft, citizen_id FROM issues_pendingreport
 WHERE settled_at IS NULL
 ORDER BY id
 LIMIT 1 FOR UPDATE SKIP LOCKED
