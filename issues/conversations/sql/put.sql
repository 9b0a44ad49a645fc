-- News of one event for many addresses: into the message that is waiting for the address, or a new one.
WITH given AS (
    SELECT * FROM unnest(%(keys)s::uuid[], %(addresses)s::text[], %(channels)s::text[], %(contacts)s::bigint[],
                         %(users)s::bigint[], %(available)s::timestamptz[], %(relations)s::text[], %(tokens)s::text[])
        AS g (key, address, channel, contact_id, user_id, available_at, relation, token)
), fresh AS MATERIALIZED (
    SELECT g.* FROM given g
     WHERE NOT EXISTS (SELECT FROM issues_noticeitem i
                        WHERE i.event_id = %(event)s::bigint AND i.address = g.address)
     ORDER BY g.address
), put AS (
    INSERT INTO issues_notice AS n (key, address, channel, contact_id, user_id, is_urgent, created_at,
                                    available_at, attempts, state, failure)
    SELECT f.key, f.address, f.channel, f.contact_id, f.user_id, %(urgent)s::boolean, %(now)s::timestamptz,
           f.available_at, 0, 'waiting', ''
      FROM fresh f
    ON CONFLICT (address) WHERE sealed_at IS NULL AND NOT is_urgent AND state = 'waiting'
        DO UPDATE SET available_at = n.available_at
    RETURNING id, address
)
INSERT INTO issues_noticeitem (notice_id, event_id, address, relation, token)
SELECT put.id, %(event)s::bigint, f.address, f.relation, f.token FROM put JOIN fresh f USING (address)
