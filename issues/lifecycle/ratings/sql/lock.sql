-- The request of a secret link, held, with the closing that is up for judgement.
SELECT i.id, i.protocol, i.state, i.service_id, i.district,
       COALESCE((SELECT max(e.at) FROM issues_event e WHERE e.issue_id = i.id AND e.code = 'resolved'),
                i.closed_at) AS closed_at
  FROM issues_issue i
 WHERE i.token = %(token)s
   FOR UPDATE OF i
