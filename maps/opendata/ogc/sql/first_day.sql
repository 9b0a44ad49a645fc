-- When the first request of all was opened.
SELECT min(opened_at) FROM issues_issue
