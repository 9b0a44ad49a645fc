-- The area of one layer version, published or not, in which each of some points lies.
SELECT q.n, a.code, a.name
  FROM (SELECT (ord - 1)::int AS n, ST_SetSRID(ST_MakePoint(lng, lat), 4326) AS geom
          FROM unnest(%(lngs)s::float8[], %(lats)s::float8[]) WITH ORDINALITY AS u (lng, lat, ord)) q
 CROSS JOIN LATERAL (
     SELECT f.code, f.name
       FROM layers_featurepart p JOIN layers_feature f ON f.id = p.feature_id
      WHERE p.version_id = %(version)s::bigint AND ST_DWithin(p.geom, q.geom, 1e-9)
      ORDER BY f.rank, f.code, f.id
      LIMIT 1) a
