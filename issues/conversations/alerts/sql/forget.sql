-- Wishes that nobody confirmed in time, those that ended long ago, and the addresses that we know from nothing else.
WITH old AS MATERIALIZED (
    SELECT a.id, a.contact_id FROM issues_alert a
     WHERE a.confirmed_at IS NULL AND a.created_at < %(asked_before)s::timestamptz
        OR a.ended_at < %(ended_before)s::timestamptz
), letters AS (
    DELETE FROM issues_alertletter l USING old WHERE l.alert_id = old.id
), alerts AS (
    DELETE FROM issues_alert a USING old WHERE a.id = old.id
)
SELECT c.id AS contact_id,
       NOT EXISTS (SELECT FROM issues_alert x
                    WHERE x.contact_id = c.id AND x.id NOT IN (SELECT o.id FROM old o))
       AND NOT EXISTS (SELECT FROM issues_subscription x WHERE x.contact_id = c.id)
       AND NOT EXISTS (SELECT FROM issues_issue x WHERE x.citizen_id = c.citizen_id)
       AND NOT EXISTS (SELECT FROM issues_follow x WHERE x.citizen_id = c.citizen_id)
       AND NOT EXISTS (SELECT FROM issues_pendingreport x WHERE x.citizen_id = c.citizen_id) AS is_unknown,
       (SELECT count(*) FROM old o WHERE o.contact_id = c.id) AS wishes
  FROM issues_contactpoint c
 WHERE c.id IN (SELECT o.contact_id FROM old o)
 ORDER BY c.id
