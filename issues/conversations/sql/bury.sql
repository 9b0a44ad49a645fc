-- Messages whose every attempt ended with the worker: nobody is left to say that they failed.
UPDATE issues_notice
   SET state = 'dead', settled_at = %(now)s::timestamptz,
       failure = CASE WHEN failure = '' THEN 'worker.lost' ELSE failure END
 WHERE id IN (SELECT id FROM issues_notice
               WHERE state = 'waiting' AND attempts >= %(most)s::integer
                 AND available_at <= %(now)s::timestamptz
               FOR UPDATE SKIP LOCKED)
