-- A point inside every piece of every area of some published layers, inside every overlap of two pieces, and
-- inside what is left of a piece where another layer has no area. Less than 0.1 m² (1e-11 square degrees) is
-- rounding.
WITH layer AS MATERIALIZED (
    SELECT v.id AS version_id, l.slug
      FROM layers_layer l JOIN layers_layerversion v ON v.layer_id = l.id AND v.state = 'active'
     WHERE l.slug = ANY (%(layers)s::text[])
), piece AS MATERIALIZED (
    SELECT p.geom, l.slug FROM layers_featurepart p JOIN layer l USING (version_id)
), shape AS (
    SELECT geom FROM piece
    UNION ALL
    SELECT ST_Intersection(a.geom, b.geom)
      FROM piece a JOIN piece b ON a.slug < b.slug AND a.geom && b.geom AND ST_Intersects(a.geom, b.geom)
    UNION ALL
    SELECT ST_Difference(a.geom, o.geom)
      FROM piece a
      JOIN layer l ON l.slug <> a.slug
     CROSS JOIN LATERAL (
           SELECT ST_Union(p.geom) AS geom
             FROM layers_featurepart p
            WHERE p.version_id = l.version_id AND p.geom && a.geom) o
     WHERE o.geom IS NOT NULL
), found AS (
    SELECT ST_CollectionExtract(geom, 3) AS geom FROM shape
)
SELECT DISTINCT ST_X(s.geom) AS lng, ST_Y(s.geom) AS lat
  FROM found CROSS JOIN LATERAL (SELECT ST_PointOnSurface(found.geom) AS geom) s
 WHERE ST_Area(found.geom) > 1e-11
