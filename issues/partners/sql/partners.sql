-- Every partner with what waits for it, what is stuck, and how many of its requests are open.
WITH live AS MATERIALIZED (  -- few, whatever has been sent in all the years
    SELECT w.partner_id, p.state, p.attempts, p.created_at
      FROM issues_parcel p JOIN issues_forwarding w ON w.id = p.forwarding_id
     WHERE p.state = 'waiting'
     UNION ALL
    SELECT w.partner_id, p.state, p.attempts, p.created_at
      FROM issues_parcel p JOIN issues_forwarding w ON w.id = p.forwarding_id
     WHERE p.state IN ('unsure', 'dead')
)
SELECT s.id, s.slug, s.name, s.kind, s.is_active, s.ask_failures, s.ask_failure, s.heard_until,
       (SELECT count(*) FROM issues_partnerservice v WHERE v.partner_id = s.id) AS services,
       n.waiting, n.failing, n.stuck, n.oldest,
       (SELECT count(*) FROM issues_forwarding w JOIN issues_issue i ON i.id = w.issue_id
         WHERE w.partner_id = s.id AND i.is_open) AS open
  FROM issues_partner s
 CROSS JOIN LATERAL (
     SELECT count(*) FILTER (WHERE l.state = 'waiting') AS waiting,
            count(*) FILTER (WHERE l.state = 'waiting' AND l.attempts > 0) AS failing,
            count(*) FILTER (WHERE l.state <> 'waiting') AS stuck,
            min(l.created_at) FILTER (WHERE l.state = 'waiting') AS oldest
       FROM live l WHERE l.partner_id = s.id
 ) AS n
 WHERE %(slug)s::varchar IS NULL OR s.slug = %(slug)s::varchar
 ORDER BY s.name, s.id
