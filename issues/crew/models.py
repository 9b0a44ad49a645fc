"""Who goes out together, what each crew is given for a day, and how long work takes."""

from django.contrib.gis.db import models
from django.db.models import F, Q

from issues.catalogue.models import Service
from issues.lifecycle.models import Issue
from issues.teams.models import Team, User


class WorkTime(models.Model):
    """How long a service takes a crew on the spot."""

    service = models.OneToOneField(Service, models.CASCADE, related_name="work_time")
    minutes = models.PositiveSmallIntegerField()

    class Meta:
        app_label = "issues"
        constraints = [
            models.CheckConstraint(condition=Q(minutes__gt=0), name="work_takes_some_minutes"),
        ]


class Crew(models.Model):
    """People of a team who go out together (equipe de campo); somebody alone is a crew of one."""

    team = models.ForeignKey(Team, models.CASCADE, related_name="crews", db_index=False)
    name = models.CharField(max_length=80)
    is_active = models.BooleanField(default=True)

    class Meta:
        app_label = "issues"
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["team", "name"], name="crew_name_in_team")]

    def __str__(self) -> str:
        return self.name


class CrewMember(models.Model):
    """Somebody goes out with one crew of each of their teams."""

    crew = models.ForeignKey(Crew, models.CASCADE, related_name="members")
    team = models.ForeignKey(Team, models.CASCADE, related_name="+", db_index=False)
    user = models.ForeignKey(User, models.CASCADE, related_name="crews", db_index=False)

    class Meta:
        app_label = "issues"
        constraints = [models.UniqueConstraint(fields=["user", "team"], name="crew_member_once")]


class CrewDay(models.Model):
    """A crew's day as it was planned last: from where and when, and what it comes to."""

    crew = models.ForeignKey(Crew, models.CASCADE, related_name="days", db_index=False)
    on = models.DateField()
    start = models.PointField(srid=4326, spatial_index=False, help_text="Where the crew set out.")
    begins_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    metres = models.FloatField(help_text="Of the whole round, through the streets.")
    nearest_metres = models.FloatField(help_text="Of the same stops, always going to the nearest one.")
    planned_at = models.DateTimeField()
    by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+", db_index=False)

    class Meta:
        app_label = "issues"
        constraints = [
            models.UniqueConstraint(fields=["crew", "on"], name="crew_day_once"),
            models.CheckConstraint(condition=Q(ends_at__gt=F("begins_at")), name="crew_day_has_length"),
        ]


class Assignment(models.Model):
    """A request given to a crew for a day; with a place in the order once the day is planned."""

    issue = models.ForeignKey(Issue, models.CASCADE, related_name="assignments", db_index=False)
    on = models.DateField()
    crew = models.ForeignKey(Crew, models.CASCADE, related_name="assignments", db_index=False)
    is_pinned = models.BooleanField(help_text="Given by a person: a plan orders it, and leaves it there.")
    position = models.PositiveSmallIntegerField(null=True, help_text="From 1; null: not planned yet.")
    arrives_at = models.DateTimeField(null=True)
    leaves_at = models.DateTimeField(null=True)
    metres = models.FloatField(null=True, help_text="From the stop before.")
    leg = models.LineStringField(srid=4326, null=True, spatial_index=False, help_text="The way there.")
    by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+", db_index=False)
    at = models.DateTimeField(help_text="When it was given.")

    class Meta:
        app_label = "issues"
        ordering = ["on", "position", "id"]
        indexes = [models.Index(fields=["crew", "on", "position"], name="assignment_crew_day")]
        constraints = [
            models.UniqueConstraint(fields=["issue", "on"], name="assignment_once_a_day"),
            models.CheckConstraint(
                condition=Q(position__isnull=True, arrives_at__isnull=True, leaves_at__isnull=True)
                | Q(position__gt=0, arrives_at__isnull=False, leaves_at__gte=F("arrives_at")),
                name="assignment_planned_or_not",
            ),
        ]


__all__ = ["Assignment", "Crew", "CrewDay", "CrewMember", "WorkTime"]
