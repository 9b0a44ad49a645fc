-- One basemap tile (MVT) of the published layers: municipality, areas with their labels, streets.
-- The versions are named by the caller, so that a tile depends on nothing but its parameters. Lines
-- are merged by name, so that a name is not repeated at every corner.
WITH tile AS MATERIALIZED (
    SELECT ST_TileEnvelope(%(z)s::int, %(x)s::int, %(y)s::int) AS frame,
           ST_Transform(ST_TileEnvelope(%(z)s::int, %(x)s::int, %(y)s::int, margin => 0.02), 4326) AS box,
           -- One unit of the tile in metres of EPSG:3857; 4096 units a side.
           40075016.6855785 / (1 << %(z)s::int) / 4096 AS unit,
           360.0::float8 / (1 << %(z)s::int) / 4096 AS degrees
), municipality AS (
    SELECT f.name, ST_AsMVTGeom(
               ST_Simplify(ST_Transform(ST_ClipByBox2D(f.geom, tile.box), 3857), tile.unit * 4),
               tile.frame, 4096, 64) AS geom
      FROM tile JOIN layers_feature f ON f.geom && tile.box
     WHERE f.version_id = ANY (%(boundary)s::bigint[])
), area AS MATERIALIZED (
    SELECT f.code, f.name, f.geom, ST_SnapToGrid(ST_ClipByBox2D(ST_Boundary(f.geom), tile.box), tile.degrees) AS edge
      FROM tile JOIN layers_feature f ON f.geom && tile.box
     WHERE %(z)s::int >= 10 AND f.version_id = ANY (%(areas)s::bigint[])
), areas AS (
    -- Neighbours share their border: it is drawn once.
    SELECT NULL::varchar AS code, NULL::varchar AS name, ST_AsMVTGeom(
               ST_Simplify(ST_Transform(ST_LineMerge(ST_UnaryUnion(ST_Collect(edge))), 3857), tile.unit * 4),
               tile.frame, 4096, 64) AS geom
      FROM area, tile GROUP BY tile.frame, tile.unit
     UNION ALL
    SELECT code, name, ST_AsMVTGeom(ST_Transform(ST_PointOnSurface(area.geom), 3857), tile.frame, 4096, 0) AS geom
      FROM area, tile
), street AS (
    -- Names are sent one zoom before they can be labels.
    SELECT CASE WHEN %(z)s::int >= 13 OR %(z)s::int = 12 AND s.category = ANY (%(major)s::text[])
                THEN s.name ELSE '' END AS name,
           s.category = ANY (%(major)s::text[]) AS is_major,
           ST_LineMerge(ST_Collect(ST_Transform(s.geom, 3857))) AS line
      FROM tile JOIN layers_street s ON s.geom && tile.box
     WHERE s.version_id = ANY (%(streets)s::bigint[])
       AND (%(z)s::int >= 14
            OR s.category = ANY (%(major)s::text[])
            OR %(z)s::int >= 12 AND s.category = ANY (%(middle)s::text[]))
     GROUP BY 1, 2
), streets AS (
    SELECT NULLIF(name, '') AS name, CASE WHEN is_major THEN 'major' ELSE 'minor' END AS class,
           ST_AsMVTGeom(ST_Simplify(line, tile.unit * 4), tile.frame, 4096, 64) AS geom
      FROM street, tile
)
SELECT (SELECT coalesce(ST_AsMVT(m, 'municipality', 4096, 'geom'), '') FROM municipality m WHERE geom IS NOT NULL)
    || (SELECT coalesce(ST_AsMVT(a, 'areas', 4096, 'geom'), '') FROM areas a WHERE geom IS NOT NULL)
    || (SELECT coalesce(ST_AsMVT(s, 'streets', 4096, 'geom'), '') FROM streets s WHERE geom IS NOT NULL) AS tile
