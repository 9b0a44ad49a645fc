-- The next partner that is due to be asked what it did: leased to this worker.
WITH next AS (
    SELECT id FROM issues_partner
     WHERE is_active AND kind = 'open311' AND ask_at <= %(now)s::timestamptz
     ORDER BY ask_at, id
     LIMIT 1 FOR UPDATE SKIP LOCKED
)
UPDATE issues_partner p SET ask_at = %(until)s::timestamptz FROM next WHERE p.id = next.id RETURNING p.id
