-- How some requests stand, and who changed their state last: for whoever came too late.
SELECT i.protocol, i.state, i.is_open, i.team_id, e.at,
       COALESCE(NULLIF(concat_ws(' ', NULLIF(u.first_name, ''), NULLIF(u.last_name, '')), ''), u.username) AS by_name
  FROM unnest(%(protocols)s::varchar[]) AS asked (protocol)
  JOIN issues_issue i USING (protocol)
  LEFT JOIN LATERAL (
      SELECT v.at, v.actor_id FROM issues_event v
       WHERE v.issue_id = i.id AND v.code NOT IN ('noted', 'internal_note', 'parts_used', 'on_the_way', 'followed',
                                                       'crew_assigned', 'crew_released')
       ORDER BY v.at DESC, v.id DESC
       LIMIT 1
  ) AS e ON true
  LEFT JOIN issues_user u ON u.id = e.actor_id
