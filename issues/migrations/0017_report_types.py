"""What programs are told of a new request, what is only read, and what a report leaves for later."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("issues", "0016_partners"),
    ]

    operations = [
        migrations.AddField(
            model_name="service",
            name="open311_type",
            field=models.CharField(
                choices=[
                    ("realtime", "the number at once"),
                    ("batch", "a token at once, the number later"),
                    ("blackbox", "no number"),
                ],
                db_default="realtime",
                default="realtime",
                help_text="What a program that files a request of it is told.",
                max_length=8,
            ),
        ),
        migrations.AlterField(
            model_name="question",
            name="datatype",
            field=models.CharField(
                choices=[
                    ("string", "String"),
                    ("number", "Number"),
                    ("datetime", "Datetime"),
                    ("text", "Text"),
                    ("singlevaluelist", "Single"),
                    ("multivaluelist", "Multi"),
                    ("information", "Information"),
                ],
                max_length=16,
            ),
        ),
        migrations.CreateModel(
            name="WantedPicture",
            fields=[
                (
                    "photo_id",
                    models.UUIDField(help_text="What it will be called.", primary_key=True, serialize=False),
                ),
                ("client_id", models.UUIDField(help_text="The report that it belongs to.")),
                ("address", models.CharField(max_length=2048)),
                (
                    "state",
                    models.CharField(
                        choices=[("waiting", "waiting"), ("kept", "kept"), ("refused", "refused")],
                        default="waiting",
                        max_length=7,
                    ),
                ),
                ("created_at", models.DateTimeField()),
                ("available_at", models.DateTimeField()),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("failure", models.TextField(blank=True)),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "waiting")),
                        fields=["available_at"],
                        name="picture_wanted",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="PendingReport",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "token",
                    models.CharField(
                        help_text="Unguessable; asks for the number.", max_length=32, unique=True
                    ),
                ),
                ("client_id", models.UUIDField(unique=True)),
                (
                    "draft",
                    models.JSONField(help_text="service, lat, lng, description, answers, photos, channel."),
                ),
                ("created_at", models.DateTimeField()),
                ("settled_at", models.DateTimeField(null=True)),
                ("protocol", models.CharField(blank=True, max_length=20)),
                (
                    "failure",
                    models.CharField(
                        blank=True, help_text="Why it became no request after all.", max_length=120
                    ),
                ),
                (
                    "citizen",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="issues.citizen",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("settled_at__isnull", True)), fields=["id"], name="report_pending"
                    )
                ],
            },
        ),
    ]
