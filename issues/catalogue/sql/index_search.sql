-- What search reads of each service: the stems of its key words (A), its name (B), and what is rare in
-- its description (C). A stem's position tells more: 128 × where it stands (0 the name, 1 the
-- description, then the key words) + what share of that, in percent, it carries: rare stems carry more.
-- `search_text` holds the words themselves, for typing errors.
WITH field AS (
    SELECT s.id, 1 + k.n::int AS block, k.words, 'A' AS weight
      FROM issues_service s, unnest(s.keywords[:120]) WITH ORDINALITY AS k (words, n)
    UNION ALL SELECT id, 0, name, 'B' FROM issues_service
    UNION ALL SELECT id, 1, description, 'C' FROM issues_service
), word AS (
    SELECT DISTINCT f.id, f.block, f.weight, w.word,
           COALESCE((ts_lexize('portuguese_stem', w.word))[1], w.word) AS stem
      FROM field f, regexp_split_to_table(plain(f.words), '[^a-z0-9]+') AS w (word)
     WHERE w.word <> '' AND w.word <> ALL (%(fillers)s::text[])
), stem AS (
    SELECT DISTINCT id, block, weight, stem FROM word
), rarity AS (
    SELECT stem, ln(1 + (SELECT count(*) FROM issues_service)::float8 / count(DISTINCT id)) AS idf
      FROM stem GROUP BY stem
), share AS (
    SELECT id, stem, weight,
           block * 128 + GREATEST(1, round(100 * idf / sum(idf) OVER (PARTITION BY id, block)))::int AS place
      FROM stem JOIN rarity USING (stem) WHERE weight <> 'C' OR idf > 3
), vector AS (
    SELECT id, string_agg(quote_literal(stem) || ':' || places, ' ')::tsvector AS stems
      FROM (SELECT id, stem, string_agg(place || weight, ',' ORDER BY place) AS places
              FROM share GROUP BY id, stem) AS of_stem
     GROUP BY id
), words AS (
    SELECT id, string_agg(DISTINCT word, ' ') AS words FROM word WHERE weight IN ('A', 'B') GROUP BY id
)
UPDATE issues_service s
   SET search_text = words.words, search_vector = vector.stems
  FROM vector JOIN words USING (id)
 WHERE vector.id = s.id
