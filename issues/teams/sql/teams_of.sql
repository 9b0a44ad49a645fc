-- The active teams that somebody belongs to, or every active team.
SELECT COALESCE(array_agg(t.id ORDER BY t.id), '{}')
  FROM issues_team t
 WHERE t.is_active
   AND (%(sees_all)s::boolean
        OR t.id IN (SELECT m.team_id FROM issues_membership m WHERE m.user_id = %(user)s::bigint))
