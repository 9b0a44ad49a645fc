-- The names of the active services that go by a process.
SELECT s.name FROM issues_service s JOIN issues_process p ON p.id = s.process_id
 WHERE p.code = %(code)s AND s.is_active
 ORDER BY s.name
