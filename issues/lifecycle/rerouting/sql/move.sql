-- Locked requests change their team: the row, an event with the decision, and a word to the new team.
WITH asked AS MATERIALIZED (
    SELECT * FROM jsonb_to_recordset(%(moves)s::jsonb) AS m (
        id bigint, team text, team_name text, team_before text, team_before_name text, team_id bigint,
        department_id bigint, rule_id bigint, reasons jsonb, told jsonb, areas jsonb, district text,
        neighbourhood text)
), moved AS (
    UPDATE issues_issue i
       SET team_id = m.team_id, department_id = m.department_id, rule_id = m.rule_id, reasons = m.reasons,
           areas = m.areas, district = m.district, neighbourhood = m.neighbourhood,
           state = CASE WHEN i.state = 'received' AND m.rule_id IS NOT NULL THEN 'assigned' ELSE i.state END,
           updated_at = %(now)s::timestamptz
      FROM asked m
     WHERE i.id = m.id AND i.is_open AND i.assigned_by_id IS NULL
    RETURNING i.id, i.state
), told AS (
    INSERT INTO issues_event (issue_id, code, at, recorded_at, actor_id, by, is_public, data)
    SELECT m.id, 'rerouted', %(now)s::timestamptz, %(now)s::timestamptz, %(actor)s::bigint, 'system', true,
           jsonb_build_object(
               'team', m.team, 'team_name', m.team_name, 'team_before', m.team_before,
               'team_before_name', m.team_before_name, 'rule', r.slug, 'reasons', m.told,
               'state', moved.state, 'run', %(run)s::bigint)
      FROM moved JOIN asked m USING (id) LEFT JOIN issues_rule r ON r.id = m.rule_id
     ORDER BY m.id
    RETURNING id, issue_id
), outbox AS (
    INSERT INTO issues_delivery (event_id, issue_id, kind, created_at, available_at, attempts, failure)
    SELECT id, issue_id, 'team_notice', %(now)s::timestamptz, %(now)s::timestamptz, 0, '' FROM told
)
SELECT issue_id, pg_notify('issue_events', issue_id::text) FROM told
