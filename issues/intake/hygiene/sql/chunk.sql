-- The end of the next chunk of events in commit order: nothing that a running transaction could still precede.
SELECT c.written_in::text::bigint AS xid, c.id AS event
  FROM (SELECT e.written_in, e.id FROM issues_event e
         WHERE (e.written_in, e.id) > (%(xid)s::bigint::text::xid8, %(event)s::bigint)
           AND e.written_in < pg_snapshot_xmin(pg_current_snapshot())
         ORDER BY e.written_in, e.id
         LIMIT %(size)s::int) AS c
 ORDER BY c.written_in DESC, c.id DESC
 LIMIT 1
