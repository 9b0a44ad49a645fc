-- Where past requests land before they become rows; gone with the transaction.
CREATE TEMPORARY TABLE IF NOT EXISTS past_issue (
    client_id uuid, protocol text, token text, service_id bigint, precision text, channel text,
    state text, lng float8, lat float8, address text, areas jsonb, district text, neighbourhood text,
    description text, answers jsonb, department_id bigint, team_id bigint, rule_id bigint,
    reasons jsonb, priority smallint, duplicate_of text, opened_at timestamptz, due_at timestamptz,
    updated_at timestamptz, closed_at timestamptz, is_moderated boolean, source text,
    external_id text, events jsonb
) ON COMMIT DROP
