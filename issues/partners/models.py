"""Systems of departments: what is sent there, what came of it, and how far they were heard."""

import uuid

from django.db import models
from django.db.models import Q

from issues.catalogue.models import Service
from issues.lifecycle.models import Event, Issue
from issues.teams.models import User


class Partner(models.Model):
    """Another system that does the work of some services: an Open311 endpoint or a signed webhook."""

    class Kind(models.TextChoices):
        OPEN311 = "open311", "Open311 GeoReport v2"
        WEBHOOK = "webhook", "signed webhook"

    class Repeats(models.TextChoices):
        KEY = "key", "the same Idempotency-Key is the same request"
        SEARCH = "search", "its list shows at once what was filed"
        NEVER = "never", "a person decides"

    class Tells(models.TextChoices):
        UPDATES = "updates", "servicerequestupdates"
        REQUESTS = "requests", "requests"
        NOTHING = "nothing", "only when it calls us"

    slug = models.SlugField(unique=True, max_length=40)
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=8, choices=Kind.choices)
    url = models.CharField(max_length=500, help_text="Its endpoint, without a slash at the end.")
    form = models.CharField(max_length=4, default="json", help_text="json or xml: how an endpoint answers.")
    jurisdiction = models.CharField(max_length=120, blank=True)
    sealed_key = models.BinaryField(null=True, help_text="The api_key that it gave us, encrypted.")
    sealed_secret = models.BinaryField(help_text="What messages both ways are signed with, encrypted.")
    repeats = models.CharField(max_length=6, choices=Repeats.choices, default=Repeats.NEVER)
    tells = models.CharField(max_length=8, choices=Tells.choices, default=Tells.REQUESTS)
    takes_updates = models.BooleanField(default=False, help_text="POST servicerequestupdates.")
    offered = models.JSONField(default=list, help_text="Its services when last asked: [{code, name}].")
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+", db_index=False)
    heard_until = models.DateTimeField(help_text="Its updates up to then are known.")
    ask_at = models.DateTimeField(help_text="When it is asked next; also the end of a lease.")
    ask_failures = models.PositiveSmallIntegerField(default=0)
    ask_failure = models.TextField(blank=True)

    class Meta:
        app_label = "issues"
        ordering = ["name", "id"]

    def __str__(self) -> str:
        return self.name


class PartnerService(models.Model):
    """A service whose requests go to a partner, and what it is called there."""

    partner = models.ForeignKey(Partner, models.CASCADE, related_name="services")
    service = models.OneToOneField(Service, models.CASCADE, related_name="+")
    remote_code = models.CharField(max_length=120)
    since = models.DateTimeField(help_text="Requests that were filed from then on.")

    class Meta:
        app_label = "issues"
        ordering = ["service_id"]


class Forwarding(models.Model):
    """One request at one partner, and the number that it has there."""

    issue = models.ForeignKey(Issue, models.CASCADE, related_name="forwardings", db_index=False)
    partner = models.ForeignKey(Partner, models.PROTECT, related_name="forwardings", db_index=False)
    key = models.UUIDField(unique=True, default=uuid.uuid4, help_text="What a repetition is known by.")
    remote_code = models.CharField(max_length=120, help_text="The service there.")
    remote_id = models.CharField(max_length=120, blank=True)
    token = models.CharField(max_length=120, blank=True, help_text="Given instead of a number, at first.")
    created_at = models.DateTimeField()
    heard_status = models.CharField(max_length=200, blank=True, help_text="The last that it said.")
    heard_at = models.DateTimeField(null=True)
    failure = models.TextField(blank=True, help_text="Why what it said last could not be done here.")

    class Meta:
        app_label = "issues"
        indexes = [models.Index(fields=["partner", "remote_id"], name="forwarding_remote")]
        constraints = [
            models.UniqueConstraint(fields=["issue", "partner"], name="forwarded_once"),
            models.UniqueConstraint(
                fields=["partner", "remote_id"], condition=~Q(remote_id=""), name="forwarding_remote_once"
            ),
        ]


class Parcel(models.Model):
    """One message to a partner: the request itself, or something that happened to it since.

    `in_doubt` from the moment an attempt begins until it is known that nothing arrived.
    `available_at` is also the end of a lease.
    """

    class Kind(models.TextChoices):
        REPORT = "report", "report"
        UPDATE = "update", "update"

    class State(models.TextChoices):
        WAITING = "waiting", "waiting"
        SENT = "sent", "sent"
        UNSURE = "unsure", "may have arrived"
        DEAD = "dead", "dead letter"
        DROPPED = "dropped", "dropped"

    forwarding = models.ForeignKey(Forwarding, models.CASCADE, related_name="parcels", db_index=False)
    event = models.ForeignKey(Event, models.CASCADE, related_name="+", db_index=False)
    kind = models.CharField(max_length=6, choices=Kind.choices)
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    created_at = models.DateTimeField()
    available_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    in_doubt = models.BooleanField(default=False)
    failure = models.TextField(blank=True)
    remote_id = models.CharField(max_length=120, blank=True, help_text="The number of an update there.")

    class Meta:
        app_label = "issues"
        indexes = [
            models.Index(fields=["available_at", "id"], condition=Q(state="waiting"), name="parcel_waiting"),
            models.Index(fields=["forwarding", "id"], name="parcel_forwarding"),
            models.Index(fields=["id"], condition=Q(state__in=["unsure", "dead"]), name="parcel_stuck"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["forwarding", "event"], name="parcel_once"),
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "unsure"], settled_at__isnull=True)
                | (~Q(state__in=["waiting", "unsure"]) & Q(settled_at__isnull=False)),
                name="parcel_settled_or_not",
            ),
        ]


class PartnerPosition(models.Model):
    """How far the events were followed, in the order of commits: one row."""

    written_in = models.BigIntegerField(help_text="The transaction of the last event that was looked at.")
    event = models.BigIntegerField(help_text="That event's id.")

    class Meta:
        app_label = "issues"


__all__ = ["Forwarding", "Parcel", "Partner", "PartnerPosition", "PartnerService"]
