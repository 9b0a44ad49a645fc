-- Lock the request that is acted on and, where two are concerned, both: always in the order of their ids.
SELECT i.id FROM issues_issue i
 WHERE i.id = %(id)s::bigint
    OR i.protocol = %(original)s::varchar
    OR i.id = (SELECT d.duplicate_of_id FROM issues_issue d WHERE d.id = %(id)s::bigint)
 ORDER BY i.id
   FOR UPDATE
