-- Addresses that resemble a text: streets by their key, then the number on the right piece and side.
-- A house that is on file stands where it is; one between two of its side that are, between them. Others
-- stand 10 m to their side of the line: a house is not on the axis, and borders often are; and 15 m from a
-- crossing, where the other street would be the nearer one.
-- A number up to 60 beyond a piece's last stands at its end: registers leave gaps at crossings.
WITH q AS MATERIALIZED (
    SELECT %(key)s::text AS key, %(kind)s::text AS kind, %(number)s::int AS number,
           %(postcode)s::text AS postcode,
           ST_Transform(ST_SetSRID(ST_MakePoint(%(lng)s::float8, %(lat)s::float8), 4326), :metric) AS near
), active AS MATERIALIZED (
    SELECT v.id, l.kind, l.slug FROM layers_layerversion v JOIN layers_layer l ON l.id = v.layer_id
     WHERE v.state = 'active' AND (l.kind IN ('street', 'address') OR l.slug = %(neighbourhoods)s::text)
), area AS MATERIALIZED (  -- the neighbourhood that the text names, and the street's key without its words
    SELECT f.geom, w.key
      FROM unnest(%(area_names)s::text[], %(area_keys)s::text[]) AS w (name, key)
      JOIN layers_feature f ON plain(f.name) = w.name
       AND f.version_id = ANY (ARRAY(SELECT id FROM active WHERE slug = %(neighbourhoods)s::text))
     ORDER BY length(w.name) DESC, f.id LIMIT 1
), asked AS MATERIALIZED (
    SELECT key, false AS within FROM q WHERE postcode = '' AND key <> ''
    UNION ALL
    SELECT area.key, true FROM area CROSS JOIN q WHERE q.postcode = '' AND area.key <> ''
), spelt AS MATERIALIZED (  -- apart from the version, so that only the trigram index can serve it
    SELECT n.*, a.key, a.within
      FROM asked a JOIN layers_streetname n
        ON n.search_name LIKE a.key || CASE WHEN length(a.key) < 3 THEN ' %%' ELSE '%%' END
        OR n.search_name LIKE '%% ' || a.key || CASE WHEN length(a.key) < 3 THEN '' ELSE '%%' END
        OR n.search_name = a.key
), misspelt AS MATERIALIZED (  -- only when nothing has the very words: letters compared cost ten times as much
    SELECT n.*, a.key, a.within
      FROM asked a JOIN layers_streetname n ON n.search_name %% a.key OR a.key <%% n.search_name
     WHERE NOT EXISTS (SELECT FROM spelt WHERE version_id = ANY (ARRAY(SELECT id FROM active)))
       AND length(a.key) > 2
), alike AS MATERIALIZED (
    SELECT n.version_id, n.name, n.search_name, n.category, n.pieces, n.middle, n.within,
           GREATEST(similarity(n.search_name, n.key), 0.9 * word_similarity(n.key, n.search_name),
                    CASE WHEN n.search_name LIKE n.key || '%%' THEN 0.8 ELSE 0 END) AS fit
      FROM (SELECT * FROM spelt UNION ALL SELECT * FROM misspelt) n
    UNION ALL
    SELECT n.version_id, n.name, n.search_name, n.category, n.pieces, n.middle, false, 1
      FROM q CROSS JOIN LATERAL (
           SELECT DISTINCT s.version_id, s.name FROM layers_street s
            WHERE s.postcodes @> ARRAY[q.postcode]::varchar[]) s
      JOIN layers_streetname n USING (version_id, name)
     WHERE q.postcode <> ''
), likely AS MATERIALIZED (  -- one row a street, by how well its name fits
    SELECT h.name, h.search_name, (array_agg(h.middle))[1] AS middle, bool_or(h.within) AS within,
           max(h.fit + CASE WHEN q.kind <> '' AND plain(h.category) = q.kind THEN 0.15 ELSE 0 END
                     + 0.02 * LEAST(h.pieces, 50) / 50) AS score
      FROM alike h CROSS JOIN q
     WHERE h.version_id = ANY (ARRAY(SELECT id FROM active))
     GROUP BY h.name, h.search_name
     ORDER BY score DESC, h.name
     LIMIT 30
), named AS MATERIALIZED (  -- those that have the number, lie in the neighbourhood, or are near come first
    SELECT l.name, l.search_name, ST_Transform(l.middle, :metric) AS middle,
           l.score + CASE WHEN fits.number THEN 0.1 ELSE 0 END
                   + CASE WHEN fits.within THEN 0.15 WHEN l.within THEN -0.3 ELSE 0 END
                   + COALESCE(0.15 * exp(-fits.metres / 3000), 0) AS score
      FROM likely l CROSS JOIN q
      LEFT JOIN LATERAL (
        SELECT bool_or(q.number BETWEEN s.odd_from AND s.odd_to OR q.number BETWEEN s.even_from AND s.even_to)
                 AS number,
               bool_or(EXISTS (SELECT FROM area WHERE ST_Intersects(area.geom, s.geom))) AS within,
               min(CASE WHEN q.near IS NOT NULL THEN ST_Distance(ST_Transform(s.geom, :metric), q.near) END)
                 AS metres
          FROM layers_street s
         WHERE s.name = l.name AND s.name <> '' AND s.version_id = ANY (ARRAY(SELECT id FROM active))
      ) fits ON true
     ORDER BY score DESC, l.name
     LIMIT %(limit)s::int
)
SELECT n.name AS street, COALESCE(NULLIF(house.postcode, ''), piece.postcode, '') AS postcode, n.score::float8 AS score,
       COALESCE(house.number, CASE WHEN beside.geom IS NOT NULL THEN q.number END, piece.number) AS number,
       CASE WHEN house.geom IS NOT NULL THEN 'point'
            WHEN beside.geom IS NOT NULL OR piece.number IS NOT NULL THEN 'interpolated'
            WHEN q.postcode <> '' THEN 'postcode' ELSE 'street' END AS precision,
       ST_X(spot.geom) AS lng, ST_Y(spot.geom) AS lat
  FROM named n CROSS JOIN q
  LEFT JOIN LATERAL (
    SELECT s.postcode, ST_Transform(s.geom, :metric) AS line, side.number, side.share, side.is_odd
      FROM layers_street s
     CROSS JOIN LATERAL (
        SELECT CASE WHEN missed <= 60 THEN q.number END AS number, missed, is_odd,
               CASE WHEN last > first THEN LEAST(GREATEST((q.number - first)::float8 / (last - first), 0), 1)
                    ELSE 0.5 END AS share
          FROM (SELECT is_odd, first, last, CASE WHEN first IS NOT NULL AND q.number IS NOT NULL
                       THEN GREATEST(first - q.number, q.number - last, 0) END AS missed
                  FROM (SELECT q.number %% 2 = 1 AS is_odd,
                               CASE WHEN q.number %% 2 = 1 THEN s.odd_from ELSE s.even_from END AS first,
                               CASE WHEN q.number %% 2 = 1 THEN s.odd_to ELSE s.even_to END AS last) own
               ) measured) side
     WHERE s.name = n.name AND s.name <> '' AND s.version_id = ANY (ARRAY(SELECT id FROM active))
       AND (q.postcode = '' OR s.postcodes @> ARRAY[q.postcode]::varchar[])
     ORDER BY side.missed NULLS LAST, NOT EXISTS (SELECT FROM area WHERE ST_Intersects(area.geom, s.geom)),
              ST_Transform(s.geom, :metric) <-> COALESCE(q.near, n.middle), s.id
     LIMIT 1) piece ON true
  LEFT JOIN LATERAL (
    SELECT a.geom, a.number, a.postcode
      FROM layers_addresspoint a
     WHERE a.search_name = n.search_name AND a.number = q.number
       AND a.version_id = ANY (ARRAY(SELECT id FROM active))
     ORDER BY (q.postcode <> '' AND a.postcode = q.postcode) DESC,
              NOT EXISTS (SELECT FROM area WHERE ST_Intersects(area.geom, a.geom)),
              ST_Transform(a.geom, :metric) <-> COALESCE(q.near, piece.line, n.middle), a.id
     LIMIT 1) house ON true
  LEFT JOIN LATERAL (  -- between the houses on file before and after it, on its side
    SELECT CASE WHEN apart < 300 AND above.number - below.number <= 120
                THEN ST_LineInterpolatePoint(ST_MakeLine(below.geom, above.geom),
                                             (q.number - below.number)::float8 / (above.number - below.number))
                WHEN q.number - below.number <= 12 THEN below.geom
                WHEN above.number - q.number <= 12 THEN above.geom END AS geom
      FROM (SELECT) AS one
      LEFT JOIN LATERAL (
        SELECT a.number, a.geom FROM layers_addresspoint a
         WHERE a.search_name = n.search_name AND a.number < q.number AND a.number > q.number - 120
           AND a.number %% 2 = q.number %% 2 AND a.version_id = ANY (ARRAY(SELECT id FROM active))
         ORDER BY a.number DESC, a.id LIMIT 1) below ON true
      LEFT JOIN LATERAL (
        SELECT a.number, a.geom FROM layers_addresspoint a
         WHERE a.search_name = n.search_name AND a.number > q.number AND a.number < q.number + 120
           AND a.number %% 2 = q.number %% 2 AND a.version_id = ANY (ARRAY(SELECT id FROM active))
         ORDER BY a.number, a.id LIMIT 1) above ON true
     CROSS JOIN LATERAL (
        SELECT ST_Distance(ST_Transform(below.geom, :metric), ST_Transform(above.geom, :metric)) AS apart) d
     WHERE house.geom IS NULL AND q.number IS NOT NULL) beside ON true
  LEFT JOIN LATERAL (
    SELECT a.geom
      FROM layers_addresspoint a
     WHERE piece.line IS NULL AND a.search_name = n.search_name
       AND a.version_id = ANY (ARRAY(SELECT id FROM active))
     ORDER BY ST_Transform(a.geom, :metric) <-> COALESCE(q.near, n.middle), a.id
     LIMIT 1) somewhere ON true
  LEFT JOIN LATERAL (
    SELECT LEAST(GREATEST(piece.share, margin), 1 - margin) AS share
      FROM (SELECT LEAST(15 / GREATEST(ST_Length(piece.line), 1), 0.5) AS margin) corner
 ) along ON true
  LEFT JOIN LATERAL (
    SELECT ST_Azimuth(ST_LineInterpolatePoint(piece.line, GREATEST(along.share - 1e-3, 0)),
                      ST_LineInterpolatePoint(piece.line, LEAST(along.share + 1e-3, 1))) AS heading,
           CASE WHEN piece.is_odd THEN 10 ELSE -10 END AS aside
 ) way ON true
 CROSS JOIN LATERAL (
    SELECT COALESCE(house.geom, beside.geom, ST_Transform(
        CASE WHEN piece.number IS NULL THEN ST_LineInterpolatePoint(piece.line, 0.5)
             ELSE ST_Translate(ST_LineInterpolatePoint(piece.line, along.share),
                               way.aside * cos(way.heading), -way.aside * sin(way.heading)) END, 4326),
        somewhere.geom) AS geom
 ) spot
 WHERE spot.geom IS NOT NULL
 ORDER BY n.score DESC, n.name
