-- Wishes that nobody confirmed in time, and the addresses that we know from nothing else.
WITH gone AS (
    DELETE FROM issues_alertletter l USING issues_alert a
     WHERE l.alert_id = a.id AND a.confirmed_at IS NULL AND a.created_at < %(before)s::timestamptz
    RETURNING l.id
), unconfirmed AS (
    DELETE FROM issues_alert a
     WHERE a.confirmed_at IS NULL AND a.created_at < %(before)s::timestamptz AND (SELECT count(*) FROM gone) >= 0
    RETURNING a.id, a.contact_id
)
SELECT DISTINCT u.contact_id
  FROM unconfirmed u
  JOIN issues_contactpoint c ON c.id = u.contact_id
 WHERE NOT EXISTS (SELECT FROM issues_alert x
                    WHERE x.contact_id = c.id AND x.id NOT IN (SELECT id FROM unconfirmed))
   AND NOT EXISTS (SELECT FROM issues_subscription x WHERE x.contact_id = c.id)
   AND NOT EXISTS (SELECT FROM issues_issue x WHERE x.citizen_id = c.citizen_id)
   AND NOT EXISTS (SELECT FROM issues_follow x WHERE x.citizen_id = c.citizen_id)
   AND NOT EXISTS (SELECT FROM issues_pendingreport x WHERE x.citizen_id = c.citizen_id)
 ORDER BY u.contact_id
