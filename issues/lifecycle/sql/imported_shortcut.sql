-- Whether this role may leave the row-by-row checks of references out, and nothing else waits for rows.
SELECT has_parameter_privilege('session_replication_role', 'SET') AND NOT EXISTS (
    SELECT FROM pg_trigger
     WHERE tgrelid IN ('issues_issue'::regclass, 'issues_event'::regclass, 'issues_clockrun'::regclass)
       AND NOT tgisinternal AND tgenabled IN ('O', 'R') AND tgtype & 4 > 0) AS allowed
