"""A search just after a load is as fast as any: new names go straight into the index."""

from django.db import migrations

INDEXES = ("street_search", "street_postcode", "address_search")


class Migration(migrations.Migration):
    dependencies = [("layers", "0003_named_streets")]
    operations = [
        migrations.RunSQL(
            "; ".join(f"ALTER INDEX {name} SET (fastupdate = off)" for name in INDEXES),
            "; ".join(f"ALTER INDEX {name} RESET (fastupdate)" for name in INDEXES),
        )
    ]
