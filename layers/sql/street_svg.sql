-- What a small map shows around a point: streets with names and borders, as SVG paths in metres.
-- The point is the origin; y grows to the south, as SVG has it.
WITH q AS MATERIALIZED (
    SELECT ST_SetSRID(ST_MakePoint(%(lng)s::float8, %(lat)s::float8), 4326) AS p,
           ST_Transform(ST_SetSRID(ST_MakePoint(%(lng)s::float8, %(lat)s::float8), 4326), :metric) AS m
), frame AS MATERIALIZED (
    SELECT p, m, ST_Expand(m, %(radius)s::float8) AS box,
           ST_Transform(ST_Expand(m, %(radius)s::float8), 4326) AS box_4326 FROM q
), active AS MATERIALIZED (
    SELECT v.id, l.slug, l.kind FROM layers_layerversion v JOIN layers_layer l ON l.id = v.layer_id
     WHERE v.state = 'active'
), street AS (
    SELECT s.name, s.category, ST_ClipByBox2D(ST_Transform(s.geom, :metric), frame.box) AS line, frame.m
      FROM frame JOIN layers_street s ON s.geom && frame.box_4326
      JOIN active a ON a.id = s.version_id AND a.kind = 'street'
), border AS (
    SELECT ST_ClipByBox2D(ST_Boundary(ST_Transform(ST_Simplify(f.geom, 1e-6), :metric)), frame.box) AS line,
           frame.m
      FROM frame JOIN layers_feature f ON f.geom && frame.box_4326
      JOIN active a ON a.id = f.version_id AND a.slug = %(outline)s::text
)
SELECT 'street' AS kind, name, bool_or(category IN ('Avenida', 'Estrada', 'Rodovia')) AS is_main,
       sum(ST_Length(line)) AS metres,
       ST_AsSVG(ST_Translate(ST_LineMerge(ST_Collect(line)), -ST_X(m), -ST_Y(m)), 1, 0) AS path
  FROM street WHERE NOT ST_IsEmpty(line) GROUP BY name, m
UNION ALL
SELECT 'border', '', false, 0, ST_AsSVG(ST_Translate(ST_Union(line), -ST_X(m), -ST_Y(m)), 1, 0)
  FROM border WHERE NOT ST_IsEmpty(line) GROUP BY m
ORDER BY kind, metres DESC, name
