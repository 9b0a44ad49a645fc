-- Where commits are: the fence below which all is told, what waits behind it, how much came after a position.
WITH fence AS MATERIALIZED (
    SELECT pg_snapshot_xmin(pg_current_snapshot()) AS xmin
)
SELECT fence.xmin::text AS xid,
       -- The newest, which is looked up: asked whether one EXISTS, the planner would read every event for a no.
       COALESCE((SELECT e.written_in FROM issues_event e ORDER BY e.written_in DESC, e.id DESC LIMIT 1)
                >= fence.xmin, false) AS waiting,
       (SELECT count(*) FROM (
            SELECT FROM issues_event e
             WHERE (e.written_in, e.id) > (%(xid)s::text::xid8, %(id)s::bigint)
             LIMIT %(limit)s::integer) AS missed)::integer AS since
  FROM fence
