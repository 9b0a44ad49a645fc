-- What search reads of each service. Its stems: of key words (A), name (B), theme (C), description (D).
-- A stem's position tells more: 128 × the number of the key word (or field) + what share of it, in
-- percent, the stem carries; rare stems carry more. `search_text` holds its words, for typing errors.
WITH field AS (
    SELECT s.id, k.n::int AS block, k.words, 'A' AS weight
      FROM issues_service s, unnest(s.keywords) WITH ORDINALITY AS k (words, n)
    UNION ALL SELECT id, 100, name, 'B' FROM issues_service
    UNION ALL SELECT s.id, 101, t.name, 'C' FROM issues_service s JOIN issues_theme t ON t.id = s.theme_id
    UNION ALL SELECT id, 102, description, 'D' FROM issues_service
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
      FROM stem JOIN rarity USING (stem)
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
