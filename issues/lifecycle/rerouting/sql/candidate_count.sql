-- How many open requests a rerouting looks at.
SELECT count(*) FROM issues_issue WHERE is_open AND assigned_by_id IS NULL
