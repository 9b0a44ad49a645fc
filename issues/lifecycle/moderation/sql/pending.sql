-- Requests with a text, photos or words of a rating that nobody has looked at, the newest first.
WITH waiting AS (
    (SELECT i.id FROM issues_issue i
      WHERE i.description <> '' AND i.source = '' AND NOT i.is_moderated AND i.moderated_at IS NULL
        AND i.id < %(before)s::bigint
        AND EXISTS (SELECT FROM issues_service s WHERE s.id = i.service_id AND s.moderation = 'pre')
      ORDER BY i.id DESC LIMIT %(limit)s::int)
    UNION
    (SELECT p.issue_id FROM issues_photo p
      WHERE p.issue_id IS NOT NULL AND NOT p.is_moderated AND p.moderated_at IS NULL
        AND p.issue_id < %(before)s::bigint
        AND EXISTS (SELECT FROM issues_issue i JOIN issues_service s ON s.id = i.service_id
                     WHERE i.id = p.issue_id AND s.moderation = 'pre')
      GROUP BY p.issue_id ORDER BY p.issue_id DESC LIMIT %(limit)s::int)
    UNION
    (SELECT r.issue_id FROM issues_rating r
      WHERE r.words <> '' AND NOT r.is_moderated AND r.moderated_at IS NULL
        AND r.issue_id < %(before)s::bigint
        AND EXISTS (SELECT FROM issues_issue i JOIN issues_service s ON s.id = i.service_id
                     WHERE i.id = r.issue_id AND s.moderation = 'pre')
      GROUP BY r.issue_id ORDER BY r.issue_id DESC LIMIT %(limit)s::int)
)
SELECT i.id, i.protocol, s.name AS service_name, i.opened_at,
       CASE WHEN i.description <> '' AND i.source = '' AND NOT i.is_moderated AND i.moderated_at IS NULL
            THEN i.description ELSE '' END AS text,
       COALESCE((SELECT json_agg(json_build_object('id', p.id, 'kind', p.kind, 'width', p.width, 'height', p.height)
                                 ORDER BY p.uploaded_at, p.id)
                   FROM issues_photo p
                  WHERE p.issue_id = i.id AND NOT p.is_moderated AND p.moderated_at IS NULL), '[]') AS photos,
       COALESCE((SELECT json_agg(json_build_object('id', r.id, 'face', r.face, 'words', r.words) ORDER BY r.id)
                   FROM issues_rating r
                  WHERE r.issue_id = i.id AND r.words <> '' AND NOT r.is_moderated AND r.moderated_at IS NULL),
                '[]') AS ratings
  FROM waiting w JOIN issues_issue i ON i.id = w.id JOIN issues_service s ON s.id = i.service_id
 ORDER BY i.id DESC
 LIMIT %(limit)s::int
