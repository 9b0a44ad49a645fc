-- A request, whose row is locked, is taken back from its crew of a day; the event says so. Nothing where it had none.
WITH gone AS (
    DELETE FROM issues_assignment WHERE issue_id = %(issue)s::bigint AND "on" = %(on)s::date
    RETURNING issue_id, crew_id
)
INSERT INTO issues_event (issue_id, code, at, recorded_at, actor_id, by, is_public, data)
SELECT g.issue_id, 'crew_released', %(now)s::timestamptz, %(now)s::timestamptz, %(user_id)s::bigint, 'staff', false,
       jsonb_build_object('crew', c.name, 'on', %(on)s::date)
  FROM gone g JOIN issues_crew c ON c.id = g.crew_id
RETURNING id, pg_notify('issue_events', issue_id::text)
