-- Services get the processes that the table of the city gives them; how many got another one.
WITH given AS (
    SELECT * FROM unnest(%(services)s::bigint[], %(processes)s::bigint[]) AS g (service_id, process_id)
), changed AS (
    UPDATE issues_service s SET process_id = g.process_id
      FROM given g
     WHERE s.id = g.service_id AND s.process_id IS DISTINCT FROM g.process_id
    RETURNING s.id
)
SELECT count(*) FROM changed
