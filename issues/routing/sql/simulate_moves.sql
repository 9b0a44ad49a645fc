-- The requests of the keys whose team differs are written down with both teams.
INSERT INTO issues_simulatedmove (simulation_id, issue_id, team_before_id, team_after_id)
SELECT %(simulation)s::bigint, i.id, m.team_before, m.team_after
  FROM issues_issue i
  LEFT JOIN tried_place p ON p.issue_id = i.id
  LEFT JOIN (SELECT issue_id, array_agg(s ORDER BY s) AS specs
               FROM tried_near CROSS JOIN LATERAL unnest(specs) s GROUP BY issue_id) n ON n.issue_id = i.id
  JOIN tried_move m
    ON m.service_id = i.service_id AND m.placeless = (i.geom IS NULL)
   AND m.areas = CASE WHEN p.issue_id IS NULL THEN i.areas ELSE '{}' END
   AND m.combination = COALESCE(p.combination, -1) AND m.near = COALESCE(n.specs, '{}')
   AND m."window" = width_bucket(i.opened_at, %(turns)s::timestamptz[])
 WHERE i.opened_at >= %(from)s::timestamptz AND i.opened_at < %(until)s::timestamptz
 ORDER BY i.id
