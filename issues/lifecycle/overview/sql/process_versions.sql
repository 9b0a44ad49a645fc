-- The versions of a process, the latest first, with the open requests that run on each.
SELECT v.id, v.number, v.published_at, v.id = p.current_id AS is_current,
       (SELECT count(*) FROM issues_issue i WHERE i.is_open AND i.process_version_id = v.id) AS running
  FROM issues_process p JOIN issues_processversion v ON v.process_id = p.id
 WHERE p.code = %(code)s
 ORDER BY v.number DESC
