-- Addresses that resemble a text: streets by their key, then the number on the right piece and side.
-- Numbers stand 10 m to their side of the line: a house is not on the axis, and borders often are.
-- And 15 m from a crossing, where the other street would be the nearer one.
-- A number up to 60 beyond a piece's last stands at its end: registers leave gaps at crossings.
WITH q AS MATERIALIZED (
    SELECT %(key)s::text AS key, %(kind)s::text AS kind, %(number)s::int AS number,
           %(postcode)s::text AS postcode,
           ST_Transform(ST_SetSRID(ST_MakePoint(%(lng)s::float8, %(lat)s::float8), 4326), :metric) AS near
), active AS MATERIALIZED (
    SELECT v.id, l.kind FROM layers_layerversion v JOIN layers_layer l ON l.id = v.layer_id
     WHERE v.state = 'active' AND l.kind IN ('street', 'address')
), alike AS MATERIALIZED (  -- apart from the version, so that only the trigram index can serve it
    SELECT s.* FROM q JOIN layers_street s
        ON s.search_name %% q.key OR q.key <%% s.search_name OR s.search_name LIKE q.key || '%%'
     WHERE q.postcode = ''
    UNION ALL
    SELECT s.* FROM q JOIN layers_street s ON s.postcodes @> ARRAY[q.postcode]::varchar[]
     WHERE q.postcode <> ''
), hit AS MATERIALIZED (
    SELECT s.* FROM alike s
     WHERE s.name <> '' AND s.version_id = ANY (ARRAY(SELECT id FROM active WHERE kind = 'street'))
), likely AS MATERIALIZED (  -- one row a street, by how well its name and numbers fit
    SELECT h.name, h.search_name, ST_Transform(ST_SetSRID(ST_Centroid(ST_Extent(h.geom)), 4326), :metric) AS middle,
           CASE WHEN q.postcode <> '' THEN 1.0
                ELSE GREATEST(similarity(h.search_name, q.key), 0.9 * word_similarity(q.key, h.search_name),
                              CASE WHEN h.search_name LIKE q.key || '%%' THEN 0.8 ELSE 0 END)
           END + CASE WHEN q.kind <> '' AND plain(h.category) = q.kind THEN 0.15 ELSE 0 END
           + CASE WHEN bool_or(q.number BETWEEN h.odd_from AND h.odd_to OR q.number BETWEEN h.even_from AND h.even_to)
                  THEN 0.1 ELSE 0 END
           + 0.02 * LEAST(count(*), 50) / 50 AS score
      FROM hit h CROSS JOIN q
     GROUP BY h.name, h.search_name, h.category, q.key, q.kind, q.postcode
     ORDER BY score DESC, h.name
     LIMIT 30
), named AS MATERIALIZED (
    SELECT l.name, l.search_name, l.middle, l.score + COALESCE(0.15 * exp(-away.metres / 3000), 0) AS score
      FROM likely l CROSS JOIN q
      LEFT JOIN LATERAL (
        SELECT min(ST_Distance(ST_Transform(h.geom, :metric), q.near)) AS metres FROM hit h
         WHERE h.name = l.name AND q.near IS NOT NULL) away ON true
     ORDER BY score DESC, l.name
     LIMIT %(limit)s::int
)
SELECT n.name AS street, piece.postcode, n.score::float8 AS score, piece.number,
       CASE WHEN piece.point IS NOT NULL THEN 'point' WHEN piece.number IS NOT NULL THEN 'interpolated'
            WHEN q.postcode <> '' THEN 'postcode' ELSE 'street' END AS precision,
       ST_X(spot.geom) AS lng, ST_Y(spot.geom) AS lat
  FROM named n CROSS JOIN q
 CROSS JOIN LATERAL (
    SELECT h.postcode, ST_Transform(h.geom, :metric) AS line, a.geom AS point, side.number, side.share, side.is_odd
      FROM hit h
     CROSS JOIN LATERAL (
        SELECT CASE WHEN missed <= 60 THEN q.number END AS number, missed, is_odd,
               CASE WHEN last > first THEN LEAST(GREATEST((q.number - first)::float8 / (last - first), 0), 1)
                    ELSE 0.5 END AS share
          FROM (SELECT is_odd, first, last, CASE WHEN first IS NOT NULL AND q.number IS NOT NULL
                       THEN GREATEST(first - q.number, q.number - last, 0) END AS missed
                  FROM (SELECT q.number %% 2 = 1 AS is_odd,
                               CASE WHEN q.number %% 2 = 1 THEN h.odd_from ELSE h.even_from END AS first,
                               CASE WHEN q.number %% 2 = 1 THEN h.odd_to ELSE h.even_to END AS last) own
               ) measured) side
      LEFT JOIN LATERAL (
        SELECT a.geom FROM layers_addresspoint a
         WHERE a.version_id = ANY (ARRAY(SELECT id FROM active WHERE kind = 'address'))
           AND a.number = q.number AND a.search_name = n.search_name
         ORDER BY a.id LIMIT 1) a ON true
     WHERE h.name = n.name
     ORDER BY side.missed NULLS LAST, ST_Transform(h.geom, :metric) <-> COALESCE(q.near, n.middle), h.id
     LIMIT 1) piece
 CROSS JOIN LATERAL (
    SELECT LEAST(GREATEST(piece.share, margin), 1 - margin) AS share
      FROM (SELECT LEAST(15 / GREATEST(ST_Length(piece.line), 1), 0.5) AS margin) corner
 ) house
 CROSS JOIN LATERAL (
    SELECT ST_Azimuth(ST_LineInterpolatePoint(piece.line, GREATEST(house.share - 1e-3, 0)),
                      ST_LineInterpolatePoint(piece.line, LEAST(house.share + 1e-3, 1))) AS heading,
           CASE WHEN piece.is_odd THEN 10 ELSE -10 END AS aside
 ) way
 CROSS JOIN LATERAL (
    SELECT COALESCE(piece.point, ST_Transform(
        CASE WHEN piece.number IS NULL THEN ST_LineInterpolatePoint(piece.line, 0.5)
             ELSE ST_Translate(ST_LineInterpolatePoint(piece.line, house.share),
                               way.aside * cos(way.heading), -way.aside * sin(way.heading)) END, 4326)) AS geom
 ) spot
 ORDER BY n.score DESC, n.name
