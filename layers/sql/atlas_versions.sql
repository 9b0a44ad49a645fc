-- The area versions that are read: the published ones, or the ones given instead of them by slug.
SELECT l.slug, v.id, (SELECT oid::bigint FROM pg_database WHERE datname = current_database()) AS database
  FROM layers_layer l JOIN layers_layerversion v ON v.layer_id = l.id
 WHERE l.kind = 'area'
   AND CASE WHEN l.slug = ANY (%(slugs)s::text[]) THEN v.id = ANY (%(ids)s::bigint[])
            ELSE v.state = 'active' END
 ORDER BY l.position, l.slug
