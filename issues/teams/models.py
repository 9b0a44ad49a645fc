"""Departments, their teams and who works in them."""

from datetime import time

from django.contrib.auth.models import AbstractUser
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q


class User(AbstractUser):
    """A member of staff who signs in. Citizens are not users (see issues.citizens)."""

    class Role(models.TextChoices):
        ATTENDANT = "attendant", "attendant"
        CREW = "crew", "crew"
        MANAGER = "manager", "manager"
        PLANNER = "planner", "planner"
        ADMIN = "admin", "admin"

    role = models.CharField(max_length=10, choices=Role.choices, default=Role.CREW)

    class Meta:
        app_label = "issues"


def monday_to_friday() -> list[int]:
    """ISO weekdays."""
    return [1, 2, 3, 4, 5]


class Department(models.Model):
    """A body of the city that answers for services (órgão)."""

    code = models.SlugField(unique=True)
    acronym = models.CharField(max_length=16)
    name = models.CharField(max_length=200)
    day_starts = models.TimeField(default=time(8), help_text="When its working day begins, in the city.")
    day_ends = models.TimeField(default=time(18))
    weekdays = ArrayField(
        models.PositiveSmallIntegerField(), default=monday_to_friday, help_text="1 is Monday, 7 Sunday."
    )

    class Meta:
        app_label = "issues"
        ordering = ["acronym"]
        constraints = [
            models.CheckConstraint(
                condition=Q(day_ends__gt=models.F("day_starts")), name="department_day_ends_after_start"
            ),
            models.CheckConstraint(
                condition=Q(weekdays__contained_by=[1, 2, 3, 4, 5, 6, 7]) & Q(weekdays__len__gt=0),
                name="department_works_some_days",
            ),
        ]

    def __str__(self) -> str:
        return self.acronym


class Team(models.Model):
    """People who do the work. A triage team of its department has no territory."""

    slug = models.SlugField(unique=True, max_length=80)
    name = models.CharField(max_length=160)
    department = models.ForeignKey(Department, models.PROTECT, related_name="teams")
    is_triage = models.BooleanField(
        default=False, help_text="Receives what no rule of the department places."
    )
    territory_layer = models.SlugField(blank=True, help_text="Layer of the areas it answers for.")
    territory_codes = ArrayField(models.CharField(max_length=80), default=list, blank=True)
    is_active = models.BooleanField(default=True)
    members = models.ManyToManyField(User, through="Membership", related_name="teams")

    class Meta:
        app_label = "issues"
        ordering = ["slug"]
        constraints = [
            models.UniqueConstraint(
                fields=["department"], condition=Q(is_triage=True), name="one_triage_team_per_department"
            )
        ]

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    user = models.ForeignKey(User, models.CASCADE)
    team = models.ForeignKey(Team, models.CASCADE)
    is_leader = models.BooleanField(default=False)

    class Meta:
        app_label = "issues"
        constraints = [models.UniqueConstraint(fields=["user", "team"], name="member_once")]


class ApiKey(models.Model):
    """A program that may act here, such as a client of Open311. Its secret is kept as a digest."""

    class Scope(models.TextChoices):
        REPORT = "report", "file requests"
        UPDATE = "update", "tell what became of requests"

    name = models.CharField(max_length=120, help_text="Whose program this is.")
    contact = models.CharField(max_length=200, blank=True, help_text="Whom to call about it.")
    digest = models.BinaryField(unique=True, help_text="SHA-256 of the secret.")
    hint = models.CharField(max_length=8, help_text="How the secret begins, to tell keys apart.")
    scopes = ArrayField(models.CharField(max_length=12, choices=Scope.choices))
    teams = models.ManyToManyField(
        Team, related_name="+", blank=True, help_text="Whose requests it may update."
    )
    quota = models.PositiveIntegerField(default=60, help_text="Calls a minute; 0 is no limit.")
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+", db_index=False)
    used_at = models.DateTimeField(null=True, help_text="To the minute.")
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "issues"
        ordering = ["name", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(scopes__contained_by=["report", "update"]) & Q(scopes__len__gt=0),
                name="key_is_for_something",
            )
        ]
