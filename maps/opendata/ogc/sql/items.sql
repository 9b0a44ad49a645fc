-- A page of a public collection as GeoJSON features; the braces are filled by `reading` with words of ours only.
SELECT p._at, p._key,
       json_build_object('type', 'Feature', 'id', p.{id}, 'geometry', {geometry}, 'properties',
                         json_build_object({properties}))::text AS feature
  FROM (SELECT * FROM ({collection}) AS c WHERE {where} ORDER BY {order} LIMIT %(limit)s) AS p
 ORDER BY {order}
