"""What jobs have worked out for the maps: results, never the city's or the citizens' own rows."""

from django.conf import settings
from django.contrib.gis.db import models
from django.contrib.postgres.fields import ArrayField
from django.db.models import Q


class HotspotRun(models.Model):
    """One edition of the hotspots of one subject, with everything needed to work it out again."""

    class Audience(models.TextChoices):
        PUBLIC = "public", "anybody: under the public rules of each service"
        STAFF = "staff", "staff: every request with a place"

    class State(models.TextChoices):
        RUNNING = "running", "running"
        DONE = "done", "done"
        FAILED = "failed", "failed"

    audience = models.CharField(max_length=8, choices=Audience.choices)
    theme = models.CharField(max_length=50, blank=True, help_text="Slug; empty: every theme.")
    services = ArrayField(models.CharField(max_length=64), default=list, help_text="Codes; empty: all.")
    first = models.DateField(help_text="First day of opening.")
    last = models.DateField(help_text="Last day of opening, included.")
    parameters = models.JSONField(help_text="Grid, cell, neighbours, correction, exposure, bandwidth…")
    state = models.CharField(max_length=8, choices=State.choices, default=State.RUNNING)
    is_current = models.BooleanField(default=False, help_text="The edition that maps show.")
    progress = models.PositiveSmallIntegerField(default=0, help_text="Hundredths.")
    n = models.PositiveIntegerField(default=0, help_text="Requests compared.")
    facts = models.JSONField(default=dict, help_text="What was found, in numbers.")
    failure = models.TextField(blank=True)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-started_at", "-id"]
        indexes = [models.Index(fields=["audience", "theme", "-started_at", "-id"], name="hotspot_editions")]
        constraints = [
            models.UniqueConstraint(
                fields=["audience", "theme", "services"],
                condition=Q(is_current=True),
                name="hotspot_one_current",
            ),
            models.CheckConstraint(condition=Q(first__lte=models.F("last")), name="hotspot_period"),
            models.CheckConstraint(
                condition=Q(is_current=False) | Q(state="done"), name="hotspot_current_is_done"
            ),
        ]


class HotspotCell(models.Model):
    """One cell of the grid of a run. What the public may not see is not in a public run."""

    run = models.ForeignKey(HotspotRun, models.CASCADE, related_name="cells", db_index=False)
    code = models.CharField(max_length=40, help_text="Same place, same code, in every run with that grid.")
    geom = models.PolygonField(srid=4326, spatial_index=False)
    area = models.CharField(max_length=120, blank=True, help_text="Name of the neighbourhood it is in.")
    n = models.PositiveIntegerField(help_text="Requests in it.")
    rate = models.FloatField(null=True, help_text="Per unit of exposure, steadied; null without exposure.")
    z = models.FloatField(help_text="Gi*.")
    p = models.FloatField(help_text="Two-sided, before the correction.")
    heat = models.SmallIntegerField(help_text="1 hot, -1 cold, 0 neither, after the correction.")
    pattern = models.CharField(max_length=20, blank=True, help_text="Its history: hot_new, cold_persistent…")
    trend = models.FloatField(help_text="Mann-Kendall's z of its history; 0 without one.")

    class Meta:
        ordering = ["-z", "code"]
        constraints = [
            models.UniqueConstraint(fields=["run", "code"], name="hotspot_cell_once"),
            models.CheckConstraint(condition=Q(heat__gte=-1, heat__lte=1), name="hotspot_cell_heat"),
        ]
        indexes = [models.Index(fields=["run", "-z"], name="hotspot_cell_z")]


class HotspotShape(models.Model):
    """A contour of the density or the outline of a cluster."""

    class Kind(models.TextChoices):
        CONTOUR = "contour", "contour"
        CLUSTER = "cluster", "cluster"

    run = models.ForeignKey(HotspotRun, models.CASCADE, related_name="shapes", db_index=False)
    kind = models.CharField(max_length=8, choices=Kind.choices)
    rank = models.PositiveIntegerField(help_text="From 1: the densest contour, the largest cluster.")
    geom = models.GeometryField(srid=4326, spatial_index=False)
    area = models.CharField(max_length=120, blank=True, help_text="Name of the neighbourhood of its middle.")
    n = models.PositiveIntegerField(null=True, help_text="Requests in a cluster.")
    per_km2 = models.FloatField(help_text="At a contour; of a cluster on average.")
    share = models.FloatField(null=True, help_text="Of the requests, inside a contour.")

    class Meta:
        ordering = ["kind", "rank"]
        constraints = [models.UniqueConstraint(fields=["run", "kind", "rank"], name="hotspot_shape_once")]


class HotspotRaster(models.Model):
    """The density of a run as a picture for maps and as GeoTIFF in the city's metric CRS."""

    run = models.OneToOneField(HotspotRun, models.CASCADE, related_name="raster")
    corners = models.JSONField(help_text="[[lng, lat], …] from the upper left, clockwise.")
    peak = models.FloatField(help_text="Requests per km² where the picture is fullest.")
    picture = models.BinaryField(help_text="PNG, transparent where there is next to nothing.")
    tiff = models.BinaryField(help_text="GeoTIFF of 32-bit floats, requests per km².")

    class Meta:
        ordering = ["run"]


class SavedView(models.Model):
    """A board that a planner keeps under a name, and everybody who plans may open by its link."""

    token = models.CharField(max_length=24, unique=True, help_text="In the link, which never changes.")
    name = models.CharField(max_length=80)
    query = models.TextField(help_text="The board's canonical query.")
    place = models.CharField(max_length=40, blank=True, help_text="zoom/lat/lng of the map; empty: the city.")
    days = models.PositiveIntegerField(
        null=True, help_text="So many days up to the day of opening; null: as in the query."
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", db_index=False
    )
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [models.Index(fields=["owner", "-created_at", "-id"], name="saved_view_owner")]
        constraints = [models.CheckConstraint(condition=~Q(name=""), name="saved_view_named")]


class GlanceKept(models.Model):
    """The city at a glance of one period and its filters, as it was counted."""

    asked = models.CharField(max_length=200, unique=True, help_text="The period and its filters.")
    counted_at = models.DateTimeField()
    content = models.BinaryField(help_text="maps.opendata.glance.Glance as JSON.")
