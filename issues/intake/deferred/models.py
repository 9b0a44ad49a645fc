"""Reports that were taken and wait for their number, and pictures that reports named and did not bring."""

from django.db import models
from django.db.models import Q

from issues.citizens.models import Citizen


class PendingReport(models.Model):
    """A report of a service whose requests get their number later (Open311's batch).

    Whoever asked is known already and kept apart: nothing of theirs is in `draft`.
    """

    token = models.CharField(max_length=32, unique=True, help_text="Unguessable; asks for the number.")
    client_id = models.UUIDField(unique=True)
    draft = models.JSONField(help_text="service, lat, lng, description, answers, photos, channel.")
    citizen = models.ForeignKey(Citizen, models.SET_NULL, null=True, related_name="+", db_index=False)
    created_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)
    protocol = models.CharField(max_length=20, blank=True)
    failure = models.CharField(max_length=120, blank=True, help_text="Why it became no request after all.")

    class Meta:
        app_label = "issues"
        indexes = [models.Index(fields=["id"], condition=Q(settled_at__isnull=True), name="report_pending")]


class WantedPicture(models.Model):
    """A picture that a report names by its address. `available_at` is also the end of a lease."""

    class State(models.TextChoices):
        WAITING = "waiting", "waiting"
        KEPT = "kept", "kept"
        REFUSED = "refused", "refused"

    photo_id = models.UUIDField(primary_key=True, help_text="What it will be called.")
    client_id = models.UUIDField(help_text="The report that it belongs to.")
    address = models.CharField(max_length=2048)
    state = models.CharField(max_length=7, choices=State.choices, default=State.WAITING)
    created_at = models.DateTimeField()
    available_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    failure = models.TextField(blank=True)

    class Meta:
        app_label = "issues"
        indexes = [
            models.Index(fields=["available_at"], condition=Q(state="waiting"), name="picture_wanted"),
        ]


__all__ = ["PendingReport", "WantedPicture"]
