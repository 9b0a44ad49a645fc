-- The processes with their services, and the open requests that run on any of their versions.
SELECT p.id, p.code, p.name, p.summary, v.id AS version_id, v.number AS version, v.published_at,
       (SELECT count(*) FROM issues_service s WHERE s.process_id = p.id AND s.is_active) AS services,
       COALESCE(r.running, 0) AS running, COALESCE(r.on_current, 0) AS on_current
  FROM issues_process p
  LEFT JOIN issues_processversion v ON v.id = p.current_id
  LEFT JOIN (
        SELECT w.process_id, sum(n.n)::bigint AS running,
               COALESCE(sum(n.n) FILTER (WHERE w.id = q.current_id), 0)::bigint AS on_current
          FROM (SELECT process_version_id, count(*) AS n FROM issues_issue
                 WHERE is_open AND process_version_id IS NOT NULL GROUP BY 1) n
          JOIN issues_processversion w ON w.id = n.process_version_id
          JOIN issues_process q ON q.id = w.process_id
         GROUP BY 1) r ON r.process_id = p.id
 WHERE p.is_active OR r.running > 0
 ORDER BY p.name, p.code
