-- The requests of a period that lie within some metres of an asset, for those services that a rule speaks of.
INSERT INTO tried_near (issue_id, specs)
SELECT DISTINCT i.id, ARRAY[%(spec)s::int]
  FROM layers_feature f
  JOIN layers_layerversion v ON v.id = f.version_id
  JOIN layers_layer l ON l.id = v.layer_id
 CROSS JOIN LATERAL (
     SELECT ST_Transform(f.geom, :metric) AS metric, LEAST(%(metres)s::int, l.near_m) AS reach) a
  JOIN issues_issue i
    ON i.geom && ST_Transform(ST_Expand(a.metric, a.reach * 1.01 + 1), 4326)
   AND ST_DWithin(ST_Transform(i.geom, :metric), a.metric, a.reach)
 WHERE f.version_id = %(version)s::bigint AND ST_GeometryType(f.geom) = 'ST_Point'
   AND (%(codes)s::text[] = '{}' OR f.code = ANY (%(codes)s::text[]))
   AND i.service_id = ANY (%(services)s::bigint[])
   AND i.opened_at >= %(from)s::timestamptz AND i.opened_at < %(until)s::timestamptz
