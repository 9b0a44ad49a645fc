-- The reasons of one list that may be chosen, in their order.
SELECT code, text, asks_responsible FROM issues_reason
 WHERE kind = %(kind)s::varchar AND is_active ORDER BY position, code
