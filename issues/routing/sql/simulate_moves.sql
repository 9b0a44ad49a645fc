-- The requests of the keys whose team differs are written down with both teams.
WITH mine AS MATERIALIZED (  -- read once, not once per key
    SELECT i.id, i.geom IS NULL AS placeless, i.service_id,
           CASE WHEN p.issue_id IS NULL THEN i.areas ELSE '{}' END AS areas,
           COALESCE(p.combination, -1) AS combination, COALESCE(n.specs, '{}') AS near,
           width_bucket(i.opened_at, %(turns)s::timestamptz[]) AS "window"
      FROM issues_issue i
      LEFT JOIN tried_place p ON p.issue_id = i.id
      LEFT JOIN tried_near n ON n.issue_id = i.id
     WHERE i.opened_at >= %(from)s::timestamptz AND i.opened_at < %(until)s::timestamptz
       AND i.service_id = ANY (%(services)s::bigint[])
)
INSERT INTO issues_simulatedmove (simulation_id, issue_id, team_before_id, team_after_id)
SELECT %(simulation)s::bigint, mine.id, m.team_before, m.team_after
  FROM mine
  JOIN tried_move m USING (placeless, service_id, areas, combination, near, "window")
