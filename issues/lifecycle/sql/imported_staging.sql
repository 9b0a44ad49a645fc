-- Where a batch of imported requests lands; emptied by every commit.
CREATE TEMPORARY TABLE IF NOT EXISTS imported_row (
    id bigint DEFAULT nextval('issues_issue_id_seq'), kind integer, client_id uuid, protocol text,
    token text, channel text, state text, lng float8, lat float8, address text, description text,
    opened_at timestamptz, due_at timestamptz, closed_at timestamptz, external_id text, opened jsonb
) ON COMMIT DELETE ROWS
