"""The shapes of /api/v1/crew for its OpenAPI document."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers as s

from issues.interfaces.acts import ActedDocument, StaffActBody
from issues.interfaces.citizen import documents as doc

AREA = [
    *doc.POINT,
    OpenApiParameter("radius", OpenApiTypes.INT, description="Metres, up to 50,000; 3,000 if left out."),
    OpenApiParameter("team", str, description="Slug of one of my teams; all of them if left out."),
]


class TeamDocument(s.Serializer[Any]):
    slug = s.CharField()
    name = s.CharField()


class FieldActDocument(s.Serializer[Any]):
    action = s.CharField()
    words = s.CharField()
    sources = s.ListField(child=s.CharField(), help_text="States in which it may be done.")
    target = s.CharField(allow_null=True, help_text="The state that it leads to; null: the same.")
    by = s.ListField(child=s.CharField(), help_text="Roles that may do it.")
    needs = s.ListField(child=s.CharField())
    reasons = s.ListField(child=s.ListField(child=s.CharField()), help_text="[code, words] to choose from.")


class PersonDocument(s.Serializer[Any]):
    id = s.IntegerField()
    username = s.CharField()
    name = s.CharField()


class MeDocument(s.Serializer[Any]):
    user = PersonDocument()
    csrf = s.CharField(help_text="For the header X-CSRFToken.")
    now = s.DateTimeField()
    teams = TeamDocument(many=True)
    acts = FieldActDocument(many=True)
    states = s.DictField(child=s.CharField(), help_text="State → words.")


class AreaFeature(s.Serializer[Any]):
    type = s.CharField()
    id = s.CharField(help_text="Protocol.")
    geometry = s.DictField()
    properties = s.DictField(help_text="As in crew_issues.")
    work = s.DictField(help_text="Words, photos, open steps, my roles.")


class AreaCollection(s.Serializer[Any]):
    type = s.CharField()
    is_whole = s.BooleanField(help_text="There are no more within the radius.")
    features = AreaFeature(many=True)


class SyncActBody(StaffActBody):
    """An act of the table, or `move` with `lat` and `lng`."""

    action = s.CharField()  # type: ignore[assignment]
    protocol = s.CharField()
    at = s.IntegerField(help_text="When it was done: milliseconds by the device's clock.")
    heard = s.IntegerField(
        required=False, allow_null=True, help_text="The device's clock at its last contact before the act."
    )
    heard_at = s.DateTimeField(
        required=False, allow_null=True, help_text="What our clock said at that contact (`now` of an answer)."
    )
    lat = s.FloatField(required=False, allow_null=True)
    lng = s.FloatField(required=False, allow_null=True)


class SyncBody(s.Serializer[Any]):
    sent_at = s.IntegerField(help_text="Milliseconds by the device's clock, now.")
    acts = SyncActBody(many=True, help_text="At most 50, in the order in which they were done.")


class StandingDocument(s.Serializer[Any]):
    state = s.CharField()
    state_words = s.CharField()
    is_open = s.BooleanField()
    at = s.DateTimeField(allow_null=True, help_text="Since when.")
    by = s.CharField(help_text="Who brought it there; empty for no member of staff.")


class SyncResult(s.Serializer[Any]):
    client_id = s.CharField()
    protocol = s.CharField()
    status = s.ChoiceField(
        choices=["done", "conflict", "refused", "held", "later"],
        help_text="held: behind an earlier act on the same request; later: send it again.",
    )
    acted = ActedDocument(required=False)
    problem = doc.Problem(required=False)
    standing = StandingDocument(required=False, help_text="With a conflict: how the request stands.")


class SyncDocument(s.Serializer[Any]):
    now = s.DateTimeField()
    results = SyncResult(many=True)
