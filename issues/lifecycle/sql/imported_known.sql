-- Which of these identifiers of a source are there already.
SELECT external_id FROM issues_issue
 WHERE source = %(source)s AND source <> '' AND external_id = ANY (%(ids)s::text[])
