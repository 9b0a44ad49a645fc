-- What search reads of each service: its words without accents, and a weighted vector of them.
UPDATE issues_service s
   SET search_text = plain(concat_ws(' | ', s.name, array_to_string(s.keywords, ' | '))),
       search_vector =
           setweight(to_tsvector('plain_portuguese', array_to_string(s.keywords, ' . ')), 'A') ||
           setweight(to_tsvector('plain_portuguese', s.name), 'B') ||
           setweight(to_tsvector('plain_portuguese', t.name), 'C') ||
           setweight(to_tsvector('plain_portuguese', s.description), 'D')
  FROM issues_theme t
 WHERE t.id = s.theme_id
