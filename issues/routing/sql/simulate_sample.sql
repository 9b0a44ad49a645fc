-- About so many requests of a period, evenly spread, with the areas that were stored with them.
WITH mine AS MATERIALIZED (
    SELECT id FROM issues_issue
     WHERE geom IS NOT NULL
       AND opened_at >= %(from)s::timestamptz AND opened_at < %(until)s::timestamptz
), step AS (
    SELECT GREATEST(count(*) / %(sample)s::int, 1) AS every FROM mine
)
SELECT i.areas, ST_X(i.geom) AS lng, ST_Y(i.geom) AS lat
  FROM mine JOIN step ON hashint8(mine.id)::bigint %% step.every = 0
  JOIN issues_issue i ON i.id = mine.id
