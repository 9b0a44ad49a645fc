-- What many rows of a batch have in common: the service, the areas, and the decision they share.
CREATE TEMPORARY TABLE IF NOT EXISTS imported_kind (
    kind integer, service_id bigint, "precision" text, priority smallint, areas jsonb, district text,
    neighbourhood text, department_id bigint, team_id bigint, rule_id bigint, reasons jsonb, team jsonb
) ON COMMIT DELETE ROWS
