-- The areas of the published maps: neighbourhoods, districts, the municipality and whatever else was loaded.
SELECT f.id AS _key, NULL::timestamptz AS _at, ST_Multi(f.geom) AS geom,
       l.slug AS layer, l.name AS layer_name, f.code, f.name, round((f.area_m2 / 1e6)::numeric, 6)::float8 AS area_km2,
       v.published_at
  FROM layers_feature f
  JOIN layers_layerversion v ON v.id = f.version_id AND v.state = 'active'
  JOIN layers_layer l ON l.id = v.layer_id AND l.kind = 'area'
