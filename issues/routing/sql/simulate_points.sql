-- The points of a period's requests, for COPY.
COPY (
    SELECT id, ST_X(geom), ST_Y(geom)
      FROM issues_issue
     WHERE geom IS NOT NULL
       AND opened_at >= %(from)s AND opened_at < %(until)s
) TO STDOUT (FORMAT binary)
