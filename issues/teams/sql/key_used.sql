-- The key of a secret, if it is not revoked; its use is noted once a minute.
WITH known AS MATERIALIZED (
    SELECT k.id, k.name, k.scopes, k.quota, k.used_at FROM issues_apikey k
     WHERE k.digest = %(digest)s::bytea AND k.revoked_at IS NULL
), noted AS (
    UPDATE issues_apikey k SET used_at = %(now)s::timestamptz
      FROM known
     WHERE k.id = known.id AND (known.used_at IS NULL OR known.used_at < %(now)s::timestamptz - interval '1 minute')
)
SELECT known.id, known.name, known.scopes, known.quota,
       ARRAY(SELECT t.team_id FROM issues_apikey_teams t WHERE t.apikey_id = known.id)::bigint[] AS teams
  FROM known
