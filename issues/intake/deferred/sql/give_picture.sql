-- A picture to the request that named it, if it is there and has room; whether there is such a request.
WITH named AS (
    SELECT i.id, (SELECT count(*) FROM issues_photo p WHERE p.issue_id = i.id AND p.kind = 'before') AS has
      FROM issues_issue i WHERE i.client_id = %(client_id)s::uuid
), given AS (
    UPDATE issues_photo p SET issue_id = named.id
      FROM named
     WHERE p.id = %(photo_id)s::uuid AND p.issue_id IS NULL AND named.has < %(most)s::integer
    RETURNING p.id
)
SELECT EXISTS (SELECT FROM named) AS known, EXISTS (SELECT FROM given) AS given
