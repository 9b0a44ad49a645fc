"""Alerts: what somebody wants to hear of by e-mail."""

import django.contrib.gis.db.models.fields
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("issues", "0017_report_types"),
    ]

    operations = [
        migrations.CreateModel(
            name="Alert",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("area", django.contrib.gis.db.models.fields.PolygonField(null=True, srid=4326)),
                (
                    "neighbourhood",
                    models.CharField(blank=True, help_text="Code in that layer.", max_length=80),
                ),
                ("district", models.CharField(blank=True, help_text="Code in that layer.", max_length=80)),
                ("resolved", models.BooleanField(default=False, help_text="Also of what was resolved.")),
                (
                    "every",
                    models.CharField(
                        choices=[("day", "a letter a day"), ("week", "a letter a week")],
                        default="day",
                        max_length=4,
                    ),
                ),
                ("language", models.CharField(max_length=8)),
                ("created_at", models.DateTimeField()),
                ("confirmed_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                ("told_until", models.DateTimeField(help_text="What we learnt before is told.")),
                ("next_at", models.DateTimeField(help_text="When the next letter is due.")),
                (
                    "contact",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="alerts",
                        to="issues.contactpoint",
                    ),
                ),
                (
                    "service",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="issues.service",
                    ),
                ),
                (
                    "theme",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="issues.theme",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="AlertLetter",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "key",
                    models.UUIDField(help_text="What a provider may recognise a repetition by.", unique=True),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("confirm", "was it you?"), ("news", "what is new")], max_length=7
                    ),
                ),
                ("total", models.PositiveIntegerField(default=0, help_text="How many things are new.")),
                (
                    "items",
                    models.JSONField(
                        default=list, help_text="The latest: [[request id, opened or resolved], …]."
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "waiting"),
                            ("sent", "sent"),
                            ("dead", "dead letter"),
                            ("dropped", "dropped"),
                        ],
                        default="waiting",
                        max_length=7,
                    ),
                ),
                ("created_at", models.DateTimeField()),
                ("available_at", models.DateTimeField()),
                ("settled_at", models.DateTimeField(null=True)),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("failure", models.TextField(blank=True)),
                (
                    "alert",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="letters", to="issues.alert"
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="alert",
            index=models.Index(
                condition=models.Q(("confirmed_at__isnull", False), ("ended_at__isnull", True)),
                fields=["next_at", "id"],
                name="alert_due",
            ),
        ),
        migrations.AddIndex(
            model_name="alert",
            index=models.Index(
                condition=models.Q(("confirmed_at__isnull", True)), fields=["created_at"], name="alert_asked"
            ),
        ),
        migrations.AddConstraint(
            model_name="alert",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("area__isnull", False),
                    models.Q(("neighbourhood", ""), _negated=True),
                    models.Q(("district", ""), _negated=True),
                    ("theme__isnull", False),
                    ("service__isnull", False),
                    _connector="OR",
                ),
                name="alert_of_something",
            ),
        ),
        migrations.AddIndex(
            model_name="alertletter",
            index=models.Index(
                condition=models.Q(("state", "waiting")), fields=["available_at", "id"], name="letter_waiting"
            ),
        ),
    ]
