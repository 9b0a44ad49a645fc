-- Every request as the public may see it: place, address and words obey its service's precision and moderation.
SELECT i.id AS _key, i.opened_at AS _at, i.public_geom AS geom, i.service_id AS _service,
       i.protocol, s.code AS service, s.name AS service_name, h.slug AS theme, h.name AS theme_name,
       d.code AS department, t.slug AS team, i.channel, i.state, i.is_open, i.opened_at, i.due_at, i.updated_at,
       i.closed_at, s.precision, i.district, i.neighbourhood,
       CASE WHEN s.precision = 'exact' THEN i.address ELSE '' END AS address,
       CASE WHEN i.is_moderated AND s.moderation = 'pre' THEN i.description ELSE '' END AS description,
       (SELECT o.protocol FROM issues_issue o WHERE o.id = i.duplicate_of_id) AS duplicate_of, i.followers
  FROM issues_issue i
  JOIN issues_service s ON s.id = i.service_id
  JOIN issues_theme h ON h.id = s.theme_id
  JOIN issues_department d ON d.id = i.department_id
  JOIN issues_team t ON t.id = i.team_id
