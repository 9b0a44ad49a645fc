"""Keys of programs that act here: Open311 and other systems."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("issues", "0014_open_by_due"),
    ]

    operations = [
        migrations.CreateModel(
            name="ApiKey",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(help_text="Whose program this is.", max_length=120)),
                ("contact", models.CharField(blank=True, help_text="Whom to call about it.", max_length=200)),
                ("digest", models.BinaryField(help_text="SHA-256 of the secret.", unique=True)),
                (
                    "hint",
                    models.CharField(help_text="How the secret begins, to tell keys apart.", max_length=8),
                ),
                (
                    "scopes",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[("report", "file requests"), ("update", "tell what became of requests")],
                            max_length=12,
                        ),
                        size=None,
                    ),
                ),
                (
                    "quota",
                    models.PositiveIntegerField(default=60, help_text="Calls a minute; 0 is no limit."),
                ),
                ("created_at", models.DateTimeField()),
                ("used_at", models.DateTimeField(help_text="To the minute.", null=True)),
                ("revoked_at", models.DateTimeField(null=True)),
                (
                    "created_by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "teams",
                    models.ManyToManyField(
                        blank=True,
                        help_text="Whose requests it may update.",
                        related_name="+",
                        to="issues.team",
                    ),
                ),
            ],
            options={
                "ordering": ["name", "id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("scopes__contained_by", ["report", "update"]), ("scopes__len__gt", 0)
                        ),
                        name="key_is_for_something",
                    )
                ],
            },
        ),
    ]
