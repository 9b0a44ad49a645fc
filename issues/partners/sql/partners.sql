-- Every partner with what waits for it, what is stuck, and how many of its requests are open.
SELECT s.id, s.slug, s.name, s.kind, s.is_active, s.ask_failures, s.ask_failure, s.heard_until,
       (SELECT count(*) FROM issues_partnerservice v WHERE v.partner_id = s.id) AS services,
       n.waiting, n.failing, n.stuck, n.oldest,
       (SELECT count(*) FROM issues_forwarding w JOIN issues_issue i ON i.id = w.issue_id
         WHERE w.partner_id = s.id AND i.is_open) AS open
  FROM issues_partner s
 CROSS JOIN LATERAL (
     SELECT count(*) FILTER (WHERE p.state = 'waiting') AS waiting,
            count(*) FILTER (WHERE p.state = 'waiting' AND p.attempts > 0) AS failing,
            count(*) FILTER (WHERE p.state IN ('unsure', 'dead')) AS stuck,
            min(p.created_at) FILTER (WHERE p.state = 'waiting') AS oldest
       FROM issues_parcel p JOIN issues_forwarding w ON w.id = p.forwarding_id
      WHERE w.partner_id = s.id AND p.state IN ('waiting', 'unsure', 'dead')
 ) AS n
 WHERE %(slug)s::varchar IS NULL OR s.slug = %(slug)s::varchar
 ORDER BY s.name, s.id
