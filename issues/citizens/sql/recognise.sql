-- The citizen of these contact points, or a new one who has them. A racing twin waits, then joins.
WITH fresh AS MATERIALIZED (
    SELECT nextval(pg_get_serial_sequence('issues_citizen', 'id')) AS id
), given AS (
    SELECT * FROM unnest(%(schemes)s::varchar[], %(digests)s::bytea[], %(sealed)s::bytea[])
        AS g (scheme, digest, sealed)
), known AS (
    SELECT p.citizen_id FROM issues_contactpoint p JOIN given g ON g.digest = p.value_digest
     ORDER BY (p.verified_at IS NULL), p.id LIMIT 1
), reached AS (
    INSERT INTO issues_contactpoint AS p (citizen_id, scheme, value_sealed, value_digest, created_at)
    SELECT COALESCE((SELECT citizen_id FROM known), fresh.id), g.scheme, g.sealed, g.digest,
           %(now)s::timestamptz
      FROM fresh, given g
    ON CONFLICT (value_digest) DO UPDATE SET value_digest = p.value_digest
    RETURNING citizen_id
), who AS (
    SELECT COALESCE((SELECT citizen_id FROM known), (SELECT min(citizen_id) FROM reached), fresh.id) AS id
      FROM fresh
), born AS (
    INSERT INTO issues_citizen (id, name_sealed, created_at)
    SELECT fresh.id, %(name)s::bytea, %(now)s::timestamptz FROM fresh, who
     WHERE fresh.id = who.id OR fresh.id IN (SELECT citizen_id FROM reached)
)
SELECT id FROM who
