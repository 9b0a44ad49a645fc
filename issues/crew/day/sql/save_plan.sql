-- The rounds of a day take the place of those before; what was done or given by a person stays. Says who lost and got what.
WITH given AS (
    SELECT * FROM json_to_recordset(%(stops)s::json)
        AS g (issue_id bigint, crew_id bigint, position int, arrives_at timestamptz, leaves_at timestamptz,
              metres float8, leg text)
), before AS (
    SELECT a.issue_id, a.crew_id FROM issues_assignment a JOIN given g USING (issue_id) WHERE a.on = %(on)s::date
), gone AS (
    DELETE FROM issues_assignment a USING issues_issue i
     WHERE i.id = a.issue_id AND i.is_open AND NOT a.is_pinned AND a.on = %(on)s::date
       AND a.crew_id = ANY (%(crews)s::bigint[]) AND a.issue_id NOT IN (SELECT issue_id FROM given)
    RETURNING a.issue_id, a.crew_id
), eased AS (
    UPDATE issues_assignment a SET position = NULL, arrives_at = NULL, leaves_at = NULL, metres = NULL, leg = NULL
      FROM issues_issue i
     WHERE i.id = a.issue_id AND i.is_open AND a.is_pinned AND a.on = %(on)s::date
       AND a.crew_id = ANY (%(crews)s::bigint[]) AND a.issue_id NOT IN (SELECT issue_id FROM given)
), written AS (
    INSERT INTO issues_assignment AS a
           (issue_id, "on", crew_id, is_pinned, position, arrives_at, leaves_at, metres, leg, by_id, at)
    SELECT issue_id, %(on)s::date, crew_id, false, position, arrives_at, leaves_at, metres,
           ST_Simplify(ST_GeomFromText(leg, 4326), 1e-5), %(user_id)s::bigint, %(now)s::timestamptz
      FROM given
        ON CONFLICT (issue_id, "on") DO UPDATE
       SET crew_id = EXCLUDED.crew_id, position = EXCLUDED.position, arrives_at = EXCLUDED.arrives_at,
           leaves_at = EXCLUDED.leaves_at, metres = EXCLUDED.metres, leg = EXCLUDED.leg
     WHERE NOT a.is_pinned OR a.crew_id = EXCLUDED.crew_id
    RETURNING a.issue_id, a.crew_id
), told AS (
    INSERT INTO issues_event (issue_id, code, at, recorded_at, actor_id, by, is_public, data)
    SELECT t.issue_id, t.code, %(now)s::timestamptz, %(now)s::timestamptz, %(user_id)s::bigint, 'staff', false,
           jsonb_build_object('crew', c.name, 'on', %(on)s::date)
      FROM (SELECT issue_id, crew_id, 'crew_released' AS code FROM gone
            UNION ALL
            SELECT w.issue_id, w.crew_id, 'crew_assigned' FROM written w LEFT JOIN before b USING (issue_id)
             WHERE b.crew_id IS DISTINCT FROM w.crew_id) AS t
      JOIN issues_crew c ON c.id = t.crew_id
    RETURNING pg_notify('issue_events', issue_id::text)
)
SELECT (SELECT count(*) FROM written) AS written, (SELECT count(*) FROM told) AS told
