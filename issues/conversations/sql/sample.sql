-- The facts of one request that a message tells, for a preview: nothing personal.
SELECT i.protocol, s.name AS service, t.name AS team, d.acronym AS department, i.state, i.is_open, i.due_at,
       CASE WHEN s.precision = 'exact' THEN i.address ELSE '' END AS place
  FROM issues_issue i
  JOIN issues_service s ON s.id = i.service_id
  JOIN issues_team t ON t.id = i.team_id
  JOIN issues_department d ON d.id = i.department_id
 WHERE i.protocol = %(protocol)s
