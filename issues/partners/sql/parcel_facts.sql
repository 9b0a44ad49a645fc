-- What a message to a partner says: the request, where it is, its words, answers and pictures, and what happened.
SELECT w.partner_id, w.key, w.remote_code, w.remote_id, w.created_at AS forwarded_at,
       e.id AS event_id, e.code, e.at, e.note, e.data,
       i.id AS issue_id, i.protocol, i.state, i.description, i.answers, i.address, i.opened_at, i.due_at,
       ST_X(i.geom) AS lng, ST_Y(i.geom) AS lat, v.code AS service_code, v.name AS service_name,
       ARRAY(SELECT f.id FROM issues_photo f
              WHERE f.issue_id = i.id AND f.kind = 'before' ORDER BY f.uploaded_at, f.id LIMIT 5) AS photos
  FROM issues_parcel p
  JOIN issues_forwarding w ON w.id = p.forwarding_id
  JOIN issues_event e ON e.id = p.event_id
  JOIN issues_issue i ON i.id = w.issue_id
  JOIN issues_service v ON v.id = i.service_id
 WHERE p.id = %(id)s::bigint
