-- Pairs that may be the same request, the surest first; only those of which both are still open.
SELECT d.id, d.score, d.reasons, s.name AS service_name,
       ST_Distance(p.a, p.b) AS distance_m,
       ST_X(p.b) - ST_X(p.a) AS east_m, ST_Y(p.b) - ST_Y(p.a) AS north_m,
       abs(extract(epoch FROM b.opened_at - a.opened_at))::float8 / 86400 AS days,
       ST_X(a.geom) AS lng, ST_Y(a.geom) AS lat,
       json_build_array(
           json_build_array(a.protocol, a.description, a.address, a.opened_at, a.state, a.channel,
                            a.followers, ta.name),
           json_build_array(b.protocol, b.description, b.address, b.opened_at, b.state, b.channel,
                            b.followers, tb.name)) AS sides
  FROM issues_duplicatesuggestion d
  JOIN issues_issue a ON a.id = d.earlier_id AND a.is_open
  JOIN issues_issue b ON b.id = d.later_id AND b.is_open
  JOIN issues_service s ON s.id = b.service_id
  JOIN issues_team ta ON ta.id = a.team_id
  JOIN issues_team tb ON tb.id = b.team_id
 CROSS JOIN LATERAL (SELECT ST_Transform(a.geom, :metric) AS a, ST_Transform(b.geom, :metric) AS b) AS p
 WHERE d.state = 'open'
   AND (%(score)s::float8 IS NULL
        OR d.score < %(score)s::float8
        OR (d.score = %(score)s::float8 AND d.id > %(id)s::bigint))
   AND (%(only)s::bigint IS NULL OR d.id = %(only)s::bigint)
 ORDER BY d.score DESC, d.id
 LIMIT %(limit)s::int
