"""Routing rules: typed rows, not a language."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from issues.catalogue.models import Service, Theme
from issues.teams.models import Department, Team, User


class Rule(models.Model):
    """(service or group) × (place) → (a team, or the team of the area).

    Order: priority (lowest number first), then specificity (a service before a theme before a
    department; near an asset before in an area before anywhere), then id.
    """

    class Where(models.TextChoices):
        NEAR_ASSET = "near_asset", "within N metres of an asset"
        IN_AREA = "in_area", "in an area of a layer"
        ANYWHERE = "anywhere", "anywhere"

    slug = models.SlugField(unique=True, max_length=100)
    note = models.CharField(max_length=300, blank=True, help_text="Why the rule is there.")
    priority = models.PositiveSmallIntegerField(default=100)

    service = models.ForeignKey(Service, models.CASCADE, null=True, blank=True)
    theme = models.ForeignKey(Theme, models.CASCADE, null=True, blank=True)
    department = models.ForeignKey(Department, models.CASCADE, null=True, blank=True)

    where = models.CharField(max_length=12, choices=Where.choices, default=Where.ANYWHERE)
    where_layer = models.SlugField(blank=True)
    where_codes = ArrayField(models.CharField(max_length=80), default=list, blank=True)
    distance_m = models.PositiveIntegerField(null=True, blank=True)

    team = models.ForeignKey(Team, models.CASCADE, null=True, blank=True)
    team_of_layer = models.SlugField(blank=True, help_text="The team of the area in this layer.")
    team_department = models.ForeignKey(
        Department,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        help_text="Whose team of the area; empty: the service's own department.",
    )

    valid_from = models.DateTimeField(null=True, blank=True)
    valid_until = models.DateTimeField(null=True, blank=True)
    is_active = models.BooleanField(default=True)

    class Meta:
        app_label = "issues"
        ordering = ["priority", "id"]
        constraints = [
            models.CheckConstraint(
                condition=(
                    Q(service__isnull=False, theme__isnull=True, department__isnull=True)
                    | Q(service__isnull=True, theme__isnull=False, department__isnull=True)
                    | Q(service__isnull=True, theme__isnull=True, department__isnull=False)
                ),
                name="rule_is_about_one_thing",
            ),
            models.CheckConstraint(
                condition=Q(where="anywhere", where_layer="", distance_m__isnull=True)
                | (Q(where="in_area", distance_m__isnull=True) & ~Q(where_layer=""))
                | (Q(where="near_asset", distance_m__isnull=False) & ~Q(where_layer="")),
                name="rule_place_is_complete",
            ),
            models.CheckConstraint(
                condition=Q(team__isnull=False, team_of_layer="")
                | (Q(team__isnull=True) & ~Q(team_of_layer="")),
                name="rule_gives_one_team",
            ),
        ]

    def __str__(self) -> str:
        return self.slug


class RuleDraft(models.Model):
    """A whole set of rules being edited; the active set stays untouched until it is published."""

    class State(models.TextChoices):
        OPEN = "open", "open"
        PUBLISHED = "published", "published"
        DISCARDED = "discarded", "discarded"

    title = models.CharField(max_length=120)
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    rows = models.JSONField(default=list, help_text="Every rule, by codes and slugs, as in rules.csv.")
    base = models.CharField(max_length=64, help_text="Digest of the active rules that it was started from.")
    revision = models.PositiveIntegerField(default=1, help_text="Goes up by one with every edit.")
    started_at = models.DateTimeField()
    started_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+", db_index=False)
    updated_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, help_text="When it was published or discarded.")
    closed_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+", db_index=False)

    class Meta:
        app_label = "issues"
        ordering = ["-updated_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="open", closed_at__isnull=True)
                | (Q(state__in=["published", "discarded"]) & Q(closed_at__isnull=False)),
                name="rule_draft_open_or_closed",
            )
        ]

    def __str__(self) -> str:
        return self.title


class Simulation(models.Model):
    """What the requests of a period would have done under a change, as it was worked out."""

    draft = models.ForeignKey(RuleDraft, models.CASCADE, null=True, related_name="simulations")
    revision = models.PositiveIntegerField(null=True, help_text="Of the draft, when it was tried.")
    versions = models.JSONField(default=dict, help_text="Staged layer versions: {slug: id}.")
    opened_from = models.DateTimeField()
    opened_until = models.DateTimeField()
    made_at = models.DateTimeField(db_index=True)
    total = models.PositiveIntegerField()
    moved = models.PositiveIntegerField()
    outcome = models.JSONField(help_text="Counts a team and a rule, before and after.")

    class Meta:
        app_label = "issues"
        ordering = ["-made_at", "-id"]


class SimulatedMove(models.Model):
    """A request that would have gone to another team. Written by the hundred thousand: no key but its own."""

    pk = models.CompositePrimaryKey("simulation_id", "issue_id")
    simulation = models.ForeignKey(Simulation, models.CASCADE, related_name="moves", db_index=False)
    issue_id = models.BigIntegerField()
    team_before_id = models.BigIntegerField()
    team_after_id = models.BigIntegerField()

    class Meta:
        app_label = "issues"
        constraints = [
            models.CheckConstraint(
                condition=~Q(team_before_id=models.F("team_after_id")), name="simulated_move_moves"
            )
        ]
