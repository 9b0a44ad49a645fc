-- Those of some requests that nobody else is changing just now, locked in the one order.
SELECT i.protocol FROM issues_issue i
 WHERE i.protocol = ANY (%(protocols)s::varchar[])
 ORDER BY i.id
   FOR UPDATE SKIP LOCKED
