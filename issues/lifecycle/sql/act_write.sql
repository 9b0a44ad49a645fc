-- An act: the request, its event, steps, clocks, outbox, pictures and closing, at once; nothing if it has changed.
WITH changed AS (
    UPDATE issues_issue
       SET state = %(state)s::varchar, resumes_as = %(resumes_as)s::varchar,
           team_id = %(team_id)s::bigint, department_id = %(department_id)s::bigint,
           assigned_by_id = CASE WHEN %(by_person)s::boolean THEN %(user_id)s::bigint ELSE assigned_by_id END,
           rule_id = CASE WHEN %(by_person)s::boolean THEN NULL ELSE rule_id END,
           reasons = CASE WHEN %(by_person)s::boolean THEN '[{"code": "assigned_by_person"}]' ELSE reasons END,
           due_at = %(due_at)s::timestamptz, extended_at = %(extended_at)s::timestamptz,
           closed_at = %(closed_at)s::timestamptz, duplicate_of_id = %(duplicate_of_id)s::bigint,
           updated_at = %(learnt_at)s::timestamptz
     WHERE id = %(id)s::bigint AND xmin = %(version)s::xid
    RETURNING id, citizen_id, followers, team_id
), told AS (
    INSERT INTO issues_event (issue_id, code, at, recorded_at, actor_id, by, is_public, data, note, client_id)
    SELECT id, %(event)s::varchar, %(now)s::timestamptz, %(learnt_at)s::timestamptz, %(user_id)s::bigint,
           %(by)s::varchar, %(is_public)s::boolean, %(data)s::jsonb, %(note)s, %(client_id)s::uuid
      FROM changed
    RETURNING id
), stepped AS (
    UPDATE issues_issuestep s
       SET state = COALESCE(r.state, s.state), away = COALESCE(r.team_id, s.team_id) <> changed.team_id,
           closed_at = COALESCE(r.closed_at, s.closed_at),
           outcome = COALESCE(r.outcome, s.outcome), team_id = COALESCE(r.team_id, s.team_id),
           due_at = COALESCE(r.due_at, s.due_at),
           by_id = CASE WHEN r.state = 'done' THEN %(user_id)s::bigint ELSE s.by_id END
      FROM changed
      JOIN issues_issuestep p ON p.issue_id = changed.id
      LEFT JOIN jsonb_to_recordset(%(step_changes)s::jsonb)
                AS r (id bigint, state varchar, closed_at timestamptz, outcome varchar, team_id bigint,
                      due_at timestamptz) ON r.id = p.id
     -- Also those that are open and now with another team than the request, or no longer.
     WHERE s.id = p.id
       AND (r.id IS NOT NULL OR p.state = 'open' AND p.away <> (p.team_id <> changed.team_id))
    RETURNING s.id
), begun AS (  -- after those that end: a step may lead to itself, and is open once
    INSERT INTO issues_issuestep (issue_id, code, name, team_id, away, round, state, opened_at, due_at, outcome)
    SELECT changed.id, r.code, r.name, r.team_id, r.team_id <> changed.team_id, r.round, 'open', %(now)s::timestamptz, r.due_at, ''
      FROM changed
     CROSS JOIN (SELECT count(*) FROM stepped) AS ended
     CROSS JOIN jsonb_to_recordset(%(new_steps)s::jsonb)
                AS r (code varchar, name varchar, team_id bigint, round smallint, due_at timestamptz)
    RETURNING id, code
), clocked AS (
    UPDATE issues_clockrun c
       SET stopped_at = CASE WHEN %(stops)s::boolean OR c.step_id = ANY (%(stopped_steps)s::bigint[])
                             THEN GREATEST(%(now)s::timestamptz, c.started_at) END,
           due_at = COALESCE(r.due_at, c.due_at), warn_at = COALESCE(r.warn_at, c.warn_at),
           alarm_at = CASE WHEN r.due_at IS NULL THEN c.alarm_at ELSE r.alarm_at END,
           warned_at = CASE WHEN r.due_at IS NULL THEN c.warned_at END,
           escalated_at = CASE WHEN r.due_at IS NULL THEN c.escalated_at END
      FROM changed
      JOIN issues_clockrun own ON own.issue_id = changed.id AND own.stopped_at IS NULL
      LEFT JOIN jsonb_to_recordset(%(reruns)s::jsonb)
                AS r (step_id bigint, due_at timestamptz, warn_at timestamptz, alarm_at timestamptz)
             ON r.step_id IS NOT DISTINCT FROM own.step_id
     WHERE c.id = own.id
       AND (%(stops)s::boolean OR c.step_id = ANY (%(stopped_steps)s::bigint[]) OR r.due_at IS NOT NULL)
), runs AS (
    INSERT INTO issues_clockrun (
        issue_id, step_id, started_at, due_at, warn_at, alarm_at, warned_at, escalated_at)
    SELECT changed.id, COALESCE(r.step_id, begun.id), %(now)s::timestamptz, r.due_at, r.warn_at, r.alarm_at, r.warned_at,
           r.escalated_at
      FROM changed
     CROSS JOIN jsonb_to_recordset(%(runs)s::jsonb)
                    AS r (step_id bigint, step_code varchar, due_at timestamptz, warn_at timestamptz, alarm_at timestamptz,
                          warned_at timestamptz, escalated_at timestamptz)
      LEFT JOIN begun ON begun.code = r.step_code
), outbox AS (
    INSERT INTO issues_delivery (event_id, issue_id, kind, created_at, available_at, attempts, failure)
    SELECT told.id, changed.id, k.kind, %(learnt_at)s::timestamptz, %(learnt_at)s::timestamptz, 0, ''
      FROM changed, told, unnest(%(tells)s::varchar[]) AS k (kind)
     WHERE (k.kind <> 'citizen_notice' OR changed.citizen_id IS NOT NULL)
       AND (k.kind <> 'follower_notice' OR changed.followers > 0
            OR EXISTS (SELECT FROM issues_issue d WHERE d.duplicate_of_id = changed.id))
), pictured AS (
    UPDATE issues_photo p SET issue_id = changed.id, kind = %(photo_kind)s::varchar
      FROM changed
     WHERE p.id = ANY (%(photos)s::uuid[]) AND (p.issue_id IS NULL OR p.issue_id = changed.id)
), closed AS (
    INSERT INTO issues_resolution (
        issue_id, event_id, team_id, by_id, at, photos, distance_m, accuracy_m, missing, unproved)
    SELECT changed.id, told.id, %(was_team_id)s::bigint, %(user_id)s::bigint, %(now)s::timestamptz,
           r.photos, r.distance_m, r.accuracy_m, r.missing, r.unproved
      FROM changed, told, jsonb_to_record(%(proof)s::jsonb)
                          AS r (photos smallint, distance_m float8, accuracy_m float8, missing varchar,
                                unproved varchar)
     WHERE r.photos IS NOT NULL
), again AS (
    UPDATE issues_resolution r SET reopened_at = %(now)s::timestamptz
      FROM changed
     WHERE %(reopens)s::boolean
       AND r.id = (SELECT l.id FROM issues_resolution l WHERE l.issue_id = changed.id
                    ORDER BY l.at DESC, l.id DESC LIMIT 1)
), counted AS (  -- whoever followed the duplicate is one more person at the original, or leaves it
    UPDATE issues_issue o
       SET followers = GREATEST(0, o.followers + %(gains)s::integer * (changed.followers + 1))
      FROM changed
     WHERE %(gains)s::integer <> 0 AND o.id = %(counterpart_id)s::bigint
)
SELECT told.id AS event_id, pg_notify('issue_events', %(id)s::bigint::text) FROM told
