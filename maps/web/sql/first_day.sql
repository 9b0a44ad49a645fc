-- When the oldest request was made.
SELECT i.opened_at FROM issues_issue i ORDER BY i.opened_at, i.id LIMIT 1
