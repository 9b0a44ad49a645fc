-- The middle of a team's open work: where a crew sets out of which nothing is known.
SELECT ST_X(m.geom) AS lng, ST_Y(m.geom) AS lat
  FROM (SELECT ST_Centroid(ST_Collect(i.geom)) AS geom
          FROM issues_issue i
         WHERE i.is_open AND i.team_id = %(team)s::bigint AND i.geom IS NOT NULL) AS m
 WHERE m.geom IS NOT NULL
