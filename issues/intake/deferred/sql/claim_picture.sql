-- The next picture to fetch that nobody holds: counted, and leased to this worker.
WITH next AS (
    SELECT photo_id FROM issues_wantedpicture
     WHERE state = 'waiting' AND available_at <= %(now)s::timestamptz
     ORDER BY available_at, photo_id
     LIMIT 1 FOR UPDATE SKIP LOCKED
)
UPDATE issues_wantedpicture w
   SET attempts = w.attempts + 1, available_at = %(until)s::timestamptz
  FROM next
 WHERE w.photo_id = next.photo_id
RETURNING w.photo_id, w.client_id, w.address, w.attempts
