-- Which asset rules' distances the requests of a period keep to, for those services that the rules speak of.
WITH spec AS MATERIALIZED (
    SELECT s.n, s.version, LEAST(s.metres, l.near_m) AS metres, s.codes, s.services
      FROM jsonb_to_recordset(%(specs)s::jsonb)
           AS s (n int, version bigint, metres int, codes text[], services bigint[])
      JOIN layers_layerversion v ON v.id = s.version
      JOIN layers_layer l ON l.id = v.layer_id
), asset AS MATERIALIZED (
    SELECT f.version_id, f.code, a.metric, r.reach, ST_Transform(ST_Expand(a.metric, r.reach * 1.01 + 1), 4326) AS box
      FROM (SELECT version, max(metres) AS reach FROM spec GROUP BY version) r
      JOIN layers_feature f ON f.version_id = r.version AND ST_GeometryType(f.geom) = 'ST_Point'
     CROSS JOIN LATERAL (SELECT ST_Transform(f.geom, :metric) AS metric) a
), hit AS MATERIALIZED (  -- by place alone: the index of services would be read once per asset
    SELECT a.version_id, a.code, a.metric, i.id, i.geom, i.service_id, i.opened_at
      FROM asset a JOIN issues_issue i ON i.geom && a.box
)
INSERT INTO tried_near (issue_id, specs)
SELECT h.id, array_agg(DISTINCT s.n ORDER BY s.n)
  FROM hit h
  JOIN spec s ON s.version = h.version_id AND h.service_id = ANY (s.services)
             AND (s.codes = '{}' OR h.code = ANY (s.codes))
 WHERE h.opened_at >= %(from)s::timestamptz AND h.opened_at < %(until)s::timestamptz
   AND ST_Transform(h.geom, :metric) <-> h.metric <= s.metres
 GROUP BY h.id
