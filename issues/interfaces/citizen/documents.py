"""The shapes of /api/v1 for its OpenAPI document. Reading is done elsewhere: intake.drafts."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers as s
from rest_framework_gis.serializers import GeoFeatureModelSerializer

from issues.lifecycle.models import Issue

BINARY = OpenApiTypes.BINARY


class Problem(s.Serializer[Any]):
    """RFC 9457, with a stable `code` and the `field` at fault."""

    type = s.CharField()
    title = s.CharField()
    status = s.IntegerField()
    code = s.CharField()
    field = s.CharField(required=False)
    data = s.DictField(required=False)  # type: ignore[assignment]


def problems(*statuses: int) -> dict[Any, Any]:
    """The same problem document for some statuses."""
    return {(status, "application/problem+json"): Problem for status in statuses}


class ContactBody(s.Serializer[Any]):
    name = s.CharField(required=False, allow_null=True, max_length=120)
    phone = s.CharField(required=False, allow_null=True, help_text="E.164, or as dialled in the city.")
    email = s.EmailField(required=False, allow_null=True)


class IssueBody(s.Serializer[Any]):
    client_id = s.UUIDField(help_text="Made by the sender; the same id twice is the same request.")
    service = s.CharField(max_length=64)
    lat = s.FloatField(required=False, allow_null=True, min_value=-90, max_value=90)
    lng = s.FloatField(required=False, allow_null=True, min_value=-180, max_value=180)
    description = s.CharField(required=False, allow_null=True, max_length=4000)
    answers = s.DictField(required=False, allow_null=True, help_text="Question code → answer.")
    photos = s.ListField(child=s.UUIDField(), required=False, allow_null=True, max_length=5)
    contact = ContactBody(required=False, allow_null=True)
    channel = s.CharField(required=False, allow_null=True)


class ReceiptBody(s.Serializer[Any]):
    protocol = s.CharField(help_text="2026-0012345-6")
    token = s.CharField(help_text="Secret: follows the request.")
    url = s.CharField()
    service = s.CharField()
    service_name = s.CharField()
    team = s.CharField()
    department = s.CharField()
    due_at = s.DateTimeField()
    address = s.CharField()
    reasons = s.ListField(child=s.CharField())
    duplicates_of = s.CharField(allow_null=True, help_text="Nearest open request like this one.")


class PhotoDocument(s.Serializer[Any]):
    id = s.UUIDField()
    width = s.IntegerField()
    height = s.IntegerField()
    size = s.IntegerField(help_text="Bytes kept.")
    place = s.DictField(allow_null=True, help_text="lat and lng found in the photo, if any.")


class EventDocument(s.Serializer[Any]):
    code = s.CharField()
    at = s.DateTimeField()
    data = s.DictField()  # type: ignore[assignment]


class PublicPhotoDocument(s.Serializer[Any]):
    id = s.UUIDField()
    kind = s.CharField()
    width = s.IntegerField()
    height = s.IntegerField()
    url = s.CharField()
    thumbnail = s.CharField()


class IssueDocument(s.Serializer[Any]):
    protocol = s.CharField()
    service = s.CharField()
    service_name = s.CharField()
    theme = s.CharField()
    theme_name = s.CharField()
    department_name = s.CharField()
    team_name = s.CharField()
    state = s.ChoiceField(choices=Issue.State.choices)
    is_open = s.BooleanField()
    opened_at = s.DateTimeField()
    due_at = s.DateTimeField()
    updated_at = s.DateTimeField()
    closed_at = s.DateTimeField(allow_null=True)
    precision = s.CharField(help_text="exact, grid_100m or area.")
    lat = s.FloatField(allow_null=True)
    lng = s.FloatField(allow_null=True)
    address = s.CharField(allow_blank=True)
    neighbourhood = s.CharField(allow_blank=True)
    description = s.CharField(allow_blank=True)
    duplicate_of = s.CharField(allow_null=True)
    followers = s.IntegerField()
    url = s.CharField()
    photos = PublicPhotoDocument(many=True)
    events = EventDocument(many=True)


class PublicFeature(GeoFeatureModelSerializer):
    """One request on the public map: a GeoJSON feature at its public place.

    PostgreSQL writes the lists (a hundred times faster); a contract test holds them to this shape.
    """

    id = s.CharField(source="protocol")
    service = s.CharField(source="service.code")
    service_name = s.CharField(source="service.name")
    theme = s.CharField(source="service.theme.slug")
    department = s.CharField(source="department.acronym")
    precision = s.CharField(source="service.precision")
    address = s.SerializerMethodField(help_text="Empty unless the precision is exact.")

    class Meta:
        model = Issue
        id_field = "id"
        geo_field = "public_geom"
        fields = (
            "id", "protocol", "service", "service_name", "theme", "department", "state", "is_open",
            "opened_at", "due_at", "updated_at", "closed_at", "neighbourhood", "address", "precision",
        )  # fmt: skip

    def get_address(self, issue: Issue) -> str:
        return issue.address if issue.service.precision == issue.service.Precision.EXACT else ""


class PublicCollection(s.Serializer[Any]):
    type = s.CharField()
    next = s.CharField(allow_null=True, help_text="Pass it as `cursor` for the next page.")
    features = s.ListField(child=PublicFeature())


class Collection(s.Serializer[Any]):
    type = s.CharField()
    next = s.CharField(allow_null=True, help_text="Pass it as `cursor` for the next page.")
    features = s.ListField(child=s.DictField())


class SimilarDocument(s.Serializer[Any]):
    protocol = s.CharField()
    service = s.CharField()
    service_name = s.CharField()
    distance_m = s.FloatField()
    opened_at = s.DateTimeField()
    due_at = s.DateTimeField()
    state = s.CharField()
    address = s.CharField(allow_blank=True)
    lng = s.FloatField()
    lat = s.FloatField()
    followers = s.IntegerField()
    url = s.CharField()


class SimilarList(s.Serializer[Any]):
    results = SimilarDocument(many=True)


class QuestionDocument(s.Serializer[Any]):
    code = s.CharField()
    datatype = s.CharField()
    required = s.BooleanField()  # type: ignore[assignment]
    text = s.CharField()
    hint = s.CharField(allow_blank=True)
    values = s.ListField(child=s.ListField(child=s.CharField()))


class ServiceSummary(s.Serializer[Any]):
    code = s.CharField()
    name = s.CharField()
    description = s.CharField()
    theme = s.CharField()
    theme_name = s.CharField()
    geolocated = s.BooleanField()
    score = s.FloatField(required=False, help_text="With `q`: 0 to 1.")
    department = s.CharField(required=False)
    department_name = s.CharField(required=False)
    target = s.IntegerField(required=False)
    target_unit = s.CharField(required=False)
    channels = s.ListField(child=s.CharField(), required=False)
    precision = s.CharField(required=False)
    duplicate_radius_m = s.IntegerField(required=False)
    keywords = s.ListField(child=s.CharField(), required=False)


class ServiceDocument(ServiceSummary):
    questions = QuestionDocument(many=True)


class ServiceList(s.Serializer[Any]):
    results = ServiceSummary(many=True)


def _query(name: str, kind: Any, text: str, *, required: bool = False, **more: Any) -> OpenApiParameter:
    return OpenApiParameter(name, kind, description=text, required=required, **more)


SERVICE = _query("service", str, "Service code.", required=True)
POINT = [
    _query("lat", float, "Latitude in degrees, EPSG:4326.", required=True),
    _query("lng", float, "Longitude in degrees, EPSG:4326.", required=True),
]
LIST = [
    _query("bbox", str, "west,south,east,north in degrees.", required=True),
    _query("service", str, "Service codes, comma separated."),
    _query("state", str, "open, closed, or states, comma separated."),
    _query("since", str, "Changed at or after this ISO 8601 date or moment."),
    _query("cursor", str, "`next` of the page before."),
    _query("limit", int, "1 to 1000."),
]
SERVICES = [
    _query("q", str, "Words of a citizen."),
    _query("theme", str, "Only this theme."),
    _query("limit", int, "1 to 50, with `q`."),
]
NEAR = [
    *POINT,
    _query("radius", int, "Metres, up to 50,000."),
    _query("limit", int, "1 to 200."),
    _query("order", str, "distance or due.", enum=["distance", "due"]),
    _query("cursor", str, "`next` of the page before."),
]
