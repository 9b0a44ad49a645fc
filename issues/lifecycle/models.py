"""The request and everything that happened to it."""

import uuid

from django.contrib.gis.db import models
from django.db.models import Q

from issues.catalogue.models import ProcessVersion, Service
from issues.citizens.models import Citizen
from issues.routing.models import Rule
from issues.teams.models import Department, Team, User

from .states import STATES


class Issue(models.Model):
    """One request of a citizen (chamado): a geolocated feature, whichever channel it came by."""

    class State(models.TextChoices):
        RECEIVED = "received", "received"
        TRIAGED = "triaged", "triaged"
        ASSIGNED = "assigned", "assigned"
        SCHEDULED = "scheduled", "scheduled"
        IN_PROGRESS = "in_progress", "in progress"
        WAITING = "waiting", "waiting for the citizen"
        RESOLVED = "resolved", "resolved"
        CONFIRMED = "confirmed", "confirmed"
        REOPENED = "reopened", "reopened"
        REJECTED = "rejected", "rejected"
        DUPLICATE = "duplicate", "duplicate of another"
        CANCELLED = "cancelled", "cancelled"

    client_id = models.UUIDField(unique=True, help_text="Made by the sender; makes a report repeatable.")
    protocol = models.CharField(max_length=20, help_text="2026-0012345-6")
    token = models.CharField(max_length=32, help_text="Unguessable; follows one request.")
    service = models.ForeignKey(Service, models.PROTECT, related_name="issues", db_index=False)
    channel = models.CharField(max_length=12)
    state = models.CharField(max_length=12, choices=State.choices)
    is_open = models.GeneratedField(
        expression=models.Case(
            models.When(
                state__in=["resolved", "confirmed", "rejected", "duplicate", "cancelled"],
                then=models.Value(False),
            ),
            default=models.Value(True),
            output_field=models.BooleanField(),
        ),
        output_field=models.BooleanField(),
        db_persist=True,
    )

    geom = models.PointField(srid=4326, null=True, spatial_index=True, help_text="Where it is, exactly.")
    public_geom = models.PointField(
        srid=4326,
        null=True,
        spatial_index=True,
        help_text="Where the public may see it: exact, a 100 m grid, or nothing (area only).",
    )
    address = models.CharField(max_length=240, blank=True)
    areas = models.JSONField(default=dict, help_text='{"bairros": "centro-historico", …} by layer.')
    district = models.CharField(max_length=80, blank=True, help_text="Code in the district layer.")
    neighbourhood = models.CharField(max_length=80, blank=True, help_text="Code in that layer.")

    description = models.TextField(blank=True)
    answers = models.JSONField(default=dict)
    is_moderated = models.BooleanField(default=False, help_text="Text may be shown to the public.")
    moderated_at = models.DateTimeField(null=True, help_text="When somebody decided whether it may.")
    citizen = models.ForeignKey(Citizen, models.SET_NULL, null=True, related_name="issues", db_index=False)

    department = models.ForeignKey(Department, models.PROTECT, related_name="+", db_index=False)
    team = models.ForeignKey(Team, models.PROTECT, related_name="issues")
    rule = models.ForeignKey(Rule, models.SET_NULL, null=True, related_name="+", db_index=False)
    reasons = models.JSONField(default=list, help_text="Why this team: [{code, …data}] in order.")
    assigned_by = models.ForeignKey(
        User, models.SET_NULL, null=True, related_name="+", db_index=False, help_text="Null: by a rule."
    )
    duplicate_of = models.ForeignKey(
        "self", models.SET_NULL, null=True, related_name="duplicates", db_index=False
    )
    priority = models.PositiveSmallIntegerField(default=3, help_text="1 is the most urgent.")
    followers = models.PositiveIntegerField(default=0)

    opened_at = models.DateTimeField()
    due_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    process_version = models.ForeignKey(
        ProcessVersion,
        models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
        help_text="By what steps it is done; null: in one piece, as history is.",
    )
    resumes_as = models.CharField(
        max_length=12, blank=True, db_default="", default="", help_text="The state in which a wait began."
    )
    extended_at = models.DateTimeField(null=True, help_text="When its one extension was given.")
    source = models.CharField(max_length=40, blank=True, help_text="Where a bulk import took it from.")
    external_id = models.CharField(max_length=80, blank=True)

    class Meta:
        app_label = "issues"
        indexes = [
            models.Index(fields=["service", "opened_at"], name="issue_service_opened"),
            models.Index(fields=["opened_at", "id"], name="issue_opened"),
            models.Index(fields=["updated_at", "id"], name="issue_updated"),
            models.Index(
                fields=["team", "due_at", "id"], condition=Q(is_open=True), name="issue_open_team_due"
            ),
            models.Index(
                fields=["due_at", "id"],
                include=["team", "district", "state", "opened_at"],
                condition=Q(is_open=True),
                name="issue_open_due",
            ),
            models.Index(
                fields=["duplicate_of"],
                condition=Q(duplicate_of__isnull=False),
                name="issue_duplicate_of",
            ),
            models.Index(fields=["citizen"], condition=Q(citizen__isnull=False), name="issue_citizen"),
            models.Index(
                fields=["closed_at", "id"],
                condition=Q(state="resolved", source=""),
                name="issue_unconfirmed",
            ),
            models.Index(
                fields=["id"],
                condition=~Q(description="") & Q(source="", is_moderated=False, moderated_at__isnull=True),
                name="issue_unmoderated",
            ),
        ]
        constraints = [
            # Not `unique=True`: nobody searches these by prefix, which would cost an index more.
            models.UniqueConstraint(fields=["protocol"], name="issue_protocol"),
            models.UniqueConstraint(fields=["token"], name="issue_token"),
            models.UniqueConstraint(
                fields=["source", "external_id"], condition=~Q(source=""), name="issue_import_once"
            ),
            models.CheckConstraint(condition=Q(state__in=STATES), name="issue_state_declared"),
            models.CheckConstraint(
                condition=Q(resumes_as="") | Q(state="waiting"), name="issue_resumes_from_waiting"
            ),
        ]

    def __str__(self) -> str:
        return self.protocol


class Event(models.Model):
    """Something that happened to a request. Append-only: the database refuses change."""

    issue = models.ForeignKey(Issue, models.CASCADE, related_name="events", db_index=False)
    code = models.CharField(max_length=32, help_text="opened, assigned, followed…")
    at = models.DateTimeField(help_text="When it happened.")
    recorded_at = models.DateTimeField(help_text="When we learnt of it.")
    actor = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+", db_index=False)
    is_public = models.BooleanField(default=True)
    data = models.JSONField(default=dict, help_text="Facts that the public may read.")
    by = models.CharField(
        max_length=8, blank=True, default="", db_default="", help_text="citizen, staff, system or partner."
    )
    note = models.TextField(
        blank=True, default="", db_default="", help_text="Words for the reporter and staff, never public."
    )
    client_id = models.UUIDField(null=True, help_text="Made by the sender; makes an act repeatable.")

    class Meta:
        app_label = "issues"
        ordering = ["at", "id"]
        indexes = [models.Index(fields=["issue", "at", "id"], name="event_issue_at")]
        constraints = [
            models.UniqueConstraint(
                fields=["client_id"], condition=Q(client_id__isnull=False), name="event_once"
            )
        ]


class IssueStep(models.Model):
    """One step of a request's process, once for each time that the process comes to it."""

    class State(models.TextChoices):
        OPEN = "open", "open"
        DONE = "done", "done"
        SKIPPED = "skipped", "skipped"

    issue = models.ForeignKey(Issue, models.CASCADE, related_name="steps", db_index=False)
    code = models.SlugField(max_length=40)
    name = models.CharField(max_length=120)
    round = models.PositiveSmallIntegerField(
        default=0, db_default=0, help_text="How often the request had been reopened."
    )
    team = models.ForeignKey(Team, models.PROTECT, related_name="steps", db_index=False)
    away = models.BooleanField(
        default=False, db_default=False, help_text="While open: with another team than its request is with."
    )
    state = models.CharField(max_length=8, choices=State.choices, default=State.OPEN)
    opened_at = models.DateTimeField()
    due_at = models.DateTimeField(help_text="Its share of the time of the request.")
    closed_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=40, blank=True)
    by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+", db_index=False)

    class Meta:
        app_label = "issues"
        ordering = ["opened_at", "id"]
        indexes = [
            models.Index(fields=["issue", "id"], name="step_issue"),
            models.Index(fields=["team", "due_at"], condition=Q(state="open"), name="step_open_team"),
            models.Index(fields=["team"], condition=Q(state="open", away=True), name="step_open_away"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["issue", "code"], condition=Q(state="open"), name="step_open_once"
            ),
            models.CheckConstraint(
                condition=Q(state="open", closed_at__isnull=True)
                | (~Q(state="open") & Q(closed_at__isnull=False)),
                name="step_open_or_closed",
            ),
        ]


class ClockRun(models.Model):
    """An interval in which the time of a request, or of one of its steps, ran.

    What is to be told next of a running one, a warning or its end, is due at `alarm_at`.
    """

    issue = models.ForeignKey(Issue, models.CASCADE, related_name="clock", db_index=False)
    step = models.ForeignKey(IssueStep, models.CASCADE, null=True, related_name="clock", db_index=False)
    started_at = models.DateTimeField()
    stopped_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(help_text="When the time is up, as it was while this ran.")
    warn_at = models.DateTimeField(help_text="When 80 % of the time had passed.")
    alarm_at = models.DateTimeField(null=True)
    warned_at = models.DateTimeField(null=True)
    escalated_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "issues"
        ordering = ["started_at", "id"]
        indexes = [
            models.Index(fields=["issue", "id"], name="clock_issue"),
            models.Index(
                fields=["alarm_at", "issue"],
                condition=Q(stopped_at__isnull=True, alarm_at__isnull=False),
                name="clock_alarm",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["issue", "step"],
                condition=Q(stopped_at__isnull=True),
                nulls_distinct=False,
                name="clock_runs_once",
            ),
            models.CheckConstraint(
                condition=Q(stopped_at__isnull=True) | Q(stopped_at__gte=models.F("started_at")),
                name="clock_stops_after_start",
            ),
        ]


class Resolution(models.Model):
    """One closing of a request by a team, with the proof that it gave or the reason of its absence."""

    issue = models.ForeignKey(Issue, models.CASCADE, related_name="resolutions", db_index=False)
    event = models.OneToOneField(Event, models.CASCADE, related_name="+")
    team = models.ForeignKey(Team, models.PROTECT, related_name="+", db_index=False)
    by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+", db_index=False)
    at = models.DateTimeField()
    photos = models.PositiveSmallIntegerField(default=0)
    distance_m = models.FloatField(null=True, help_text="From the place of the request, in metres.")
    accuracy_m = models.FloatField(null=True)
    missing = models.CharField(max_length=20, blank=True, help_text="photo, position or photo,position.")
    unproved = models.CharField(max_length=40, blank=True, help_text="A reason of the list unproved.")
    reopened_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "issues"
        ordering = ["at", "id"]
        indexes = [
            models.Index(fields=["issue", "at"], name="resolution_issue"),
            models.Index(fields=["team", "at"], name="resolution_team"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(missing="", unproved="") | (~Q(missing="") & ~Q(unproved="")),
                name="resolution_proved_or_excused",
            )
        ]


class Reason(models.Model):
    """Why something was done, from a list that the city keeps."""

    kind = models.CharField(max_length=16, help_text="The act, or `unproved`.")
    code = models.SlugField(max_length=40)
    text = models.CharField(max_length=160)
    asks_responsible = models.BooleanField(default=False, help_text="Who is responsible instead?")
    position = models.PositiveSmallIntegerField(default=100)
    is_active = models.BooleanField(default=True)

    class Meta:
        app_label = "issues"
        ordering = ["kind", "position"]
        constraints = [models.UniqueConstraint(fields=["kind", "code"], name="reason_once")]


class Delivery(models.Model):
    """The outbox: something to be told to somebody, written with what happened, sent after."""

    event = models.ForeignKey(Event, models.CASCADE, related_name="deliveries", db_index=False)
    issue = models.ForeignKey(Issue, models.CASCADE, related_name="+")
    kind = models.CharField(max_length=32, help_text="citizen_notice, team_notice…")
    created_at = models.DateTimeField()
    available_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    delivered_at = models.DateTimeField(null=True)
    failure = models.TextField(blank=True)

    class Meta:
        app_label = "issues"
        indexes = [
            models.Index(
                fields=["available_at", "id"],
                condition=Q(delivered_at__isnull=True),
                name="delivery_pending",
            ),
            models.Index(
                fields=["delivered_at", "id"],
                condition=Q(delivered_at__isnull=False),
                name="delivery_done",
            ),
        ]


class Follow(models.Model):
    """Somebody who said "it is this one": told of what happens, may not change it."""

    issue = models.ForeignKey(Issue, models.CASCADE, related_name="follows")
    client_id = models.UUIDField(unique=True)
    token = models.CharField(max_length=32, unique=True)
    citizen = models.ForeignKey(Citizen, models.SET_NULL, null=True, related_name="follows")
    created_at = models.DateTimeField()

    class Meta:
        app_label = "issues"


class Photo(models.Model):
    """A picture, re-encoded by us, uploaded under an id that the client made."""

    class Kind(models.TextChoices):
        BEFORE = "before", "before"
        AFTER = "after", "after"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    issue = models.ForeignKey(Issue, models.CASCADE, null=True, related_name="photos")
    kind = models.CharField(max_length=6, choices=Kind.choices, default=Kind.BEFORE)
    file = models.CharField(max_length=120, help_text="Name under MEDIA_ROOT.")
    thumbnail = models.CharField(max_length=120)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    size = models.PositiveIntegerField(help_text="Bytes stored.")
    digest = models.BinaryField(help_text="SHA-256 of what was sent, so that a retry is recognised.")
    taken_at_place = models.PointField(srid=4326, null=True, spatial_index=False)
    is_moderated = models.BooleanField(default=False)
    moderated_at = models.DateTimeField(null=True, help_text="When somebody decided whether it may be shown.")
    uploaded_at = models.DateTimeField()

    class Meta:
        app_label = "issues"
        indexes = [
            models.Index(fields=["uploaded_at"], condition=Q(issue__isnull=True), name="photo_orphan"),
            models.Index(
                fields=["issue"],
                condition=Q(issue__isnull=False, is_moderated=False, moderated_at__isnull=True),
                name="photo_unmoderated",
            ),
        ]


class Holiday(models.Model):
    """A day on which the city does not work."""

    on = models.DateField(unique=True)
    name = models.CharField(max_length=120)

    class Meta:
        app_label = "issues"
        ordering = ["on"]


__all__ = [
    "ClockRun", "Delivery", "Event", "Follow", "Holiday", "Issue", "IssueStep", "Photo", "Reason",
    "Resolution",
]  # fmt: skip
