-- What explaining one request needs.
SELECT i.id, i.protocol, i.service_id, i.opened_at, i.is_open, ST_X(i.geom) AS lng, ST_Y(i.geom) AS lat
  FROM issues_issue i
 WHERE i.protocol = %(protocol)s
