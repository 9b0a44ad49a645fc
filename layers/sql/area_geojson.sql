-- The published features of a layer as one GeoJSON text; null where the layer has none.
SELECT json_build_object('type', 'FeatureCollection', 'features', json_agg(feature ORDER BY name, code))::text
  FROM (
    SELECT f.name, f.code, json_build_object(
             'type', 'Feature', 'id', f.code,
             'geometry', ST_AsGeoJSON(
                CASE WHEN %(simplify)s::float8 > 0 AND ST_Dimension(f.geom) > 0
                     THEN ST_Transform(ST_SimplifyPreserveTopology(
                            ST_Transform(f.geom, :metric), %(simplify)s::float8), 4326)
                     ELSE f.geom END, 6)::json,
             'properties', json_build_object('code', f.code, 'name', f.name, 'area_m2', round(f.area_m2))
           ) AS feature
      FROM layers_layer l
      JOIN layers_layerversion v ON v.layer_id = l.id AND v.state = 'active'
      JOIN layers_feature f ON f.version_id = v.id
     WHERE l.slug = %(layer)s::text
  ) AS features
HAVING count(*) > 0
