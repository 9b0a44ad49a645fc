"""What the nightly look at the data found, and what people decided about it."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Greatest, Least

from issues.citizens.models import ContactPoint
from issues.lifecycle.models import Issue
from issues.teams.models import User


class HygieneRun(models.Model):
    """One look at the data. Where it came to in the order of commits, and what there was to see."""

    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    reached_xid = models.BigIntegerField(
        default=0, help_text="Events of transactions below it have been looked at, and of it itself"
    )
    reached_event = models.BigIntegerField(default=0, help_text="those up to this id.")
    looked = models.PositiveIntegerField(default=0, help_text="Requests that were new to it.")
    suggested = models.PositiveIntegerField(default=0)
    counts = models.JSONField(default=dict, help_text="Findings by kind when it ended.")

    class Meta:
        app_label = "issues"
        ordering = ["-started_at", "-id"]
        indexes = [
            models.Index(
                fields=["finished_at", "id"],
                condition=Q(finished_at__isnull=False),
                name="hygiene_run_done",
            )
        ]


class DuplicateSuggestion(models.Model):
    """Two open requests that may be the same one. A pair is suggested once, whatever is decided."""

    class State(models.TextChoices):
        OPEN = "open", "open"
        MERGED = "merged", "merged"
        DISMISSED = "dismissed", "dismissed"

    earlier = models.ForeignKey(Issue, models.CASCADE, related_name="+", db_index=False)
    later = models.ForeignKey(Issue, models.CASCADE, related_name="+")
    score = models.FloatField(help_text="0 to 1: how surely they are the same.")
    reasons = models.JSONField(default=list, help_text="Why: [{code, …data}].")
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    found_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+", db_index=False)

    class Meta:
        app_label = "issues"
        ordering = ["-score", "id"]
        indexes = [
            models.Index(fields=["-score", "id"], condition=Q(state="open"), name="duplicate_open_score"),
            models.Index(fields=["earlier"], name="duplicate_earlier"),
        ]
        constraints = [
            models.UniqueConstraint(
                Least("earlier", "later"), Greatest("earlier", "later"), name="duplicate_pair_once"
            ),
            models.CheckConstraint(condition=~Q(earlier=models.F("later")), name="duplicate_is_of_another"),
            models.CheckConstraint(
                condition=Q(state="open", decided_at__isnull=True)
                | (~Q(state="open") & Q(decided_at__isnull=False)),
                name="duplicate_decided_or_open",
            ),
        ]


class Finding(models.Model):
    """An open request that somebody should look at: late beyond reason, without a place, and so on."""

    kind = models.CharField(max_length=16)
    issue = models.ForeignKey(Issue, models.CASCADE, related_name="+")
    found_at = models.DateTimeField()

    class Meta:
        app_label = "issues"
        ordering = ["kind", "id"]
        indexes = [models.Index(fields=["kind", "id"], name="finding_kind")]
        constraints = [models.UniqueConstraint(fields=["kind", "issue"], name="finding_once")]


class ContactCheck(models.Model):
    """What a look at a phone or an e-mail address gave. The value itself is never here."""

    class Outcome(models.TextChoices):
        FINE = "fine", "fine"
        MENDED = "mended", "written in the one form"
        INVALID = "invalid", "invalid"

    contact = models.OneToOneField(ContactPoint, models.CASCADE, related_name="+")
    outcome = models.CharField(max_length=8, choices=Outcome.choices)
    reason = models.CharField(max_length=24, blank=True)
    masked = models.CharField(max_length=60, blank=True, help_text="Enough to recognise it, no more.")
    checked_at = models.DateTimeField()

    class Meta:
        app_label = "issues"
        indexes = [
            models.Index(fields=["outcome", "id"], condition=~Q(outcome="fine"), name="contact_check_told")
        ]


__all__ = ["ContactCheck", "DuplicateSuggestion", "Finding", "HygieneRun"]
