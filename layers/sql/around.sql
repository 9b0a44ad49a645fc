-- The street and the assets of many points at once, each as `place_at` finds them.
WITH active AS MATERIALIZED (
    SELECT v.id, l.slug, l.kind, l.near_m, l.position
      FROM layers_layerversion v JOIN layers_layer l ON l.id = v.layer_id
     WHERE v.state = 'active'
), here AS MATERIALIZED (
    SELECT (ord - 1)::int AS at, ST_Transform(ST_SetSRID(ST_MakePoint(lng, lat), 4326), :metric) AS geom
      FROM unnest(%(lngs)s::text::float8[], %(lats)s::text::float8[]) WITH ORDINALITY AS u(lng, lat, ord)
)
SELECT s.name AS street, s.postcode, s.away, s.odd_from, s.odd_to, s.even_from, s.even_to,
       ST_LineLocatePoint(s.line, here.geom) AS along,
       ST_Azimuth(ST_LineInterpolatePoint(s.line, GREATEST(ST_LineLocatePoint(s.line, here.geom) - 1e-3, 0)),
                  ST_LineInterpolatePoint(s.line, LEAST(ST_LineLocatePoint(s.line, here.geom) + 1e-3, 1)))
         AS heading,
       ST_Azimuth(ST_ClosestPoint(s.line, here.geom), here.geom) AS bearing,
       h.street_name AS house_street, h.number AS house_number, h.postcode AS house_postcode,
       h.away AS house_away, asset.list AS assets
  FROM here
  LEFT JOIN LATERAL (
        SELECT s.name, s.postcode, s.odd_from, s.odd_to, s.even_from, s.even_to,
               ST_Transform(s.geom, :metric) AS line, ST_Transform(s.geom, :metric) <-> here.geom AS away
          FROM layers_street s
         WHERE %(streets)s::bool AND s.name <> ''
           AND s.version_id = ANY (ARRAY(SELECT id FROM active WHERE kind = 'street'))
           AND ST_DWithin(ST_Transform(s.geom, :metric), here.geom, %(reach)s::float8)
         ORDER BY ST_Transform(s.geom, :metric) <-> here.geom, s.id LIMIT 1) s ON true
  LEFT JOIN LATERAL (
        SELECT a.street_name, a.number, a.postcode, ST_Transform(a.geom, :metric) <-> here.geom AS away
          FROM layers_addresspoint a
         WHERE %(streets)s::bool AND a.version_id = ANY (ARRAY(SELECT id FROM active WHERE kind = 'address'))
           AND ST_DWithin(ST_Transform(a.geom, :metric), here.geom, %(at_house)s::float8)
         ORDER BY ST_Transform(a.geom, :metric) <-> here.geom, a.id LIMIT 1) h ON true
  LEFT JOIN LATERAL (
        SELECT json_agg(json_build_array(a.slug, f.code, f.name, f.away)
                        ORDER BY a.position, a.slug, f.away, f.code) AS list
          FROM active a CROSS JOIN LATERAL (
            SELECT f.code, f.name, ST_Transform(f.geom, :metric) <-> here.geom AS away
              FROM layers_feature f
             WHERE f.version_id = a.id AND ST_GeometryType(f.geom) = 'ST_Point'
               AND ST_DWithin(ST_Transform(f.geom, :metric), here.geom, a.near_m)
             ORDER BY ST_Transform(f.geom, :metric) <-> here.geom, f.code LIMIT %(assets)s::int) f
         WHERE %(near)s::bool AND a.kind = 'asset') asset ON true
 ORDER BY here.at
