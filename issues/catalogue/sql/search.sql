-- Services for free text: stems in weighted fields, plus trigrams against key words and names.
WITH asked AS MATERIALIZED (
    SELECT plain(%(q)s) AS words,
           (SELECT string_agg(quote_literal(lexeme), ' | ')::tsquery
              FROM unnest(to_tsvector('plain_portuguese', %(q)s))) AS stems
), scored AS (
    SELECT s.*,
           COALESCE(ts_rank('{0.05, 0.2, 0.5, 1.0}', s.search_vector, a.stems, 0), 0) AS by_stem,
           (SELECT max(GREATEST(similarity(plain(k), a.words), word_similarity(plain(k), a.words)))
              FROM unnest(s.keywords || ARRAY[s.name]) AS k) AS by_phrase
      FROM issues_service s, asked a
     WHERE s.is_active
)
SELECT s.code, s.name, s.description, t.slug AS theme, t.name AS theme_name, s.geolocated,
       round(LEAST(1.0, 0.6 * s.by_phrase + 0.4 * s.by_stem)::numeric, 3)::float8 AS score
  FROM scored s JOIN issues_theme t ON t.id = s.theme_id
 WHERE s.by_phrase > 0.25 OR s.by_stem > 0
 ORDER BY score DESC, s.popularity DESC, s.code
 LIMIT %(limit)s::int
