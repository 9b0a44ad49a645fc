-- The published versions of streets, and of which database they are: what a graph kept in memory was made of.
SELECT (SELECT oid::bigint FROM pg_database WHERE datname = current_database()) AS database,
       COALESCE(array_agg(v.id ORDER BY v.id), '{}') AS versions
  FROM layers_layerversion v JOIN layers_layer l ON l.id = v.layer_id AND l.kind = 'street'
 WHERE v.state = 'active'
