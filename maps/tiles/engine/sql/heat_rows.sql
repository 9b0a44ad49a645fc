-- Requests as rows of fixed size for the heat store; what is null is sent as -1 or NaN. See columns.SENT.
-- Zoom 22 of the Mercator square: cells whose halves, quarters... are the tiles of every lower zoom.
SELECT i.id::int8, i.service_id::int8, i.team_id::int8, hashtextextended(i.channel, 0)::int8,
       i.opened_at, CASE WHEN i.is_open THEN 'infinity' ELSE COALESCE(i.closed_at, i.updated_at) END, i.due_at,
       CASE WHEN abs(ST_Y(i.public_geom)) < 85.05
            THEN floor((ST_X(i.public_geom) + 180) / 360 * 4194304) ELSE -1 END::int4,
       CASE WHEN abs(ST_Y(i.public_geom)) < 85.05
            THEN floor((0.5 - atanh(sin(radians(ST_Y(i.public_geom)))) / (2 * pi())) * 4194304) ELSE -1 END::int4,
       CASE WHEN abs(ST_Y(i.geom)) < 85.05 THEN floor((ST_X(i.geom) + 180) / 360 * 4194304) ELSE -1 END::int4,
       CASE WHEN abs(ST_Y(i.geom)) < 85.05
            THEN floor((0.5 - atanh(sin(radians(ST_Y(i.geom)))) / (2 * pi())) * 4194304) ELSE -1 END::int4,
       COALESCE(ST_X(i.geom), 'NaN')::float8, COALESCE(ST_Y(i.geom), 'NaN')::float8
  FROM issues_issue i
