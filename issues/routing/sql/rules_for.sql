-- What a decision needs: the rules that speak of a service, and every team they could give.
WITH rule AS (
    SELECT * FROM issues_rule
     WHERE is_active
       AND (service_id = %(service)s::bigint OR theme_id = %(theme)s::bigint
            OR department_id = %(department)s::bigint)
), team AS (
    SELECT t.id, t.slug, t.name, t.department_id, d.acronym AS department_name, t.is_triage,
           t.territory_layer, t.territory_codes
      FROM issues_team t JOIN issues_department d ON d.id = t.department_id
     WHERE t.is_active
       AND (t.id IN (SELECT team_id FROM rule)
            OR (t.is_triage AND t.department_id = %(department)s::bigint)
            OR (t.territory_codes && %(areas)s::varchar[]
                AND (t.department_id = %(department)s::bigint
                     OR t.department_id IN (SELECT team_department_id FROM rule))))
)
SELECT (SELECT json_agg(json_build_object(
            'id', id, 'slug', slug, 'priority', priority, 'where', "where",
            'service_id', service_id, 'theme_id', theme_id, 'department_id', department_id,
            'where_layer', where_layer, 'where_codes', where_codes, 'distance_m', distance_m,
            'team_id', team_id, 'team_of_layer', team_of_layer,
            'team_department_id', team_department_id,
            'valid_from', valid_from, 'valid_until', valid_until)) FROM rule) AS rules,
       (SELECT json_agg(team) FROM team) AS teams
