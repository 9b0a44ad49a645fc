-- Which request a protocol or a secret link means, and whether the link is that of its reporter.
SELECT i.id, i.token = %(token)s::varchar AS is_reporter
  FROM issues_issue i
 WHERE i.protocol = %(protocol)s::varchar OR i.token = %(token)s::varchar
    OR i.id = (SELECT f.issue_id FROM issues_follow f WHERE f.token = %(token)s::varchar)
