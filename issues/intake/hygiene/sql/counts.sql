-- How many findings there are of each kind.
SELECT 'duplicates' AS kind, count(*) AS n
  FROM issues_duplicatesuggestion d
  JOIN issues_issue a ON a.id = d.earlier_id AND a.is_open
  JOIN issues_issue b ON b.id = d.later_id AND b.is_open
 WHERE d.state = 'open'
UNION ALL
SELECT f.kind, count(*) FROM issues_finding f GROUP BY f.kind
UNION ALL
SELECT 'contacts_' || c.outcome, count(*) FROM issues_contactcheck c
 WHERE c.outcome <> 'fine' GROUP BY c.outcome
