"""Ratings, their counts by month, and what was published before there were any."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from issues.catalogue.models import Service
from issues.lifecycle.models import Issue


class Rating(models.Model):
    """How the reporter judged one closing of a request; it can be changed, never doubled."""

    issue = models.ForeignKey(Issue, models.CASCADE, related_name="ratings", db_index=False)
    closed_at = models.DateTimeField(help_text="The closing that is judged: a reopened request has several.")
    service = models.ForeignKey(Service, models.PROTECT, related_name="+", db_index=False)
    district = models.CharField(max_length=80, blank=True, help_text="Code in the district layer.")
    face = models.PositiveSmallIntegerField(help_text="1 (very bad) to 5 (very good).")
    score = models.GeneratedField(
        expression=(F("face") - 3) * models.Value(2.5),
        output_field=models.FloatField(),
        db_persist=True,
        help_text="On the city's own scale, from -5 to +5.",
    )
    reasons = ArrayField(models.CharField(max_length=24), default=list)
    words = models.TextField(blank=True)
    is_moderated = models.BooleanField(default=False, help_text="The words may be shown to the public.")
    moderated_at = models.DateTimeField(null=True, help_text="When somebody decided whether they may.")
    rated_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        app_label = "issues"
        constraints = [
            models.UniqueConstraint(fields=["issue", "closed_at"], name="rating_once_per_closing"),
            models.CheckConstraint(condition=Q(face__range=(1, 5)), name="rating_face"),
        ]
        indexes = [
            models.Index(fields=["service", "rated_at"], name="rating_service_rated"),
            models.Index(
                fields=["issue"],
                condition=~Q(words="") & Q(is_moderated=False, moderated_at__isnull=True),
                name="rating_unmoderated",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.issue_id}: {self.face}"


class RatingMonth(models.Model):
    """How many of each face a service got in a month. An empty district is the whole city; a null
    service is every service of that district."""

    service = models.ForeignKey(Service, models.PROTECT, null=True, related_name="+", db_index=False)
    district = models.CharField(max_length=80, blank=True)
    month = models.DateField(help_text="Its first day, on the city's calendar.")
    n1 = models.PositiveIntegerField(default=0)
    n2 = models.PositiveIntegerField(default=0)
    n3 = models.PositiveIntegerField(default=0)
    n4 = models.PositiveIntegerField(default=0)
    n5 = models.PositiveIntegerField(default=0)

    class Meta:
        app_label = "issues"
        constraints = [
            models.UniqueConstraint(
                fields=["district", "month", "service"], nulls_distinct=False, name="rating_month_once"
            )
        ]


class RatingBaseline(models.Model):
    """A service's mean score in a past year, as the city published it."""

    service = models.ForeignKey(Service, models.CASCADE, related_name="+", db_index=False)
    year = models.PositiveSmallIntegerField()
    score = models.FloatField(help_text="On the city's own scale, from -5 to +5.")

    class Meta:
        app_label = "issues"
        constraints = [
            models.UniqueConstraint(fields=["service", "year"], name="rating_baseline_once"),
            models.CheckConstraint(condition=Q(score__range=(-5, 5)), name="rating_baseline_score"),
        ]


__all__ = ["Rating", "RatingBaseline", "RatingMonth"]
