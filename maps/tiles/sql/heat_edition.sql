-- Changes when a request or a service does: the last moment, and the rows ever written.
SELECT concat_ws('.',
           (SELECT extract(epoch FROM max(updated_at)) FROM issues_issue),
           pg_stat_get_tuples_inserted('issues_issue'::regclass)
               + pg_stat_get_tuples_updated('issues_issue'::regclass)
               + pg_stat_get_tuples_deleted('issues_issue'::regclass),
           pg_stat_get_tuples_updated('issues_service'::regclass)) AS edition
