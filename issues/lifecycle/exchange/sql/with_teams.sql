-- A request and the teams that it is with: its own, and those of its open steps.
SELECT i.id, i.opened_at,
       array_append(ARRAY(SELECT x.team_id FROM issues_issuestep x WHERE x.issue_id = i.id AND x.state = 'open'),
                    i.team_id) AS teams
  FROM issues_issue i
 WHERE i.protocol = %(protocol)s::varchar
