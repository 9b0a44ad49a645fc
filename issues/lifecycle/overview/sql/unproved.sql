-- Why closings carried no proof, by team, the most frequent first.
SELECT t.slug AS team, t.name AS team_name, COALESCE(w.text, r.unproved) AS reason, count(*)::int AS n
  FROM issues_resolution r
  JOIN issues_team t ON t.id = r.team_id
  LEFT JOIN issues_reason w ON w.kind = 'unproved' AND w.code = r.unproved
 WHERE r.at >= %(since)s::timestamptz AND r.missing <> ''
   AND (%(teams)s::bigint[] IS NULL OR r.team_id = ANY (%(teams)s::bigint[]))
 GROUP BY 1, 2, 3
 ORDER BY n DESC, 2, 3
 LIMIT 50
