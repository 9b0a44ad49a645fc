-- A request, whose row is locked, is given to a crew for a day by a person; the event says so.
WITH before AS (
    SELECT crew_id FROM issues_assignment WHERE issue_id = %(issue)s::bigint AND "on" = %(on)s::date
), written AS (
    INSERT INTO issues_assignment AS a (issue_id, "on", crew_id, is_pinned, by_id, at)
    VALUES (%(issue)s::bigint, %(on)s::date, %(crew)s::bigint, true, %(user_id)s::bigint, %(now)s::timestamptz)
        ON CONFLICT (issue_id, "on") DO UPDATE
       SET is_pinned = true, by_id = EXCLUDED.by_id, at = EXCLUDED.at, crew_id = EXCLUDED.crew_id,
           position = CASE WHEN a.crew_id = EXCLUDED.crew_id THEN a.position END,
           arrives_at = CASE WHEN a.crew_id = EXCLUDED.crew_id THEN a.arrives_at END,
           leaves_at = CASE WHEN a.crew_id = EXCLUDED.crew_id THEN a.leaves_at END,
           metres = CASE WHEN a.crew_id = EXCLUDED.crew_id THEN a.metres END,
           leg = CASE WHEN a.crew_id = EXCLUDED.crew_id THEN a.leg END
    RETURNING a.issue_id
)
INSERT INTO issues_event (issue_id, code, at, recorded_at, actor_id, by, is_public, data)
SELECT w.issue_id, 'crew_assigned', %(now)s::timestamptz, %(now)s::timestamptz, %(user_id)s::bigint, 'staff', false,
       jsonb_build_object('crew', c.name, 'on', %(on)s::date)
  FROM written w JOIN issues_crew c ON c.id = %(crew)s::bigint
 WHERE NOT EXISTS (SELECT FROM before b WHERE b.crew_id = c.id)
RETURNING id, pg_notify('issue_events', issue_id::text)
