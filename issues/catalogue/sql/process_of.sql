-- The current version of the process of a service.
SELECT v.id, p.code, v.number AS version, v.definition
  FROM issues_service s
  JOIN issues_process p ON p.id = s.process_id
  JOIN issues_processversion v ON v.id = p.current_id
 WHERE s.id = %(service)s::bigint
