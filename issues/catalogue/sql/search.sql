-- Services for somebody's words. A service scores by how much of what was asked it knows, and by how
-- much of one of its key words was said (index_search.sql explains positions). Words that no service
-- knows are read in other spellings, then as the known words that look most like them.
WITH asked AS MATERIALIZED (
    SELECT n, max(sure) AS sure, COALESCE((ts_lexize('portuguese_stem', word))[1], word) AS stem
      FROM unnest(%(n)s::int[], %(words)s::text[], %(sure)s::float8[]) AS a (n, word, sure)
     GROUP BY n, stem
), heard AS MATERIALIZED (
    SELECT s.id, a.n, a.sure, v.positions, v.weights
      FROM issues_service s CROSS JOIN unnest(s.search_vector) AS v JOIN asked a ON a.stem = v.lexeme
     WHERE s.is_active
       AND s.search_vector @@ (SELECT string_agg(quote_literal(stem), ' | ')::tsquery FROM asked)
), unknown AS MATERIALIZED (
    SELECT n, written, respelled
      FROM unnest(%(written)s::text[], %(respelled)s::text[]) WITH ORDINALITY AS w (written, respelled, n)
     WHERE respelled <> '' AND n NOT IN (SELECT h.n FROM heard h)
), guessed AS MATERIALIZED (
    SELECT n, max(sure) AS sure, COALESCE((ts_lexize('portuguese_stem', word))[1], word) AS stem
      FROM (SELECT n, word, 0.9::float8 AS sure
              FROM unknown, string_to_table(respelled, ' ') AS word
            UNION ALL
            (SELECT u.n, near.word, 0.4 + 0.5 * near.alike
               FROM unknown u CROSS JOIN LATERAL (
                    SELECT known AS word, max(similarity(known, u.written)) AS alike
                      FROM issues_service s, string_to_table(s.search_text, ' ') AS known
                     WHERE s.search_text %%> u.written AND s.is_active
                     GROUP BY known HAVING max(similarity(known, u.written)) >= 0.4
                     ORDER BY alike DESC LIMIT 3) AS near)) AS spelling
     GROUP BY n, stem
), hit AS MATERIALIZED (
    SELECT id, n, sure, positions, weights FROM heard
    UNION ALL
    SELECT s.id, g.n, g.sure, v.positions, v.weights
      FROM issues_service s CROSS JOIN unnest(s.search_vector) AS v JOIN guessed g ON g.stem = v.lexeme
     WHERE s.is_active
       AND s.search_vector @@ (SELECT string_agg(quote_literal(stem), ' | ')::tsquery FROM guessed)
), rarity AS MATERIALIZED (
    SELECT n, ln(1 + 1000::float8 / count(DISTINCT id)) AS idf FROM hit GROUP BY n
), place AS MATERIALIZED (
    SELECT h.id, h.n, p.position / 128 AS block, p.weight, max(r.idf) AS idf,
           max(h.sure * (p.position %% 128)::float8) AS share,
           max(h.sure * CASE p.weight WHEN 'A' THEN 1::float8 WHEN 'B' THEN 0.8::float8
                                      ELSE 0.35::float8 END) AS sure
      FROM hit h JOIN rarity r USING (n), unnest(h.positions, h.weights) AS p (position, weight)
     GROUP BY h.id, h.n, block, p.weight
), total AS (
    SELECT sum(COALESCE(idf, 4)) AS idf
      FROM generate_series(1, cardinality(%(written)s::text[])) AS a (n)
           LEFT JOIN rarity USING (n)
), known AS (
    SELECT id, sum(best) / (SELECT idf FROM total) AS coverage
      FROM (SELECT id, n, max(sure * idf) AS best FROM place GROUP BY id, n) AS of_word GROUP BY id
), key AS (
    SELECT id, max(said * said * (0.2 + 0.8 * coverage)) AS said, max(said) FILTER (WHERE weight = 'B') AS name
      FROM (SELECT id, weight, LEAST(1, sum(share) / 100) AS said,
                   sum(sure * idf) / (SELECT idf FROM total) AS coverage
              FROM place WHERE weight IN ('A', 'B') GROUP BY id, block, weight) AS of_block
     GROUP BY id
), best AS (
    SELECT id, s.popularity, s.code,
           round((0.48 * coverage + 0.47 * COALESCE(said, 0) + 0.05 * COALESCE(key.name, 0))::numeric, 3) AS score
      FROM known LEFT JOIN key USING (id) JOIN issues_service s USING (id)
     ORDER BY score DESC, popularity DESC, code
     LIMIT %(limit)s::int
)
SELECT s.code, s.name, s.description, t.slug AS theme, t.name AS theme_name, s.geolocated,
       b.score::float8 AS score
  FROM best b JOIN issues_service s USING (id) JOIN issues_theme t ON t.id = s.theme_id
 ORDER BY b.score DESC, s.popularity DESC, s.code
