-- Where a simulation notes what it finds out about each request; gone with the transaction.
DROP TABLE IF EXISTS pg_temp.tried_near, pg_temp.tried_place, pg_temp.tried_move;
CREATE TEMPORARY TABLE tried_near (issue_id bigint, specs int[]) ON COMMIT DROP;
CREATE TEMPORARY TABLE tried_place (issue_id bigint, combination int) ON COMMIT DROP;
CREATE TEMPORARY TABLE tried_move (
    placeless boolean, service_id bigint, areas jsonb, combination int, near int[], "window" int,
    team_before bigint, team_after bigint
) ON COMMIT DROP
