-- Events in commit order up to the oldest transaction still open: who has the request now, who had it.
WITH fence AS MATERIALIZED (
    SELECT pg_snapshot_xmin(pg_current_snapshot()) AS xmin
), fresh AS MATERIALIZED (
    SELECT e.id, e.issue_id, e.code, e.at, e.written_in, e.data ? 'team' OR e.code LIKE 'step%%' AS moves
      FROM issues_event e
     WHERE (e.written_in, e.id) > (%(xid)s::text::xid8, %(id)s::bigint)
       AND e.written_in < (SELECT xmin FROM fence)
     ORDER BY e.written_in, e.id
     LIMIT %(limit)s::integer
)
SELECT f.written_in::text AS xid, f.id, has.teams, COALESCE(had.teams, '{}') AS former,
       json_build_object('protocol', i.protocol, 'code', f.code, 'at', f.at, 'state', i.state,
                         'service', s.name, 'team', t.slug, 'due_at', i.due_at)::text AS body,
       json_build_object('protocol', i.protocol, 'at', f.at, 'gone', true)::text AS farewell
  FROM fresh f
  JOIN issues_issue i ON i.id = f.issue_id
  JOIN issues_service s ON s.id = i.service_id
  JOIN issues_team t ON t.id = i.team_id
 CROSS JOIN LATERAL (
     SELECT array_agg(p.team_id) || i.team_id AS teams
       FROM issues_issuestep p WHERE p.issue_id = i.id AND p.state = 'open'
 ) AS has
  LEFT JOIN LATERAL (
     SELECT array_agg(was.team_id) AS teams
       FROM (SELECT g.id FROM issues_event b JOIN issues_team g ON g.slug = b.data ->> 'team'
              WHERE b.issue_id = f.issue_id AND b.id < f.id
              UNION
             SELECT p.team_id FROM issues_issuestep p WHERE p.issue_id = f.issue_id AND p.state <> 'open'
       ) AS was (team_id)
      WHERE was.team_id <> ALL (has.teams)
 ) AS had ON f.moves
 ORDER BY f.written_in, f.id
