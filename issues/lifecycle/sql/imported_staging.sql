-- Where a batch of imported requests lands, times in seconds since 1970; emptied by every commit.
CREATE TEMPORARY TABLE IF NOT EXISTS imported_row (
    id bigint DEFAULT nextval('issues_issue_id_seq'), kind integer, client_id uuid, protocol text,
    token text, channel text, state text, lng float8, lat float8, address text, description text,
    opened_at float8, due_at float8, closed_at float8, external_id text, opened jsonb
) ON COMMIT DELETE ROWS
