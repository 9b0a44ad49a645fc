"""A request keeps the version of the process that it was opened with."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("issues", "0009_processes")]

    operations = [
        migrations.AddField(
            "issue",
            "process_version",
            models.ForeignKey(
                "issues.processversion",
                django.db.models.deletion.PROTECT,
                db_index=False,
                help_text="By what steps it is done; null: in one piece, as history is.",
                null=True,
                related_name="+",
            ),
        ),
        migrations.AddField(
            "issuestep",
            "round",
            models.PositiveSmallIntegerField(
                db_default=0, default=0, help_text="How often the request had been reopened."
            ),
        ),
    ]
