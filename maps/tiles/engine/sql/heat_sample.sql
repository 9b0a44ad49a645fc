-- Some requests with what they may be asked for by, each in a tile of zoom 16.
SELECT floor((ST_X(i.geom) + 180) / 360 * 65536)::int AS x,
       floor((0.5 - atanh(sin(radians(ST_Y(i.geom)))) / (2 * pi())) * 65536)::int AS y,
       i.opened_at::date AS opened_on, i.channel, s.code AS service, h.slug AS theme, t.slug AS team,
       (SELECT l.slug || ':' || f.code
          FROM layers_featurepart p
          JOIN layers_layerversion v ON v.id = p.version_id AND v.state = 'active'
          JOIN layers_layer l ON l.id = v.layer_id AND l.kind = 'area'
          JOIN layers_feature f ON f.id = p.feature_id
         WHERE ST_DWithin(p.geom, i.geom, 1e-9) ORDER BY random() LIMIT 1) AS area
  FROM (SELECT * FROM issues_issue WHERE geom IS NOT NULL AND abs(ST_Y(geom)) < 85
         ORDER BY id DESC LIMIT 20000) AS i
  JOIN issues_service s ON s.id = i.service_id
  JOIN issues_theme h ON h.id = s.theme_id
  JOIN issues_team t ON t.id = i.team_id
 ORDER BY md5(i.id::text)
 LIMIT 300
