"""Crews of a team, what each is given for a day, and how long work takes."""

import django.contrib.gis.db.models.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("issues", "0012_steps_away"),
    ]

    operations = [
        migrations.CreateModel(
            name="Crew",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=80)),
                ("is_active", models.BooleanField(default=True)),
                (
                    "team",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="crews",
                        to="issues.team",
                    ),
                ),
            ],
            options={
                "ordering": ["name"],
            },
        ),
        migrations.CreateModel(
            name="Assignment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("on", models.DateField()),
                (
                    "is_pinned",
                    models.BooleanField(
                        help_text="Given by a person: a plan orders it, and leaves it there."
                    ),
                ),
                (
                    "position",
                    models.PositiveSmallIntegerField(help_text="From 1; null: not planned yet.", null=True),
                ),
                ("arrives_at", models.DateTimeField(null=True)),
                ("leaves_at", models.DateTimeField(null=True)),
                ("metres", models.FloatField(help_text="From the stop before.", null=True)),
                (
                    "leg",
                    django.contrib.gis.db.models.fields.LineStringField(
                        help_text="The way there.", null=True, spatial_index=False, srid=4326
                    ),
                ),
                ("at", models.DateTimeField(help_text="When it was given.")),
                (
                    "by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "issue",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="assignments",
                        to="issues.issue",
                    ),
                ),
                (
                    "crew",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="assignments",
                        to="issues.crew",
                    ),
                ),
            ],
            options={
                "ordering": ["on", "position", "id"],
            },
        ),
        migrations.CreateModel(
            name="CrewDay",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("on", models.DateField()),
                (
                    "start",
                    django.contrib.gis.db.models.fields.PointField(
                        help_text="Where the crew set out.", spatial_index=False, srid=4326
                    ),
                ),
                ("begins_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField()),
                ("metres", models.FloatField(help_text="Of the whole round, through the streets.")),
                (
                    "nearest_metres",
                    models.FloatField(help_text="Of the same stops, always going to the nearest one."),
                ),
                ("planned_at", models.DateTimeField()),
                (
                    "by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "crew",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="days",
                        to="issues.crew",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="CrewMember",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "crew",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="members", to="issues.crew"
                    ),
                ),
                (
                    "team",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="issues.team",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="crews",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="WorkTime",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("minutes", models.PositiveSmallIntegerField()),
                (
                    "service",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="work_time",
                        to="issues.service",
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="crew",
            constraint=models.UniqueConstraint(fields=("team", "name"), name="crew_name_in_team"),
        ),
        migrations.AddIndex(
            model_name="assignment",
            index=models.Index(fields=["crew", "on", "position"], name="assignment_crew_day"),
        ),
        migrations.AddConstraint(
            model_name="assignment",
            constraint=models.UniqueConstraint(fields=("issue", "on"), name="assignment_once_a_day"),
        ),
        migrations.AddConstraint(
            model_name="assignment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("arrives_at__isnull", True), ("leaves_at__isnull", True), ("position__isnull", True)
                    ),
                    models.Q(
                        ("arrives_at__isnull", False),
                        ("leaves_at__gte", models.F("arrives_at")),
                        ("position__gt", 0),
                    ),
                    _connector="OR",
                ),
                name="assignment_planned_or_not",
            ),
        ),
        migrations.AddConstraint(
            model_name="crewday",
            constraint=models.UniqueConstraint(fields=("crew", "on"), name="crew_day_once"),
        ),
        migrations.AddConstraint(
            model_name="crewday",
            constraint=models.CheckConstraint(
                condition=models.Q(("ends_at__gt", models.F("begins_at"))), name="crew_day_has_length"
            ),
        ),
        migrations.AddConstraint(
            model_name="crewmember",
            constraint=models.UniqueConstraint(fields=("user", "team"), name="crew_member_once"),
        ),
        migrations.AddConstraint(
            model_name="worktime",
            constraint=models.CheckConstraint(
                condition=models.Q(("minutes__gt", 0)), name="work_takes_some_minutes"
            ),
        ),
    ]
