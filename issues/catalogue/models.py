"""The Carta de Serviços: what can be asked for, by when, and what is public of it."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.search import SearchVectorField
from django.db import models

from issues.teams.models import Department

PROOF_DISTANCE_M = 100
"""How far from the place a closing may be proved where the service says nothing else."""


class Theme(models.Model):
    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=120)
    icon = models.CharField(max_length=24, default="other")
    position = models.PositiveSmallIntegerField(default=100)

    class Meta:
        app_label = "issues"
        ordering = ["position", "name"]

    def __str__(self) -> str:
        return self.name


class Process(models.Model):
    """How work of some kind is done; what it says now is its current version."""

    code = models.SlugField(unique=True, max_length=64)
    name = models.CharField(max_length=120)
    summary = models.TextField(blank=True)
    current = models.ForeignKey(
        "ProcessVersion", models.PROTECT, null=True, related_name="+", help_text="For requests opened now."
    )
    is_active = models.BooleanField(default=True)

    class Meta:
        app_label = "issues"
        ordering = ["name", "code"]

    def __str__(self) -> str:
        return self.name


class ProcessVersion(models.Model):
    """What a process said from some day on. Never changed: requests run on it. The database refuses."""

    process = models.ForeignKey(Process, models.PROTECT, related_name="versions", db_index=False)
    number = models.PositiveIntegerField()
    digest = models.CharField(max_length=64, help_text="SHA-256 of the content.")
    definition = models.JSONField(help_text="See issues.catalogue.process_files.definition.")
    published_at = models.DateTimeField()

    class Meta:
        app_label = "issues"
        ordering = ["process", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["process", "number"], name="process_version_number"),
            models.UniqueConstraint(fields=["process", "digest"], name="process_version_content"),
        ]


class Service(models.Model):
    """One thing a citizen can ask the city for (serviço)."""

    class TargetUnit(models.TextChoices):
        WORKING_DAYS = "working_days", "working days"
        CALENDAR_DAYS = "calendar_days", "calendar days"
        HOURS = "hours", "hours"

    class Precision(models.TextChoices):
        EXACT = "exact", "exact point"
        GRID_100M = "grid_100m", "100 m grid"
        AREA = "area", "area only"

    class Moderation(models.TextChoices):
        PRE = "pre", "public once moderated"
        NEVER = "never", "never public"

    class Open311Type(models.TextChoices):
        REALTIME = "realtime", "the number at once"
        BATCH = "batch", "a token at once, the number later"
        BLACKBOX = "blackbox", "no number"

    code = models.SlugField(unique=True, max_length=64)
    name = models.CharField(max_length=120, unique=True)
    description = models.TextField()
    theme = models.ForeignKey(Theme, models.PROTECT, related_name="services")
    department = models.ForeignKey(Department, models.PROTECT, related_name="services")
    geolocated = models.BooleanField(help_text="Whether a request of it has a place.")
    process = models.ForeignKey(
        Process, models.PROTECT, null=True, related_name="services", help_text="By what steps it is done."
    )
    target = models.PositiveSmallIntegerField(help_text="How long it may take, in target_unit.")
    target_unit = models.CharField(max_length=16, choices=TargetUnit.choices)
    channels = ArrayField(models.CharField(max_length=12))
    precision = models.CharField(max_length=12, choices=Precision.choices)
    moderation = models.CharField(max_length=8, choices=Moderation.choices, default=Moderation.PRE)
    duplicate_radius_m = models.PositiveSmallIntegerField(
        default=0, help_text="Open requests this close may be the same one; 0 never asks."
    )
    proof_distance_m = models.PositiveSmallIntegerField(
        default=PROOF_DISTANCE_M,
        db_default=100,
        help_text="How far from the place a closing may be proved, in metres.",
    )
    open311_type = models.CharField(
        max_length=8,
        choices=Open311Type.choices,
        default=Open311Type.REALTIME,
        db_default="realtime",
        help_text="What a program that files a request of it is told.",
    )
    keywords = ArrayField(models.CharField(max_length=80), default=list)
    search_text = models.TextField(default="", help_text="Name and key words, no accents.")
    search_vector = SearchVectorField(null=True)
    popularity = models.PositiveIntegerField(default=0, help_text="Breaks ties between suggestions.")
    is_active = models.BooleanField(default=True)

    class Meta:
        app_label = "issues"
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Question(models.Model):
    """What a service needs to know: an Open311 attribute. Information is read and not answered."""

    class Datatype(models.TextChoices):
        STRING = "string"
        NUMBER = "number"
        DATETIME = "datetime"
        TEXT = "text"
        SINGLE = "singlevaluelist"
        MULTI = "multivaluelist"
        INFORMATION = "information"

    service = models.ForeignKey(Service, models.CASCADE, related_name="questions")
    code = models.SlugField(max_length=40)
    order = models.PositiveSmallIntegerField()
    datatype = models.CharField(max_length=16, choices=Datatype.choices)
    required = models.BooleanField(default=False)
    text = models.CharField(max_length=200)
    hint = models.CharField(max_length=200, blank=True)
    values = models.JSONField(default=list, help_text='Lists: [["key", "Name"], …] in order.')

    class Meta:
        app_label = "issues"
        ordering = ["order"]
        constraints = [
            models.UniqueConstraint(fields=["service", "code"], name="question_code_in_service"),
            models.UniqueConstraint(fields=["service", "order"], name="question_order_in_service"),
        ]
