-- Ratings of a service in a month, in the city (no district) or in one district, where enough people judged.
SELECT m.id AS _key, m.month::timestamp AT TIME ZONE %(zone)s::text AS _at,
       m.month, s.code AS service, s.name AS service_name, m.district,
       m.n1 + m.n2 + m.n3 + m.n4 + m.n5 AS n, m.n1, m.n2, m.n3, m.n4, m.n5,
       round(((m.n4 - m.n2) * 2.5 + (m.n5 - m.n1) * 5.0) / (m.n1 + m.n2 + m.n3 + m.n4 + m.n5), 3)::float8 AS score
  FROM issues_ratingmonth m
  JOIN issues_service s ON s.id = m.service_id
 WHERE m.n1 + m.n2 + m.n3 + m.n4 + m.n5 >= %(least)s::integer
