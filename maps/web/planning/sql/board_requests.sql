-- Requests by their ids, as a list for staff shows them.
SELECT i.id, i.protocol, s.name AS service, i.address, t.name AS team, i.state, i.opened_at, i.due_at,
       i.closed_at
  FROM issues_issue i
  JOIN issues_service s ON s.id = i.service_id
  JOIN issues_team t ON t.id = i.team_id
 WHERE i.id = ANY (%(ids)s::bigint[])
