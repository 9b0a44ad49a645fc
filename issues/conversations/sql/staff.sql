-- The leaders, with an e-mail, of the team that an event names, or else of the team that has the request.
SELECT DISTINCT u.id AS user_id,
       (SELECT max(n.sealed_at) FROM issues_notice n WHERE n.address = 'email:u' || u.id) AS last
  FROM issues_event e
  JOIN issues_issue i ON i.id = e.issue_id
  LEFT JOIN issues_team named ON named.slug = e.data ->> 'team'
  JOIN issues_membership m ON m.team_id = COALESCE(named.id, i.team_id) AND m.is_leader
  JOIN issues_user u ON u.id = m.user_id
 WHERE e.id = %(event)s::bigint AND u.is_active AND u.email <> ''
