-- The request that a secret link follows: the link of its reporter, or of somebody who follows it.
SELECT COALESCE((SELECT i.id FROM issues_issue i WHERE i.token = %(token)s),
                (SELECT f.issue_id FROM issues_follow f WHERE f.token = %(token)s)) AS issue_id
