-- Events since the last look, in the order of commits: requests to forward, and news of those that were.
WITH fence AS MATERIALIZED (
    SELECT pg_snapshot_xmin(pg_current_snapshot()) AS xmin
), stood AS (  -- whoever comes while another looks has nothing to do
    -- In a database that was moved to another cluster, transactions may count from less than was noted.
    SELECT p.id, LEAST(p.written_in, (SELECT xmin::text::bigint FROM fence)) AS written_in, p.event
      FROM issues_partnerposition p FOR UPDATE OF p SKIP LOCKED
), fresh AS MATERIALIZED (
    SELECT e.*
      FROM stood
     CROSS JOIN LATERAL (  -- from there on, not from the beginning
         SELECT v.id, v.issue_id, v.code, v.by, v.is_public, v.recorded_at, v.written_in
           FROM issues_event v
          WHERE (v.written_in, v.id) > (stood.written_in::text::xid8, stood.event)
            AND v.written_in < (SELECT xmin FROM fence)
          ORDER BY v.written_in, v.id
          LIMIT %(limit)s::integer
     ) AS e
), begun AS (
    INSERT INTO issues_forwarding (issue_id, partner_id, key, remote_code, remote_id, token, created_at,
                                   heard_status, failure)
    SELECT f.issue_id, s.partner_id, gen_random_uuid(), s.remote_code, '', '', %(now)s::timestamptz, '', ''
      FROM fresh f
     CROSS JOIN LATERAL (SELECT i.service_id FROM issues_issue i
                          WHERE i.id = f.issue_id AND i.source = '' OFFSET 0) AS i
      JOIN issues_partnerservice s ON s.service_id = i.service_id AND f.recorded_at >= s.since
      JOIN issues_partner p ON p.id = s.partner_id AND p.is_active
     WHERE f.code = 'opened'
     ORDER BY f.written_in, f.id
    ON CONFLICT DO NOTHING
    RETURNING id, issue_id, partner_id
), known AS (  -- those of this statement are not in the table yet
    SELECT b.id, b.issue_id, b.partner_id FROM begun b
     UNION ALL
    SELECT w.id, w.issue_id, w.partner_id
      FROM (SELECT DISTINCT issue_id FROM fresh) AS f
     CROSS JOIN LATERAL (SELECT w.id, w.issue_id, w.partner_id FROM issues_forwarding w
                          WHERE w.issue_id = f.issue_id OFFSET 0) AS w
), put AS (
    INSERT INTO issues_parcel (forwarding_id, event_id, kind, state, created_at, available_at, attempts,
                               in_doubt, failure, remote_id)
    SELECT k.id, f.id, CASE f.code WHEN 'opened' THEN 'report' ELSE 'update' END, 'waiting',
           %(now)s::timestamptz, %(now)s::timestamptz, 0, false, '', ''
      FROM fresh f
      JOIN known k USING (issue_id)
      JOIN issues_partner p ON p.id = k.partner_id
     WHERE f.code = 'opened'
        OR f.code = ANY (%(told)s::text[]) AND f.is_public AND f.by <> 'partner'
           AND (p.kind = 'webhook' OR p.takes_updates)
     ORDER BY f.written_in, f.id
    ON CONFLICT DO NOTHING
    RETURNING id
), last AS (
    SELECT written_in::text::bigint AS written_in, id AS event FROM fresh ORDER BY fresh.written_in DESC, id DESC LIMIT 1
), moved AS (
    UPDATE issues_partnerposition p
       SET written_in = last.written_in, event = last.event
      FROM stood, last
     WHERE p.id = stood.id
)
SELECT (SELECT count(*) FROM fresh) AS looked, (SELECT count(*) FROM begun) AS begun, (SELECT count(*) FROM put) AS put
