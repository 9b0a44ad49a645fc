"""The city at a glance, kept for many readers."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("maps", "0002_saved_views"),
    ]

    operations = [
        migrations.CreateModel(
            name="GlanceKept",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "asked",
                    models.CharField(help_text="The period and its filters.", max_length=200, unique=True),
                ),
                ("counted_at", models.DateTimeField()),
                ("content", models.BinaryField(help_text="maps.opendata.glance.Glance as JSON.")),
            ],
        ),
    ]
