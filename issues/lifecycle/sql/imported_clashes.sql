-- Staged rows whose identity is there already, by whatever door, are left out.
DELETE FROM imported_row r
 USING issues_issue i
 WHERE i.client_id = r.client_id
    OR i.source = %(source)s AND i.source <> '' AND i.external_id = r.external_id
