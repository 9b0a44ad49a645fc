-- The requests with events since a transaction, and how many of the events nothing can come before any more.
WITH now AS MATERIALIZED (SELECT pg_snapshot_xmin(pg_current_snapshot()) AS settled), seen AS MATERIALIZED (
    SELECT issue_id, written_in FROM issues_event WHERE written_in >= %(since)s::text::xid8
)
SELECT (SELECT settled::text FROM now) AS settled,
       (SELECT count(*) FROM seen, now WHERE written_in < now.settled) AS settled_events,
       (SELECT count(*) FROM seen) AS events,
       ARRAY(SELECT DISTINCT issue_id FROM seen ORDER BY issue_id)::bigint[] AS issues
