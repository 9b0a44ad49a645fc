"""What the ORM cannot say: plain text for search, and indexes in metres."""

from django.conf import settings
from django.contrib.postgres.operations import BtreeGistExtension, TrigramExtension, UnaccentExtension
from django.db import migrations

METRIC = int(settings.CITY.metric_srid)

FORWARD = f"""
CREATE OR REPLACE FUNCTION plain(value text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT AS
$$ SELECT lower(public.unaccent('public.unaccent'::regdictionary, value)) $$;
COMMENT ON FUNCTION plain(text) IS 'Lower case without accents: how texts are compared.';

CREATE INDEX street_metric ON layers_street USING gist (ST_Transform(geom, {METRIC}));
CREATE INDEX street_search ON layers_street USING gin (search_name gin_trgm_ops);
CREATE INDEX street_postcode ON layers_street USING gin (postcodes);
CREATE INDEX address_metric ON layers_addresspoint USING gist (ST_Transform(geom, {METRIC}));
CREATE INDEX address_search ON layers_addresspoint USING gin (search_name gin_trgm_ops);
CREATE INDEX address_number ON layers_addresspoint (version_id, number);
CREATE INDEX asset_metric ON layers_feature USING gist (ST_Transform(geom, {METRIC}))
    WHERE ST_GeometryType(geom) = 'ST_Point';
"""

BACKWARD = """
DROP INDEX street_metric, street_search, street_postcode, address_metric, address_search,
    address_number, asset_metric;
DROP FUNCTION plain(text);
"""


class Migration(migrations.Migration):
    dependencies = [("layers", "0001_initial")]
    operations = [
        TrigramExtension(),
        UnaccentExtension(),
        BtreeGistExtension(),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
