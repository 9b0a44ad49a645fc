-- The active teams that somebody works in, and those of them that they lead.
SELECT COALESCE(array_agg(t.id), '{}') AS teams,
       COALESCE(array_agg(t.id) FILTER (WHERE m.is_leader), '{}') AS leads
  FROM issues_membership m
  JOIN issues_team t ON t.id = m.team_id AND t.is_active
 WHERE m.user_id = %(user)s::bigint
