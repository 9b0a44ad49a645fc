-- Forgets the cells, shapes and pictures of editions that newer ones have followed.
WITH edition AS (
    SELECT id, is_current,
           row_number() OVER (PARTITION BY audience, theme, services ORDER BY started_at DESC, id DESC) AS age
      FROM maps_hotspotrun
), old AS (
    SELECT id, age FROM edition WHERE NOT is_current AND age > %(details)s::int
), cells AS (
    DELETE FROM maps_hotspotcell c USING old WHERE c.run_id = old.id
), shapes AS (
    DELETE FROM maps_hotspotshape s USING old WHERE s.run_id = old.id
)
DELETE FROM maps_hotspotraster r USING edition e WHERE r.run_id = e.id AND NOT e.is_current
