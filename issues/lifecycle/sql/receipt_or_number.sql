-- The receipt of a client id that is known, or else the next protocol number of the year, and the
-- edition of the tables that a decision is made of.
SELECT i.protocol, i.token, i.due_at, i.reasons, i.address, i.service, i.service_name,
       i.team, i.department, i.similar_to,
       CASE WHEN i.protocol IS NULL THEN next_protocol_number(%(year)s::integer) END AS number,
       (SELECT number FROM issues_edition) AS edition
  FROM (SELECT) AS always
  LEFT JOIN (
      SELECT i.protocol, i.token, i.due_at, i.reasons, i.address, s.code AS service,
             s.name AS service_name, t.name AS team, d.acronym AS department,
             (SELECT e.data ->> 'similar_to' FROM issues_event e
               WHERE e.issue_id = i.id AND e.code = 'opened' LIMIT 1) AS similar_to
        FROM issues_issue i
        JOIN issues_service s ON s.id = i.service_id
        JOIN issues_team t ON t.id = i.team_id
        JOIN issues_department d ON d.id = i.department_id
       WHERE i.client_id = %(client_id)s::uuid
  ) AS i ON true
