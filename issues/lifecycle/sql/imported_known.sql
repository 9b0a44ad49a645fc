-- Which of these identifiers of a source are there already. Planned with them: a list that the plan does
-- not know would be gone through once a row.
SELECT external_id FROM issues_issue
 WHERE source = %(source)s AND source <> '' AND external_id = ANY (%(ids)s::text[])
