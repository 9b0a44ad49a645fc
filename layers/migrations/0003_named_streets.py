"""The street of a point has a name: the index in metres leaves the nameless pieces out."""

from django.conf import settings
from django.db import migrations

METRIC = int(settings.CITY.metric_srid)

FORWARD = f"""
DROP INDEX street_metric;
CREATE INDEX street_metric ON layers_street USING gist (ST_Transform(geom, {METRIC})) WHERE name <> '';
"""

BACKWARD = f"""
DROP INDEX street_metric;
CREATE INDEX street_metric ON layers_street USING gist (ST_Transform(geom, {METRIC}));
"""


class Migration(migrations.Migration):
    dependencies = [("layers", "0002_space")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
