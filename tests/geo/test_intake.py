"""The one door: what is filed, what is refused, and what it costs."""

import uuid
from datetime import datetime, timedelta

import pytest
from django.db import InternalError, connection, transaction
from django.db.utils import IntegrityError

from geo_central.kernel.errors import Conflict, DomainError, NotFound
from geo_central.kernel.geo import LngLat
from issues.catalogue.models import Service
from issues.citizens.models import Citizen, ContactPoint, PersonalDataAccess
from issues.citizens.queries import contact_of
from issues.intake.operations import follow, report
from issues.intake.photos import purge_orphans, store_photo
from issues.intake.queries import similar
from issues.lifecycle.models import Delivery, Event, Issue, Photo
from issues.lifecycle.protocol import format_protocol
from issues.lifecycle.queries import PublicIssue, public_issue, tracked_issue
from tests.factories.reports import (
    CENTRE,
    NOON,
    OUTSIDE,
    POTHOLE,
    draft,
    issue,
    photo_bytes,
    service_with,
)  # fmt: skip

pytestmark = pytest.mark.django_db
CONTACT = {"name": "Ana Maria", "phone": "51 99999-8888", "email": "ana@example.com"}
REFUSED = (IntegrityError, InternalError)


@pytest.fixture(autouse=True)
def _own_media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def file(**changes):
    return report(draft=draft(**changes), now=NOON)


def uploaded(colour="red"):
    photo_id = uuid.uuid4()
    store_photo(photo_id=photo_id, content=photo_bytes(colour), now=NOON)
    return str(photo_id)


def metres(one: LngLat, other: LngLat) -> float:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT ST_Distance(ST_Transform(%s::geometry, 31982), ST_Transform(%s::geometry, 31982))",
            [one.ewkt, other.ewkt],
        )
        return cursor.fetchone()[0]


# ---- what is filed


def test_a_pothole_downtown_is_for_the_crew_of_the_centre_within_ten_working_days():
    receipt = file(description="Buraco fundo")
    assert receipt.created
    assert receipt.team_name == "SMSURB Conservação Centro"
    assert receipt.department_name == "SMSURB"
    assert receipt.due_at == datetime.fromisoformat("2026-12-07T18:00-03:00")
    assert [r.code for r in receipt.reasons] == ["department_rule", "team_of_area"]
    assert receipt.protocol.startswith("2026-")
    assert len(receipt.token) >= 22


def test_what_is_filed_is_one_row_with_two_events_and_word_to_the_team():
    receipt = file(description="Buraco fundo", answers={"tamanho": "do-tamanho-de-um-pneu"})
    row = Issue.objects.get(protocol=receipt.protocol)
    assert (row.state, row.is_open, row.channel) == ("assigned", True, "web")
    assert row.areas["bairros"] == row.neighbourhood
    assert row.district == "regiao-16"
    assert row.answers == {"tamanho": "do-tamanho-de-um-pneu"}
    assert row.address
    assert row.citizen_id is None
    assert [e.code for e in row.events.all()] == ["opened", "assigned"]
    assert [d.kind for d in Delivery.objects.filter(issue=row)] == ["team_notice"]


def test_a_place_with_a_house_number_is_kept_as_its_address():
    row = Issue.objects.get(protocol=file().protocol)
    assert row.address.rpartition(", ")[2].isdigit()


def test_with_a_contact_the_citizen_is_told_and_found_again():
    one, other = file(contact=CONTACT), file(contact={"phone": "+5551999998888", "name": "Outra"})
    first, second = (Issue.objects.get(protocol=r.protocol) for r in (one, other))
    assert first.citizen_id == second.citizen_id
    assert Citizen.objects.count() == 1
    assert {d.kind for d in Delivery.objects.filter(issue=first)} == {"citizen_notice", "team_notice"}


def test_a_contact_is_kept_sealed_and_every_look_is_written_down():
    row = Issue.objects.get(protocol=file(contact=CONTACT).protocol)
    kept = b"".join(bytes(p.value_sealed) + bytes(p.value_digest) for p in ContactPoint.objects.all())
    kept += bytes(row.citizen.name_sealed)
    assert not any(secret in kept for secret in (b"Ana", b"99999", b"example"))
    told = contact_of(row.citizen_id, reader_id=None, purpose="test", now=NOON)
    assert (told.name, told.phone, told.email) == ("Ana Maria", "+5551999998888", "ana@example.com")
    assert PersonalDataAccess.objects.get().purpose == "test"


def test_nobody_renames_another_by_knowing_their_phone():
    row = Issue.objects.get(protocol=file(contact=CONTACT).protocol)
    file(contact={**CONTACT, "name": "Bruno"})
    assert contact_of(row.citizen_id, reader_id=None, purpose="test", now=NOON).name == "Ana Maria"


def test_a_service_without_a_place_is_filed_without_one():
    receipt = file(
        service="iptu-segunda-via" if _known("iptu-segunda-via") else _placeless(), lat=..., lng=...
    )
    assert Issue.objects.get(protocol=receipt.protocol).geom is None


def _known(code):
    from issues.catalogue.models import Service

    return Service.objects.filter(code=code, geolocated=False, questions=None).exists()


def _placeless():
    from issues.catalogue.models import Service

    return (
        Service.objects.filter(geolocated=False, questions=None, is_active=True).order_by("code").first().code
    )


def test_the_year_of_the_protocol_is_that_of_the_city():
    new_year_in_utc = datetime.fromisoformat("2027-01-01T01:00+00:00")
    assert report(draft=draft(), now=new_year_in_utc).protocol.startswith("2026-")
    assert report(draft=draft(), now=new_year_in_utc + timedelta(hours=2)).protocol.startswith(
        "2027-0000001-"
    )


# ---- the same report again


def test_the_same_client_id_gives_the_same_receipt_and_one_issue():
    sent = draft(contact=CONTACT)
    one, again = report(draft=sent, now=NOON), report(draft=sent, now=NOON + timedelta(hours=5))
    assert again.created is False
    for name in (
        "protocol",
        "token",
        "service",
        "team_name",
        "department_name",
        "due_at",
        "reasons",
        "address",
    ):
        assert getattr(again, name) == getattr(one, name)
    assert Issue.objects.filter(client_id=sent.client_id).count() == 1


def test_a_refused_report_leaves_nothing():
    before = Citizen.objects.count()
    with pytest.raises(DomainError):
        file(contact=CONTACT, photos=[str(uuid.uuid4())])
    assert not Issue.objects.exists()
    assert not Event.objects.exists()
    assert Citizen.objects.count() == before


# ---- what is refused


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"service": "voar"}, "service.unknown", "service"),
        ({"service": ""}, "service.unknown", "service"),
        ({"lat": ..., "lng": ...}, "place.missing", "lat"),
        ({"lat": OUTSIDE.lat}, "place.outside_city", "lat"),
        ({"lat": 0, "lng": 0}, "place.outside_city", "lat"),
        ({"lat": 90, "lng": 180}, "place.outside_city", "lat"),
        ({"lat": CENTRE.lng, "lng": CENTRE.lat}, "place.swapped", "lat"),
        ({"answers": {"cor": "azul"}}, "answer.unknown", "answers.cor"),
        ({"answers": {"tamanho": "imenso"}}, "answer.bad_value", "answers.tamanho"),
        ({"photos": ["6f1c1c5e-6e0b-4a55-9f6e-0d8f3f0f8a01"]}, "photo.unknown", "photos"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(changes, code, field):
    with pytest.raises(DomainError) as refused:
        file(**changes)
    assert (refused.value.code, refused.value.field) == (code, field)


def test_an_answer_that_is_needed_is_asked_for_by_its_question():
    with pytest.raises(DomainError) as refused:
        file(service="fiacao-solta")
    assert (refused.value.code, refused.value.field) == ("answer.required", "answers.situacao")


def test_a_retired_service_is_refused():
    Service.objects.filter(code=POTHOLE).update(is_active=False)
    with pytest.raises(DomainError, match=r"service\.retired"):
        file()


# ---- photos


def test_a_photo_is_claimed_once():
    photo = uploaded()
    first = file(photos=[photo])
    assert Photo.objects.get(pk=photo).issue.protocol == first.protocol
    with pytest.raises(DomainError) as refused:
        file(photos=[photo])
    assert refused.value.data["id"] == photo


def test_the_same_photo_sent_again_is_the_same_and_another_under_its_id_is_refused():
    photo_id = uuid.uuid4()
    one = store_photo(photo_id=photo_id, content=photo_bytes(), now=NOON)
    again = store_photo(photo_id=photo_id, content=photo_bytes(), now=NOON)
    assert (one.created, again.created) == (True, False)
    assert (again.width, again.size) == (one.width, one.size)
    with pytest.raises(Conflict, match=r"photo\.id_taken"):
        store_photo(photo_id=photo_id, content=photo_bytes("blue"), now=NOON)


@pytest.mark.parametrize(
    ("content", "code"), [(b"", "photo.empty"), (b"x" * (15 * 2**20 + 1), "photo.too_large")]
)
def test_an_empty_and_a_huge_photo_are_refused(content, code):
    with pytest.raises(DomainError) as refused:
        store_photo(photo_id=uuid.uuid4(), content=content, now=NOON)
    assert refused.value.code == code


def test_photos_that_nobody_claimed_are_deleted_and_claimed_ones_stay(tmp_path):
    kept, lost = uploaded(), uploaded("blue")
    file(photos=[kept])
    assert purge_orphans(older_than=NOON) == 0
    assert purge_orphans(older_than=NOON + timedelta(seconds=1)) == 1
    assert Photo.objects.filter(pk=kept).exists()
    names = [p.name for p in tmp_path.rglob("*.*")]
    assert len(names) == 2
    assert all(name.startswith(kept) for name in names)
    assert not Photo.objects.filter(pk=lost).exists()


# ---- duplicates and followers


def test_an_open_request_of_the_service_nearby_is_offered():
    first = file()
    near = LngLat(CENTRE.lng + 0.0001, CENTRE.lat)  # some ten metres
    found = similar(service_code=POTHOLE, point=near)
    assert [s.protocol for s in found] == [first.protocol]
    assert 8 < found[0].distance_m < 12
    assert file(lng=near.lng).duplicates_of == first.protocol


def test_closed_far_and_other_requests_are_not_offered():
    file(lng=CENTRE.lng + 0.001)
    file(service=service_with(precision="exact", theme="limpeza-urbana").code)
    closed = file()
    Issue.objects.filter(protocol=closed.protocol).update(state="resolved")
    assert similar(service_code=POTHOLE, point=CENTRE) == []


def test_similar_requests_come_nearest_first():
    team = Issue.objects.get(protocol=file(lng=CENTRE.lng + 0.01).protocol).team
    for metres_east in (20, 5, 12):
        issue(team, LngLat(CENTRE.lng + metres_east / 96_300, CENTRE.lat))
    assert [round(s.distance_m) for s in similar(service_code=POTHOLE, point=CENTRE)] == [5, 12, 20]


def test_it_is_this_one_follows_it_once_a_client():
    protocol, me = file().protocol, uuid.uuid4()
    one = follow(protocol=protocol, client_id=me, now=NOON)
    again = follow(protocol=protocol, client_id=me, now=NOON)
    follow(protocol=protocol, client_id=uuid.uuid4(), now=NOON)
    row = Issue.objects.get(protocol=protocol)
    assert one == again
    assert one.token != row.token
    assert row.followers == 2
    assert [e.code for e in row.events.all()] == ["opened", "assigned", "followed", "followed"]


def test_what_cannot_be_followed_is_said():
    protocol = file().protocol
    Issue.objects.filter(protocol=protocol).update(state="resolved")
    with pytest.raises(Conflict, match=r"issue\.closed"):
        follow(protocol=protocol, client_id=uuid.uuid4(), now=NOON)
    with pytest.raises(NotFound, match=r"issue\.unknown"):
        follow(protocol=format_protocol(2026, 9_999_999), client_id=uuid.uuid4(), now=NOON)


def test_one_client_id_follows_one_request():
    me = uuid.uuid4()
    follow(protocol=file().protocol, client_id=me, now=NOON)
    with pytest.raises(Conflict, match=r"follow\.id_taken"):
        follow(protocol=file().protocol, client_id=me, now=NOON)


# ---- what the public sees


@pytest.mark.parametrize("offset", range(12))
def test_a_grid_shows_where_within_71_metres_and_never_exactly(offset):
    point = LngLat(CENTRE.lng + offset * 0.00037, CENTRE.lat - offset * 0.00023)
    receipt = file(service=service_with(precision="grid_100m").code, lat=point.lat, lng=point.lng)
    shown = public_issue(receipt.protocol)
    assert 0.5 < metres(shown.point, point) <= 70.8
    assert shown.address == ""
    assert tracked_issue(receipt.token).point == point


def test_two_points_of_one_square_are_shown_at_one_place():
    code = service_with(precision="grid_100m").code
    points = {
        public_issue(file(service=code, lat=CENTRE.lat + d, lng=CENTRE.lng).protocol).point
        for d in (0, 0.00001, 0.00002)
    }
    assert len(points) == 1


def test_exact_is_exact_and_area_is_only_the_bairro():
    exact = public_issue(file(service=service_with(precision="exact").code).protocol)
    assert exact.point == CENTRE
    assert exact.address
    area = public_issue(file(service=service_with(precision="area").code).protocol)
    assert area.point is None
    assert area.address == ""
    assert area.neighbourhood


def test_a_text_is_public_once_moderated_and_only_where_it_may_be():
    for moderation in ("pre", "never"):
        receipt = file(service=service_with(moderation=moderation).code, description="Meu vizinho João")
        assert public_issue(receipt.protocol).description == ""
        Issue.objects.filter(protocol=receipt.protocol).update(is_moderated=True)
        assert bool(public_issue(receipt.protocol).description) is (moderation == "pre")


def test_a_follower_sees_the_public_part_only():
    receipt = file(service=service_with(precision="area").code, description="Meu vizinho João")
    followed = follow(protocol=receipt.protocol, client_id=uuid.uuid4(), now=NOON)
    seen = tracked_issue(followed.token)
    assert isinstance(seen.public, PublicIssue)
    assert (seen.point, seen.description, seen.is_reporter) == (None, "", False)
    assert tracked_issue(receipt.token).description == "Meu vizinho João"


def test_an_empty_token_opens_nothing():
    file()
    with pytest.raises(NotFound):
        tracked_issue("")


# ---- what has happened stays


def test_events_are_never_changed_nor_deleted():
    file()
    for change in (
        lambda: Event.objects.update(code="edited"),
        lambda: Event.objects.all().delete(),
    ):
        with pytest.raises(REFUSED, match="append-only"), transaction.atomic():
            change()
