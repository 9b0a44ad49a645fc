-- What happened to every request, as far as it is public.
SELECT e.id AS _key, e.at AS _at,
       e.id, i.protocol, s.code AS service, e.code AS event, e.at, e.recorded_at, e.by,
       e.data ->> 'state' AS state, e.data ->> 'team' AS team, e.data ->> 'reason' AS reason
  FROM issues_event e
  JOIN issues_issue i ON i.id = e.issue_id
  JOIN issues_service s ON s.id = i.service_id
 WHERE e.is_public
