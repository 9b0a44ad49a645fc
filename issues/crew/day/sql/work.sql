-- Work of a team that some of its crews may do on a day, the most pressing and the nearest: at most so many.
-- What another crew has been given for that day is theirs; what was promised for a later day waits for it.
WITH mine AS (
    SELECT i.id FROM issues_issue i WHERE i.is_open AND i.team_id = %(team)s::bigint
    UNION
    SELECT x.issue_id FROM issues_issuestep x WHERE x.state = 'open' AND x.away AND x.team_id = %(team)s::bigint
), setting_out AS (
    SELECT ST_Transform(ST_SetSRID(ST_Collect(ST_MakePoint(p.lng, p.lat)), 4326), :metric) AS geom
      FROM unnest(%(lngs)s::float8[], %(lats)s::float8[]) AS p (lng, lat)
), open AS (
    SELECT i.id, i.protocol, i.priority, i.due_at, ST_X(i.geom) AS lng, ST_Y(i.geom) AS lat,
           COALESCE(w.minutes, %(usual_minutes)s::int) AS minutes,
           CASE WHEN a.is_pinned THEN a.crew_id END AS crew_id,
           ST_Distance(ST_Transform(i.geom, :metric), setting_out.geom) AS away
      FROM mine JOIN issues_issue i USING (id)
      LEFT JOIN issues_worktime w ON w.service_id = i.service_id
      LEFT JOIN issues_assignment a ON a.issue_id = i.id AND a.on = %(on)s::date
     CROSS JOIN setting_out
     WHERE i.is_open AND i.state <> 'waiting' AND i.geom IS NOT NULL
       AND (a.crew_id IS NULL OR a.crew_id = ANY (%(crews)s::bigint[]))
       AND NOT EXISTS (SELECT FROM issues_assignment l
                        WHERE l.issue_id = i.id AND l.on > %(on)s::date AND l.is_pinned)
       AND (i.state <> 'scheduled'
            OR COALESCE((SELECT (e.data->>'on')::date FROM issues_event e
                          WHERE e.issue_id = i.id AND e.code = 'scheduled' ORDER BY e.at DESC, e.id DESC LIMIT 1),
                        %(on)s::date) <= %(on)s::date)
), ranked AS (
    SELECT open.*, row_number() OVER (ORDER BY crew_id IS NULL, priority <> 1, due_at, id) AS pressing,
           row_number() OVER (ORDER BY crew_id IS NULL, away, id) AS near
      FROM open
)
SELECT id, protocol, priority, due_at, lng, lat, minutes, crew_id
  FROM ranked
 ORDER BY LEAST(pressing, near), pressing, id
 LIMIT %(limit)s::int
