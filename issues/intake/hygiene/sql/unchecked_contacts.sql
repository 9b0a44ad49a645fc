-- Phones and e-mail addresses that no look has checked yet.
SELECT p.id FROM issues_contactpoint p
 WHERE p.scheme IN ('tel', 'mailto')
   AND NOT EXISTS (SELECT FROM issues_contactcheck c WHERE c.contact_id = p.id)
 ORDER BY p.id
 LIMIT %(size)s::int
