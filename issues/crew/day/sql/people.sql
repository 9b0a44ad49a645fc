-- The people who may go out for a team, those who are in a crew and those who are not.
SELECT u.id, COALESCE(NULLIF(concat_ws(' ', NULLIF(u.first_name, ''), NULLIF(u.last_name, '')), ''), u.username) AS name,
       m.crew_id
  FROM issues_membership s
  JOIN issues_user u ON u.id = s.user_id AND u.is_active
  LEFT JOIN issues_crewmember m ON m.user_id = u.id AND m.team_id = s.team_id
 WHERE s.team_id = %(team)s::bigint
 ORDER BY 2, u.id
