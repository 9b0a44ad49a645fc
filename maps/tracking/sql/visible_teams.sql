-- Slugs of active teams by their ids.
SELECT t.id, t.slug FROM issues_team t WHERE t.id = ANY (%(ids)s::bigint[]) AND t.is_active ORDER BY t.id
