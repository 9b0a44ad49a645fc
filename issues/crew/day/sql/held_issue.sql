-- One request that is to be given to a crew, locked: how it stands, and the teams that have to do with it.
SELECT i.id, i.protocol, i.state, i.is_open, i.team_id,
       COALESCE((SELECT array_agg(x.team_id) FROM issues_issuestep x WHERE x.issue_id = i.id AND x.state = 'open'), '{}')
           AS step_teams
  FROM issues_issue i
 WHERE i.protocol = %(protocol)s
   FOR UPDATE
