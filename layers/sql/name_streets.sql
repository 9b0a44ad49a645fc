-- The streets of a version of pieces or of house numbers, one row a name.
INSERT INTO layers_streetname (version_id, name, search_name, category, pieces, middle)
SELECT version_id, name, search_name, min(category), count(*), ST_SetSRID(ST_Centroid(ST_Extent(geom)), 4326)
  FROM (SELECT version_id, name, search_name, category, geom FROM layers_street
         WHERE version_id = %(version)s::bigint AND name <> ''
        UNION ALL
        SELECT version_id, street_name, search_name, split_part(street_name, ' ', 1), geom FROM layers_addresspoint
         WHERE version_id = %(version)s::bigint) AS given
 GROUP BY version_id, name, search_name
