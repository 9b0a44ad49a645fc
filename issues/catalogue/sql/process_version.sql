-- One version of a process, current or not.
SELECT v.id, p.code, v.number AS version, v.definition
  FROM issues_processversion v
  JOIN issues_process p ON p.id = v.process_id
 WHERE v.id = %(id)s::bigint
