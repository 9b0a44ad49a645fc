-- The requests of a plan and those that its crews had, locked in the one order; whether each is still open.
SELECT i.id, i.is_open
  FROM issues_issue i
 WHERE i.id = ANY (%(issues)s::bigint[])
    OR i.id IN (SELECT a.issue_id FROM issues_assignment a
                 WHERE a.on = %(on)s::date AND a.crew_id = ANY (%(crews)s::bigint[]))
 ORDER BY i.id
   FOR UPDATE
