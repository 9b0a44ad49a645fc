"""Who is told of what, and the messages that tell them."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from issues.citizens.models import ContactPoint
from issues.lifecycle.models import Event, Issue
from issues.teams.models import User


class ContactPreference(models.Model):
    """What one contact of a citizen wants to hear, and in which language. Without a row: everything."""

    contact = models.OneToOneField(ContactPoint, models.CASCADE, primary_key=True, related_name="preference")
    language = models.CharField(max_length=8)
    muted = ArrayField(models.CharField(max_length=16), default=list, help_text="Groups of notices.")
    off_at = models.DateTimeField(null=True, help_text="Since when it hears nothing at all.")

    class Meta:
        app_label = "issues"


class Subscription(models.Model):
    """A contact that asked to be told of one request, or that asked not to be."""

    issue = models.ForeignKey(Issue, models.CASCADE, related_name="subscriptions", db_index=False)
    contact = models.ForeignKey(ContactPoint, models.CASCADE, related_name="subscriptions")
    token = models.CharField(max_length=32, help_text="The secret link that it was made with.")
    created_at = models.DateTimeField()
    muted_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "issues"
        constraints = [models.UniqueConstraint(fields=["issue", "contact"], name="subscribed_once")]


class Notice(models.Model):
    """One message to one address by one channel; a digest when several things happened.

    Not sealed, it still takes further items. Sealed at the first attempt: every later attempt sends
    the same items under the same key. `available_at` is also the end of a lease.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "waiting"
        SENT = "sent", "sent"
        DEAD = "dead", "dead letter"
        DROPPED = "dropped", "dropped"

    key = models.UUIDField(unique=True, help_text="What a provider may recognise a repetition by.")
    address = models.CharField(max_length=40, help_text="email:c12 (contact) or email:u5 (staff).")
    channel = models.CharField(max_length=16)
    contact = models.ForeignKey(ContactPoint, models.CASCADE, null=True, related_name="+")
    user = models.ForeignKey(User, models.CASCADE, null=True, related_name="+")
    is_urgent = models.BooleanField(default=False, help_text="Waits for nothing and joins nothing.")
    created_at = models.DateTimeField()
    available_at = models.DateTimeField()
    sealed_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    settled_at = models.DateTimeField(null=True)
    failure = models.TextField(blank=True)

    class Meta:
        app_label = "issues"
        indexes = [
            models.Index(fields=["available_at", "id"], condition=Q(state="waiting"), name="notice_waiting"),
            models.Index(fields=["settled_at", "id"], condition=Q(state="dead"), name="notice_dead"),
            models.Index(fields=["address", "sealed_at"], name="notice_address"),
            models.Index(fields=["created_at", "id"], name="notice_created"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["address"],
                condition=Q(sealed_at__isnull=True, is_urgent=False, state="waiting"),
                name="notice_open_once",
            ),
            models.CheckConstraint(
                condition=Q(contact__isnull=True, user__isnull=False)
                | Q(contact__isnull=False, user__isnull=True),
                name="notice_one_recipient",
            ),
            models.CheckConstraint(
                condition=Q(state="waiting", settled_at__isnull=True)
                | (~Q(state="waiting") & Q(settled_at__isnull=False)),
                name="notice_settled_or_waiting",
            ),
        ]


class NoticeItem(models.Model):
    """One thing that happened, told to one address once."""

    notice = models.ForeignKey(Notice, models.CASCADE, related_name="items")
    event = models.ForeignKey(Event, models.CASCADE, related_name="+", db_index=False)
    address = models.CharField(max_length=40)
    relation = models.CharField(max_length=12, help_text="reporter, follower, duplicate or team.")
    token = models.CharField(max_length=32, blank=True, help_text="The secret link of this reader.")

    class Meta:
        app_label = "issues"
        constraints = [models.UniqueConstraint(fields=["event", "address"], name="told_once")]


__all__ = ["ContactPreference", "Notice", "NoticeItem", "Subscription"]
