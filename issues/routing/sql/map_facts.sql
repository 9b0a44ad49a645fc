-- Every area and asset layer as published, or as staged, with its codes and those that cover nothing.
SELECT l.slug, l.name, l.kind, l.near_m, json_object_agg(f.code, f.name) FILTER (WHERE f.id IS NOT NULL) AS names,
       array_agg(f.code) FILTER (
           WHERE ST_IsEmpty(f.geom)
              OR (l.kind = 'area' AND NOT EXISTS (SELECT FROM layers_featurepart p WHERE p.feature_id = f.id))
       ) AS empty
  FROM layers_layerversion v
  JOIN layers_layer l ON l.id = v.layer_id
  LEFT JOIN layers_feature f ON f.version_id = v.id
 WHERE l.kind IN ('area', 'asset')
   AND CASE WHEN l.slug = ANY (%(slugs)s::text[]) THEN v.id = ANY (%(versions)s::bigint[])
            ELSE v.state = 'active' END
 GROUP BY l.id
