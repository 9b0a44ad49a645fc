"""Systems of departments: what is sent there, and what they say."""

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("issues", "0015_api_keys"),
    ]

    operations = [
        migrations.CreateModel(
            name="PartnerPosition",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "written_in",
                    models.BigIntegerField(help_text="The transaction of the last event that was looked at."),
                ),
                ("event", models.BigIntegerField(help_text="That event's id.")),
            ],
        ),
        migrations.CreateModel(
            name="Partner",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("slug", models.SlugField(max_length=40, unique=True)),
                ("name", models.CharField(max_length=120)),
                (
                    "kind",
                    models.CharField(
                        choices=[("open311", "Open311 GeoReport v2"), ("webhook", "signed webhook")],
                        max_length=8,
                    ),
                ),
                (
                    "url",
                    models.CharField(help_text="Its endpoint, without a slash at the end.", max_length=500),
                ),
                (
                    "form",
                    models.CharField(
                        default="json", help_text="json or xml: how an endpoint answers.", max_length=4
                    ),
                ),
                ("jurisdiction", models.CharField(blank=True, max_length=120)),
                (
                    "sealed_key",
                    models.BinaryField(help_text="The api_key that it gave us, encrypted.", null=True),
                ),
                (
                    "sealed_secret",
                    models.BinaryField(help_text="What messages both ways are signed with, encrypted."),
                ),
                (
                    "repeats",
                    models.CharField(
                        choices=[
                            ("key", "the same Idempotency-Key is the same request"),
                            ("search", "its list shows at once what was filed"),
                            ("never", "a person decides"),
                        ],
                        default="never",
                        max_length=6,
                    ),
                ),
                (
                    "tells",
                    models.CharField(
                        choices=[
                            ("updates", "servicerequestupdates"),
                            ("requests", "requests"),
                            ("nothing", "only when it calls us"),
                        ],
                        default="requests",
                        max_length=8,
                    ),
                ),
                (
                    "takes_updates",
                    models.BooleanField(default=False, help_text="POST servicerequestupdates."),
                ),
                (
                    "offered",
                    models.JSONField(default=list, help_text="Its services when last asked: [{code, name}]."),
                ),
                ("is_active", models.BooleanField(default=True)),
                ("created_at", models.DateTimeField()),
                ("heard_until", models.DateTimeField(help_text="Its updates up to then are known.")),
                ("ask_at", models.DateTimeField(help_text="When it is asked next; also the end of a lease.")),
                ("ask_failures", models.PositiveSmallIntegerField(default=0)),
                ("ask_failure", models.TextField(blank=True)),
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
            ],
            options={
                "ordering": ["name", "id"],
            },
        ),
        migrations.CreateModel(
            name="Forwarding",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "key",
                    models.UUIDField(
                        default=uuid.uuid4, help_text="What a repetition is known by.", unique=True
                    ),
                ),
                ("remote_code", models.CharField(help_text="The service there.", max_length=120)),
                ("remote_id", models.CharField(blank=True, max_length=120)),
                (
                    "token",
                    models.CharField(
                        blank=True, help_text="Given instead of a number, at first.", max_length=120
                    ),
                ),
                ("created_at", models.DateTimeField()),
                (
                    "heard_status",
                    models.CharField(blank=True, help_text="The last that it said.", max_length=200),
                ),
                ("heard_at", models.DateTimeField(null=True)),
                (
                    "failure",
                    models.TextField(blank=True, help_text="Why what it said last could not be done here."),
                ),
                (
                    "issue",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="forwardings",
                        to="issues.issue",
                    ),
                ),
                (
                    "partner",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="forwardings",
                        to="issues.partner",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="PartnerService",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("remote_code", models.CharField(max_length=120)),
                ("since", models.DateTimeField(help_text="Requests that were filed from then on.")),
                (
                    "partner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="services",
                        to="issues.partner",
                    ),
                ),
                (
                    "service",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="issues.service"
                    ),
                ),
            ],
            options={
                "ordering": ["service_id"],
            },
        ),
        migrations.CreateModel(
            name="Parcel",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(choices=[("report", "report"), ("update", "update")], max_length=6),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "waiting"),
                            ("sent", "sent"),
                            ("unsure", "may have arrived"),
                            ("dead", "dead letter"),
                            ("dropped", "dropped"),
                        ],
                        default="waiting",
                        max_length=8,
                    ),
                ),
                ("created_at", models.DateTimeField()),
                ("available_at", models.DateTimeField()),
                ("settled_at", models.DateTimeField(null=True)),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("in_doubt", models.BooleanField(default=False)),
                ("failure", models.TextField(blank=True)),
                (
                    "remote_id",
                    models.CharField(blank=True, help_text="The number of an update there.", max_length=120),
                ),
                (
                    "event",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="issues.event",
                    ),
                ),
                (
                    "forwarding",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="parcels",
                        to="issues.forwarding",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "waiting")),
                        fields=["available_at", "id"],
                        name="parcel_waiting",
                    ),
                    models.Index(fields=["forwarding", "id"], name="parcel_forwarding"),
                    models.Index(
                        condition=models.Q(("state__in", ["unsure", "dead"])),
                        fields=["id"],
                        name="parcel_stuck",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("forwarding", "event"), name="parcel_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("settled_at__isnull", True), ("state__in", ["waiting", "unsure"])),
                            models.Q(
                                models.Q(("state__in", ["waiting", "unsure"]), _negated=True),
                                ("settled_at__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="parcel_settled_or_not",
                    ),
                ],
            },
        ),
        migrations.AddIndex(
            model_name="forwarding",
            index=models.Index(fields=["partner", "remote_id"], name="forwarding_remote"),
        ),
        migrations.AddConstraint(
            model_name="forwarding",
            constraint=models.UniqueConstraint(fields=("issue", "partner"), name="forwarded_once"),
        ),
        migrations.AddConstraint(
            model_name="forwarding",
            constraint=models.UniqueConstraint(
                condition=models.Q(("remote_id", ""), _negated=True),
                fields=("partner", "remote_id"),
                name="forwarding_remote_once",
            ),
        ),
        # What happened before partners were known concerns none of them.
        migrations.RunSQL(
            "INSERT INTO issues_partnerposition (written_in, event)"
            " SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint, 0",
            migrations.RunSQL.noop,
        ),
    ]
