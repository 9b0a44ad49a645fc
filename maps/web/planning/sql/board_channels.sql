-- The keys under which the heat store keeps these channels.
SELECT hashtextextended(c, 0) AS key FROM unnest(%(channels)s::text[]) AS c
