"""What the ORM cannot say: protocol numbers, append-only tables, indexes in metres, search."""

from django.conf import settings
from django.db import migrations

METRIC = int(settings.CITY.metric_srid)

# What a decision is made of.
EDITED = "\n".join(
    f"CREATE TRIGGER {table}_edited AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON issues_{table}"
    " FOR EACH STATEMENT EXECUTE FUNCTION next_edition();"
    for table in ("theme", "department", "team", "service", "question", "rule", "holiday")
)

FORWARD = f"""
CREATE FUNCTION next_protocol_number(of_year integer) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    name text := 'protocol_number_' || of_year;
BEGIN
    IF to_regclass(name) IS NULL THEN
        PERFORM pg_advisory_xact_lock(hashtext(name));
        EXECUTE format('CREATE SEQUENCE IF NOT EXISTS %I', name);
    END IF;
    RETURN nextval(name);
END $$;
COMMENT ON FUNCTION next_protocol_number(integer) IS
    'The next number of that year. A sequence a year: no row is locked, gaps are allowed.';

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER event_append_only BEFORE UPDATE OR DELETE ON issues_event
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER access_append_only BEFORE UPDATE OR DELETE ON issues_personaldataaccess
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE INDEX issue_metric_open_service ON issues_issue
    USING gist (service_id, ST_Transform(geom, {METRIC})) WHERE is_open AND geom IS NOT NULL;
CREATE INDEX issue_metric_open_team ON issues_issue
    USING gist (team_id, ST_Transform(geom, {METRIC})) WHERE is_open AND geom IS NOT NULL;

CREATE TABLE issues_edition (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    number bigint NOT NULL
);
COMMENT ON TABLE issues_edition IS
    'Another number after every change of services, teams, rules or holidays: what processes keep
     of them is kept by it.';
INSERT INTO issues_edition (number) VALUES (1);
CREATE FUNCTION next_edition() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- Drawn, not counted: a number that was rolled back must not come again with other content.
    UPDATE issues_edition SET number = (random() * 9e15)::bigint;
    RETURN NULL;
END $$;
{EDITED}

CREATE TEXT SEARCH CONFIGURATION plain_portuguese (COPY = portuguese);
ALTER TEXT SEARCH CONFIGURATION plain_portuguese
    ALTER MAPPING FOR hword, hword_part, word WITH unaccent, portuguese_stem;
CREATE INDEX service_search_vector ON issues_service USING gin (search_vector);
CREATE INDEX service_search_trigram ON issues_service USING gin (search_text gin_trgm_ops);
"""

BACKWARD = """
DROP INDEX service_search_trigram, service_search_vector, issue_metric_open_team,
    issue_metric_open_service;
DROP TEXT SEARCH CONFIGURATION plain_portuguese;
DROP TRIGGER access_append_only ON issues_personaldataaccess;
DROP TRIGGER event_append_only ON issues_event;
DROP FUNCTION refuse_change();
DROP FUNCTION next_edition() CASCADE;
DROP TABLE issues_edition;
DROP FUNCTION next_protocol_number(integer);
"""


class Migration(migrations.Migration):
    dependencies = [("issues", "0001_initial"), ("layers", "0002_space")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
