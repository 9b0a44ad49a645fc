"""Processes and their versions; a version is written once."""

import django.db.models.deletion
from django.db import migrations, models

FORWARD = """
CREATE TRIGGER process_version_append_only BEFORE UPDATE OR DELETE ON issues_processversion
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER process_edited AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON issues_process
    FOR EACH STATEMENT EXECUTE FUNCTION next_edition();
CREATE TRIGGER process_version_edited AFTER INSERT OR TRUNCATE ON issues_processversion
    FOR EACH STATEMENT EXECUTE FUNCTION next_edition();
"""

BACKWARD = """
DROP TRIGGER process_version_edited ON issues_processversion;
DROP TRIGGER process_edited ON issues_process;
DROP TRIGGER process_version_append_only ON issues_processversion;
"""


def key() -> models.BigAutoField:
    """The primary key of a table."""
    return models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")


class Migration(migrations.Migration):
    dependencies = [("issues", "0008_hygiene")]

    operations = [
        migrations.CreateModel(
            name="Process",
            fields=[
                ("id", key()),
                ("code", models.SlugField(max_length=64, unique=True)),
                ("name", models.CharField(max_length=120)),
                ("summary", models.TextField(blank=True)),
                ("is_active", models.BooleanField(default=True)),
            ],
            options={"ordering": ["name", "code"]},
        ),
        migrations.CreateModel(
            name="ProcessVersion",
            fields=[
                ("id", key()),
                ("number", models.PositiveIntegerField()),
                ("digest", models.CharField(help_text="SHA-256 of the content.", max_length=64)),
                (
                    "definition",
                    models.JSONField(help_text="See issues.catalogue.process_files.definition."),
                ),
                ("published_at", models.DateTimeField()),
                (
                    "process",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="versions",
                        to="issues.process",
                    ),
                ),
            ],
            options={
                "ordering": ["process", "-number"],
                "constraints": [
                    models.UniqueConstraint(fields=("process", "number"), name="process_version_number"),
                    models.UniqueConstraint(fields=("process", "digest"), name="process_version_content"),
                ],
            },
        ),
        migrations.AddField(
            model_name="process",
            name="current",
            field=models.ForeignKey(
                help_text="For requests opened now.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="issues.processversion",
            ),
        ),
        migrations.AddField(
            model_name="service",
            name="process",
            field=models.ForeignKey(
                help_text="By what steps it is done.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="services",
                to="issues.process",
            ),
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
