-- Whether all that a batch refers to is there; kept from being deleted until it is written.
WITH service AS (
    SELECT id FROM issues_service WHERE id IN (SELECT service_id FROM imported_kind) FOR KEY SHARE
), department AS (
    SELECT id FROM issues_department WHERE id IN (SELECT department_id FROM imported_kind) FOR KEY SHARE
), team AS (
    SELECT id FROM issues_team WHERE id IN (SELECT team_id FROM imported_kind) FOR KEY SHARE
), rule AS (
    SELECT id FROM issues_rule WHERE id IN (SELECT rule_id FROM imported_kind) FOR KEY SHARE
)
SELECT NOT EXISTS (
    SELECT FROM imported_kind k
     WHERE k.service_id NOT IN (SELECT id FROM service) OR k.department_id NOT IN (SELECT id FROM department)
        OR k.team_id NOT IN (SELECT id FROM team)
        OR k.rule_id IS NOT NULL AND k.rule_id NOT IN (SELECT id FROM rule)) AS all_there
