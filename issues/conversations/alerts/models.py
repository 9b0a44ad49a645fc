"""What somebody wants to hear of, and the letters that tell them."""

from django.contrib.gis.db import models
from django.db.models import Q

from issues.catalogue.models import Service, Theme
from issues.citizens.models import ContactPoint


class Alert(models.Model):
    """One wish: a place (drawn, a neighbourhood or a district), a subject (a service or a theme), or both.

    Nothing is told before it is confirmed by the address itself.
    """

    class Every(models.TextChoices):
        DAY = "day", "a letter a day"
        WEEK = "week", "a letter a week"

    contact = models.ForeignKey(ContactPoint, models.CASCADE, related_name="alerts")
    area = models.PolygonField(srid=4326, null=True, spatial_index=True)
    neighbourhood = models.CharField(max_length=80, blank=True, help_text="Code in that layer.")
    district = models.CharField(max_length=80, blank=True, help_text="Code in that layer.")
    theme = models.ForeignKey(Theme, models.CASCADE, null=True, related_name="+", db_index=False)
    service = models.ForeignKey(Service, models.CASCADE, null=True, related_name="+", db_index=False)
    resolved = models.BooleanField(default=False, help_text="Also of what was resolved.")
    every = models.CharField(max_length=4, choices=Every.choices, default=Every.DAY)
    language = models.CharField(max_length=8)
    created_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    told_until = models.DateTimeField(help_text="What we learnt before is told.")
    next_at = models.DateTimeField(help_text="When the next letter is due.")

    class Meta:
        app_label = "issues"
        indexes = [
            models.Index(
                fields=["next_at", "id"],
                condition=Q(confirmed_at__isnull=False, ended_at__isnull=True),
                name="alert_due",
            ),
            models.Index(fields=["created_at"], condition=Q(confirmed_at__isnull=True), name="alert_asked"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(area__isnull=False)
                | ~Q(neighbourhood="")
                | ~Q(district="")
                | Q(theme__isnull=False)
                | Q(service__isnull=False),
                name="alert_of_something",
            )
        ]


class AlertLetter(models.Model):
    """One e-mail: the question whether it was they who asked, or what is new.

    `available_at` is also the end of a lease.
    """

    class Kind(models.TextChoices):
        CONFIRM = "confirm", "was it you?"
        NEWS = "news", "what is new"

    class State(models.TextChoices):
        WAITING = "waiting", "waiting"
        SENT = "sent", "sent"
        DEAD = "dead", "dead letter"
        DROPPED = "dropped", "dropped"

    key = models.UUIDField(unique=True, help_text="What a provider may recognise a repetition by.")
    alert = models.ForeignKey(Alert, models.CASCADE, related_name="letters")
    kind = models.CharField(max_length=7, choices=Kind.choices)
    total = models.PositiveIntegerField(default=0, help_text="How many things are new.")
    items = models.JSONField(default=list, help_text="The latest: [[request id, opened or resolved], …].")
    state = models.CharField(max_length=7, choices=State.choices, default=State.WAITING)
    created_at = models.DateTimeField()
    available_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    failure = models.TextField(blank=True)

    class Meta:
        app_label = "issues"
        indexes = [
            models.Index(fields=["available_at", "id"], condition=Q(state="waiting"), name="letter_waiting"),
        ]


__all__ = ["Alert", "AlertLetter"]
