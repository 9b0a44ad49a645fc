-- Messages settled long ago with their items, and outbox rows long since spread; so many at a time.
WITH old_notices AS (
    SELECT id FROM issues_notice
     WHERE created_at < %(before)s::timestamptz AND state IN ('sent', 'dropped')
     ORDER BY created_at, id LIMIT %(limit)s::integer FOR UPDATE SKIP LOCKED
), items AS (
    DELETE FROM issues_noticeitem x USING old_notices o WHERE x.notice_id = o.id
), notices AS (
    DELETE FROM issues_notice n USING old_notices o WHERE n.id = o.id RETURNING n.id
), deliveries AS (
    DELETE FROM issues_delivery WHERE id IN (
        SELECT id FROM issues_delivery
         WHERE delivered_at < %(before)s::timestamptz
         ORDER BY delivered_at, id LIMIT %(limit)s::integer FOR UPDATE SKIP LOCKED)
    RETURNING id
)
SELECT (SELECT count(*) FROM notices) + (SELECT count(*) FROM deliveries) AS gone
