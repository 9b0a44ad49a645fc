-- Everything known about one point: its area in every published layer, street and number, assets near.
-- 1e-9 degrees (a tenth of a millimetre) closes the rounding gaps between subdivided pieces.
WITH q AS MATERIALIZED (
    SELECT ST_SetSRID(ST_MakePoint(%(lng)s::float8, %(lat)s::float8), 4326) AS geom,
           ST_SetSRID(ST_MakePoint(%(lat)s::float8, %(lng)s::float8), 4326) AS swapped
), active AS MATERIALIZED (
    SELECT v.id, l.slug, l.kind, l.near_m, l.position
      FROM layers_layerversion v JOIN layers_layer l ON l.id = v.layer_id
     WHERE v.state = 'active'
), area AS MATERIALIZED (
    SELECT DISTINCT ON (a.position, a.slug) a.position, a.slug, f.code, f.name
      FROM q
      JOIN layers_featurepart p ON ST_DWithin(p.geom, q.geom, 1e-9)
      JOIN active a ON a.id = p.version_id
      JOIN layers_feature f ON f.id = p.feature_id
     ORDER BY a.position, a.slug, f.rank, f.code
), here AS MATERIALIZED (  -- only inside the city: far away the projection has no answer
    SELECT ST_Transform(geom, :metric) AS geom
      FROM q WHERE EXISTS (SELECT FROM area WHERE slug = %(boundary)s::text)
), street AS (
    SELECT s.*
      FROM here CROSS JOIN LATERAL (
        SELECT s.name, s.postcode, s.odd_from, s.odd_to, s.even_from, s.even_to,
               ST_Transform(s.geom, :metric) AS line, ST_Transform(s.geom, :metric) <-> here.geom AS away
          FROM layers_street s
         WHERE s.name <> '' AND s.version_id = ANY (ARRAY(SELECT id FROM active WHERE kind = 'street'))
           AND ST_DWithin(ST_Transform(s.geom, :metric), here.geom, %(reach)s::float8)
         ORDER BY ST_Transform(s.geom, :metric) <-> here.geom, s.id LIMIT 1) s
), house AS (
    SELECT a.*
      FROM here CROSS JOIN LATERAL (
        SELECT a.street_name, a.number, a.postcode, ST_Transform(a.geom, :metric) <-> here.geom AS away
          FROM layers_addresspoint a
         WHERE a.version_id = ANY (ARRAY(SELECT id FROM active WHERE kind = 'address'))
           AND ST_DWithin(ST_Transform(a.geom, :metric), here.geom, %(at_house)s::float8)
         ORDER BY ST_Transform(a.geom, :metric) <-> here.geom, a.id LIMIT 1) a
), asset AS (
    SELECT a.position, a.slug, f.code, f.name, f.away
      FROM here CROSS JOIN active a CROSS JOIN LATERAL (
        SELECT f.code, f.name, ST_Transform(f.geom, :metric) <-> here.geom AS away
          FROM layers_feature f
         WHERE f.version_id = a.id AND ST_GeometryType(f.geom) = 'ST_Point'
           AND ST_DWithin(ST_Transform(f.geom, :metric), here.geom, a.near_m)
         ORDER BY ST_Transform(f.geom, :metric) <-> here.geom, f.code LIMIT %(assets)s::int) f
     WHERE a.kind = 'asset'
)
SELECT EXISTS (SELECT FROM active WHERE slug = %(boundary)s::text) AS has_boundary,
       EXISTS (SELECT FROM here) AS inside,
       NOT EXISTS (SELECT FROM here) AND EXISTS (
           SELECT FROM q JOIN layers_featurepart p ON ST_DWithin(p.geom, q.swapped, 1e-9)
             JOIN active a ON a.id = p.version_id WHERE a.slug = %(boundary)s::text) AS swapped,
       (SELECT array_agg(ARRAY[slug, code, name]::text[] ORDER BY position, slug) FROM area) AS areas,
       (SELECT json_agg(json_build_array(slug, code, name, away) ORDER BY position, slug, away, code)
          FROM asset) AS assets,
       s.name AS street, s.postcode, s.away, s.odd_from, s.odd_to, s.even_from, s.even_to,
       ST_LineLocatePoint(s.line, here.geom) AS along,
       ST_Azimuth(ST_LineInterpolatePoint(s.line, GREATEST(ST_LineLocatePoint(s.line, here.geom) - 1e-3, 0)),
                  ST_LineInterpolatePoint(s.line, LEAST(ST_LineLocatePoint(s.line, here.geom) + 1e-3, 1)))
         AS heading,
       ST_Azimuth(ST_ClosestPoint(s.line, here.geom), here.geom) AS bearing,
       h.street_name AS house_street, h.number AS house_number, h.postcode AS house_postcode,
       h.away AS house_away
  FROM (SELECT) AS one LEFT JOIN here ON true LEFT JOIN street s ON true LEFT JOIN house h ON true
