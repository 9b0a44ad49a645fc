-- Where two streets meet: pieces of the likeliest streets of one name within 12 m of those of the other.
WITH q AS MATERIALIZED (
    SELECT ST_Transform(ST_SetSRID(ST_MakePoint(%(lng)s::float8, %(lat)s::float8), 4326), :metric) AS near
), active AS MATERIALIZED (
    SELECT v.id FROM layers_layerversion v JOIN layers_layer l ON l.id = v.layer_id
     WHERE v.state = 'active' AND l.kind = 'street'
), asked AS MATERIALIZED (
    SELECT turn, key, kind
      FROM unnest(%(keys)s::text[], %(kinds)s::text[]) WITH ORDINALITY AS u (key, kind, turn)
), likely AS MATERIALIZED (
    SELECT f.turn, n.name, n.score
      FROM asked f
     CROSS JOIN LATERAL (
        SELECT n.name, GREATEST(similarity(n.search_name, f.key), 0.9 * word_similarity(f.key, n.search_name))
                 + CASE WHEN f.kind <> '' AND plain(n.category) = f.kind THEN 0.15 ELSE 0 END
                 + 0.02 * LEAST(n.pieces, 50) / 50 AS score
          FROM layers_streetname n
         WHERE (n.search_name %% f.key OR f.key <%% n.search_name)
           AND n.version_id = ANY (ARRAY(SELECT id FROM active))
         ORDER BY score DESC, n.name
         LIMIT 6) n
), piece AS MATERIALIZED (
    SELECT l.turn, l.name, l.score, s.id, ST_Transform(s.geom, :metric) AS line, s.postcode
      FROM likely l JOIN layers_street s ON s.name = l.name AND s.name <> ''
     WHERE s.version_id = ANY (ARRAY(SELECT id FROM active))
), meeting AS (
    SELECT a.name, b.name AS other, (a.score + b.score) / 2 AS score, a.postcode,
           ST_ClosestPoint(a.line, b.line) AS spot, ST_Distance(a.line, b.line) AS apart, a.id AS a, b.id AS b
      FROM piece a JOIN piece b ON b.turn = 2 AND b.name <> a.name AND ST_DWithin(a.line, b.line, 12)
     WHERE a.turn = 1
), best AS (
    SELECT DISTINCT ON (m.name, m.other) m.*
      FROM meeting m CROSS JOIN q
     ORDER BY m.name, m.other, ST_Distance(m.spot, q.near), m.apart, m.a, m.b
)
SELECT m.name AS street, m.other, m.postcode,
       (m.score + COALESCE(0.15 * exp(-ST_Distance(m.spot, q.near) / 3000), 0))::float8 AS score,
       ST_X(ST_Transform(m.spot, 4326)) AS lng, ST_Y(ST_Transform(m.spot, 4326)) AS lat
  FROM best m CROSS JOIN q
 ORDER BY score DESC, m.name, m.other
 LIMIT %(limit)s::int
