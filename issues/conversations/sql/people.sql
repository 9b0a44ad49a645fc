-- The contacts that want to hear of an event: the reporter's, the followers', and those of duplicates.
WITH RECURSIVE same (id, is_own) AS (
    SELECT %(issue)s::bigint, true
    UNION
    SELECT i.id, false FROM issues_issue i JOIN same ON i.duplicate_of_id = same.id
), people AS (
    SELECT i.id AS issue_id, i.citizen_id, i.token,
           CASE WHEN same.is_own THEN 'reporter' ELSE 'duplicate' END AS relation
      FROM same JOIN issues_issue i ON i.id = same.id
     WHERE i.citizen_id IS NOT NULL
    UNION ALL
    SELECT f.issue_id, f.citizen_id, f.token, 'follower'
      FROM same JOIN issues_follow f ON f.issue_id = same.id
     WHERE f.citizen_id IS NOT NULL
), reached AS (
    SELECT p.id AS contact_id, p.scheme, people.issue_id, people.token, people.relation
      FROM people JOIN issues_contactpoint p ON p.citizen_id = people.citizen_id
    UNION ALL
    SELECT s.contact_id, p.scheme, s.issue_id, s.token,
           CASE WHEN s.token <> i.token THEN 'follower' WHEN same.is_own THEN 'reporter' ELSE 'duplicate' END
      FROM same
      JOIN issues_subscription s ON s.issue_id = same.id
      JOIN issues_issue i ON i.id = same.id
      JOIN issues_contactpoint p ON p.id = s.contact_id
)
SELECT DISTINCT ON (r.contact_id)
       r.contact_id, r.scheme, r.token, r.relation,
       (SELECT max(n.sealed_at) FROM issues_notice n
         WHERE n.address IN (SELECT c || ':c' || r.contact_id FROM unnest(%(channels)s::text[]) c)) AS last
  FROM reached r
  LEFT JOIN issues_contactpreference w ON w.contact_id = r.contact_id
 WHERE r.scheme = ANY (%(schemes)s::text[])
   AND (r.relation <> 'reporter' OR %(reporter)s::boolean)
   AND (r.relation = 'reporter' OR %(others)s::boolean)
   AND w.off_at IS NULL AND (w.muted IS NULL OR %(group)s::text <> ALL (w.muted))
   AND NOT EXISTS (SELECT FROM issues_subscription s
                    WHERE s.contact_id = r.contact_id AND s.muted_at IS NOT NULL
                      AND s.issue_id IN (r.issue_id, %(issue)s::bigint))
 ORDER BY r.contact_id, r.relation <> 'reporter', r.relation <> 'follower', r.token
