-- Public events of many requests, each from its own position on; ids of one request follow its commits.
SELECT e.issue_id, e.id,
       json_build_object('id', e.id, 'code', e.code, 'at', e.at, 'data', e.data)::text AS body
  FROM unnest(%(issues)s::bigint[], %(after)s::bigint[]) AS w (issue_id, after)
  JOIN issues_event e ON e.issue_id = w.issue_id AND e.id > w.after
 WHERE e.is_public
 ORDER BY e.id
