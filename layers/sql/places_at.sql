-- place_at for many points: a row per area with the points in it, then a row per point with its street.
-- An area with the lowest turn owns a point on a shared border; it comes last among its layer.
-- Points are gathered into cells of 0.002 degrees so that the index is asked once per cell and piece.
WITH q AS MATERIALIZED (
    SELECT (ord - 1)::int AS at, ST_SetSRID(ST_MakePoint(lng, lat), 4326) AS geom,
           floor(lng / 0.002) AS cx, floor(lat / 0.002) AS cy
      FROM unnest(%(lngs)s::text::float8[], %(lats)s::text::float8[]) WITH ORDINALITY AS u(lng, lat, ord)
), cell AS MATERIALIZED (
    SELECT array_agg(at) AS at, array_agg(geom) AS geom,
           ST_Expand(ST_SetSRID(ST_Extent(geom)::geometry, 4326), 1e-9) AS box
      FROM q GROUP BY cx, cy
), active AS MATERIALIZED (
    SELECT v.id, l.slug, l.kind, l.near_m, l.position
      FROM layers_layerversion v JOIN layers_layer l ON l.id = v.layer_id
     WHERE v.state = 'active'
), ranked AS MATERIALIZED (
    SELECT f.id, f.code, f.name, a.slug, a.position,
           (row_number() OVER (ORDER BY f.rank, f.code, f.id))::int AS turn
      FROM layers_feature f JOIN active a ON a.id = f.version_id
     WHERE a.kind = 'area'
), candidate AS MATERIALIZED (
    SELECT c.at, c.geom, p.geom AS piece, r.turn, ST_Contains(p.geom, c.box) AS whole
      FROM cell c
      JOIN layers_featurepart p ON p.geom && c.box
      JOIN ranked r ON r.id = p.feature_id
), hit AS MATERIALIZED (
    SELECT c.turn, array_agg(u.at) AS points
      FROM candidate c CROSS JOIN LATERAL unnest(c.at, c.geom) AS u(at, geom)
     WHERE c.whole OR ST_DWithin(c.piece, u.geom, 1e-9)
     GROUP BY c.turn
), here AS (
    SELECT q.at, ST_Transform(q.geom, :metric) AS geom
      FROM q
     WHERE %(streets)s::bool
       AND q.at IN (SELECT unnest(h.points) FROM hit h JOIN ranked r USING (turn)
                     WHERE r.slug = %(boundary)s::text)
)
SELECT 'area' AS kind, r.slug AS layer, r.code, r.name, h.points, r.turn, r.position,
       NULL::text AS street, NULL::text AS postcode, NULL::float8 AS away, NULL::int AS odd_from,
       NULL::int AS odd_to, NULL::int AS even_from, NULL::int AS even_to, NULL::float8 AS along,
       NULL::float8 AS heading, NULL::float8 AS bearing, NULL::json AS assets
  FROM ranked r LEFT JOIN hit h USING (turn)
UNION ALL
SELECT 'street', NULL, NULL, NULL, ARRAY[here.at], NULL, NULL,
       s.name, s.postcode, s.away, s.odd_from, s.odd_to, s.even_from, s.even_to,
       ST_LineLocatePoint(s.line, here.geom),
       ST_Azimuth(ST_LineInterpolatePoint(s.line, GREATEST(ST_LineLocatePoint(s.line, here.geom) - 1e-3, 0)),
                  ST_LineInterpolatePoint(s.line, LEAST(ST_LineLocatePoint(s.line, here.geom) + 1e-3, 1))),
       ST_Azimuth(ST_ClosestPoint(s.line, here.geom), here.geom),
       asset.list
  FROM here
  LEFT JOIN LATERAL (
        SELECT s.name, s.postcode, s.odd_from, s.odd_to, s.even_from, s.even_to,
               ST_Transform(s.geom, :metric) AS line, ST_Transform(s.geom, :metric) <-> here.geom AS away
          FROM layers_street s
         WHERE s.name <> '' AND s.version_id = ANY (ARRAY(SELECT id FROM active WHERE kind = 'street'))
           AND ST_DWithin(ST_Transform(s.geom, :metric), here.geom, %(reach)s::float8)
         ORDER BY ST_Transform(s.geom, :metric) <-> here.geom, s.id LIMIT 1) s ON true
  LEFT JOIN LATERAL (
        SELECT json_agg(json_build_array(a.slug, f.code, f.name, f.away)
                        ORDER BY a.position, a.slug, f.away, f.code) AS list
          FROM active a CROSS JOIN LATERAL (
            SELECT f.code, f.name, ST_Transform(f.geom, :metric) <-> here.geom AS away
              FROM layers_feature f
             WHERE f.version_id = a.id AND ST_GeometryType(f.geom) = 'ST_Point'
               AND ST_DWithin(ST_Transform(f.geom, :metric), here.geom, a.near_m)
             ORDER BY ST_Transform(f.geom, :metric) <-> here.geom, f.code LIMIT %(assets)s::int) f
         WHERE a.kind = 'asset') asset ON true
 ORDER BY position, layer, turn DESC
