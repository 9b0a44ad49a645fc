"""A typed name is compared with streets, not with the pieces they are made of; house numbers by street."""

import django.contrib.gis.db.models.fields
import django.db.models.deletion
from django.db import migrations, models

FORWARD = """
CREATE INDEX streetname_search ON layers_streetname USING gin (search_name gin_trgm_ops)
    WITH (fastupdate = off);
CREATE INDEX streetname_named ON layers_streetname (name, version_id);
CREATE INDEX street_named ON layers_street (name, version_id) WHERE name <> '';
DROP INDEX street_search, address_search, address_number;
CREATE INDEX address_named ON layers_addresspoint (search_name, number);

INSERT INTO layers_streetname (version_id, name, search_name, category, pieces, middle)
SELECT version_id, name, search_name, min(category), count(*), ST_SetSRID(ST_Centroid(ST_Extent(geom)), 4326)
  FROM layers_street WHERE name <> '' GROUP BY version_id, name, search_name
UNION ALL
SELECT version_id, street_name, search_name, '', count(*), ST_SetSRID(ST_Centroid(ST_Extent(geom)), 4326)
  FROM layers_addresspoint GROUP BY version_id, street_name, search_name;
"""

BACKWARD = """
DROP INDEX address_named, street_named, streetname_named, streetname_search;
CREATE INDEX street_search ON layers_street USING gin (search_name gin_trgm_ops) WITH (fastupdate = off);
CREATE INDEX address_search ON layers_addresspoint USING gin (search_name gin_trgm_ops)
    WITH (fastupdate = off);
CREATE INDEX address_number ON layers_addresspoint (version_id, number);
"""


class Migration(migrations.Migration):
    dependencies = [("layers", "0004_search_at_once")]
    operations = [
        migrations.CreateModel(
            name="StreetName",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(help_text="As shown: Avenida Ipiranga.", max_length=160)),
                ("search_name", models.CharField(help_text="As `Street.search_name`.", max_length=160)),
                (
                    "category",
                    models.CharField(blank=True, help_text="Avenida, Rua, Beco…", max_length=40),
                ),
                (
                    "pieces",
                    models.PositiveIntegerField(
                        help_text="Pieces of the street, or house numbers, of this name."
                    ),
                ),
                (
                    "middle",
                    django.contrib.gis.db.models.fields.PointField(
                        help_text="Of the frame around all of them.", spatial_index=False, srid=4326
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="layers.layerversion",
                    ),
                ),
            ],
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
