"""The city's geography, versioned. All geometry is stored in EPSG:4326."""

from django.contrib.gis.db import models
from django.contrib.postgres.fields import ArrayField
from django.db.models import Q


class Layer(models.Model):
    """A named map of one kind of thing: bairros, regions, the municipality, bus stops."""

    class Kind(models.TextChoices):
        AREA = "area", "area"
        ASSET = "asset", "asset"
        STREET = "street", "street"
        ADDRESS = "address", "address"

    slug = models.SlugField(unique=True, help_text="Stable name used by rules, filters and files.")
    name = models.CharField(max_length=120, help_text="Shown to people.")
    kind = models.CharField(max_length=8, choices=Kind.choices, default=Kind.AREA)
    near_m = models.PositiveIntegerField(
        default=60, help_text="Asset layers: how far, in metres, an asset still counts as near."
    )
    position = models.PositiveSmallIntegerField(default=100, help_text="Order in lists.")

    class Meta:
        ordering = ["position", "slug"]

    def __str__(self) -> str:
        return self.slug


class LayerVersion(models.Model):
    """One edition of a layer. Exactly one is active; everyone reads that one."""

    class State(models.TextChoices):
        DRAFT = "draft", "draft"
        ACTIVE = "active", "active"
        RETIRED = "retired", "retired"

    layer = models.ForeignKey(Layer, models.PROTECT, related_name="versions")
    state = models.CharField(max_length=8, choices=State.choices, default=State.DRAFT)
    source = models.CharField(max_length=300, help_text="File or package it was read from.")
    note = models.TextField(blank=True)
    feature_count = models.PositiveIntegerField(default=0)
    staged_at = models.DateTimeField()
    published_at = models.DateTimeField(null=True)
    retired_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-staged_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["layer"], condition=Q(state="active"), name="one_active_version_per_layer"
            )
        ]

    def __str__(self) -> str:
        return f"{self.layer.slug}@{self.pk}"


class Feature(models.Model):
    """A thing with a name and a place, in one version of an area or asset layer."""

    version = models.ForeignKey(LayerVersion, models.CASCADE, related_name="features")
    code = models.CharField(max_length=80, help_text="Stable across versions; unique in one.")
    name = models.CharField(max_length=200)
    geom = models.GeometryField(srid=4326, spatial_index=True)
    area_m2 = models.FloatField(default=0, help_text="In the city's metric CRS; 0 for points.")
    rank = models.PositiveIntegerField(
        default=0, help_text="On a shared border the lowest (rank, code) owns the point."
    )
    properties = models.JSONField(default=dict, help_text="The other columns of the source.")

    class Meta:
        ordering = ["rank", "code"]
        constraints = [models.UniqueConstraint(fields=["version", "code"], name="feature_code_in_version")]

    def __str__(self) -> str:
        return self.name


class FeaturePart(models.Model):
    """A piece of an area of at most 64 vertices (ST_Subdivide): what point queries read."""

    feature = models.ForeignKey(Feature, models.CASCADE, related_name="parts")
    version = models.ForeignKey(LayerVersion, models.CASCADE, related_name="+")
    geom = models.PolygonField(srid=4326, spatial_index=True)


class Street(models.Model):
    """One piece of a street's centreline with the house numbers on each side."""

    version = models.ForeignKey(LayerVersion, models.CASCADE, related_name="streets")
    name = models.CharField(max_length=160, help_text="As shown: Avenida Ipiranga.")
    search_name = models.CharField(max_length=160, help_text="Lower case, no accents, expanded.")
    category = models.CharField(max_length=40, blank=True, help_text="Avenida, Rua, Beco…")
    odd_from = models.PositiveIntegerField(null=True)
    odd_to = models.PositiveIntegerField(null=True)
    even_from = models.PositiveIntegerField(null=True)
    even_to = models.PositiveIntegerField(null=True)
    postcode = models.CharField(max_length=9, blank=True, help_text="CEP, eight digits.")
    postcodes = ArrayField(models.CharField(max_length=9), default=list)
    geom = models.LineStringField(srid=4326, spatial_index=True)

    def __str__(self) -> str:
        return self.name


class StreetName(models.Model):
    """A street as a whole, whatever it is made of: what a typed name is compared with."""

    version = models.ForeignKey(LayerVersion, models.CASCADE, related_name="+")
    name = models.CharField(max_length=160, help_text="As shown: Avenida Ipiranga.")
    search_name = models.CharField(max_length=160, help_text="As `Street.search_name`.")
    category = models.CharField(max_length=40, blank=True, help_text="Avenida, Rua, Beco…")
    pieces = models.PositiveIntegerField(help_text="Pieces of the street, or house numbers, of this name.")
    middle = models.PointField(srid=4326, spatial_index=False, help_text="Of the frame around all of them.")

    def __str__(self) -> str:
        return self.name


class AddressPoint(models.Model):
    """A house number with its own point."""

    version = models.ForeignKey(LayerVersion, models.CASCADE, related_name="addresses")
    street_name = models.CharField(max_length=160)
    search_name = models.CharField(max_length=160)
    number = models.PositiveIntegerField()
    postcode = models.CharField(max_length=9, blank=True)
    geom = models.PointField(srid=4326, spatial_index=True)
