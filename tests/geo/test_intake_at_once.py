"""Every operation runs at the same time as itself."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection
from PIL import Image, ImageColor

from geo_central.kernel.errors import DomainError
from issues.citizens.models import Citizen
from issues.intake.operations import follow, report
from issues.intake.photos import store_photo
from issues.lifecycle.models import Event, Issue, Photo
from tests.factories.reports import NOON, draft, photo_bytes

pytestmark = pytest.mark.usefixtures("own_database")
THREADS = 8


def at_once(work, count=THREADS):
    """What `count` threads get that do the same in the same moment: a result or a DomainError."""
    start = Barrier(count)

    def one(n):
        try:
            connection.ensure_connection()
            start.wait(10)
            return work(n)
        except DomainError as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(one, range(count)))


@pytest.mark.parametrize("attempt", range(3))
def test_one_client_id_from_eight_threads_is_one_issue_and_one_receipt(attempt):
    sent = draft()
    receipts = at_once(lambda n: report(draft=sent, now=NOON))
    assert sum(r.created for r in receipts) == 1
    for name in ("protocol", "token", "due_at", "team_name", "reasons"):
        assert all(getattr(r, name) == getattr(receipts[0], name) for r in receipts)
    issue = Issue.objects.get(client_id=sent.client_id)
    assert Event.objects.filter(issue=issue).count() == 2


def test_eight_reports_at_once_get_eight_protocols():
    receipts = at_once(lambda n: report(draft=draft(), now=NOON))
    assert len({r.protocol for r in receipts}) == THREADS


def test_one_new_citizen_from_eight_threads_is_one_citizen():
    before = Citizen.objects.count()
    contact = {"name": "Ana", "phone": "51988887777", "email": "ana@example.com"}
    receipts = at_once(lambda n: report(draft=draft(contact=contact), now=NOON))
    owners = set(
        Issue.objects.filter(protocol__in=[r.protocol for r in receipts]).values_list("citizen", flat=True)
    )
    assert len(owners) == 1
    assert Citizen.objects.count() == before + 1


def test_one_photo_is_claimed_by_one_of_eight_reports(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    photo = uuid.uuid4()
    store_photo(photo_id=photo, content=photo_bytes(), now=NOON)
    got = at_once(lambda n: report(draft=draft(photos=[str(photo)]), now=NOON))
    refused = [g for g in got if isinstance(g, DomainError)]
    assert {r.code for r in refused} == {"photo.unknown"}
    assert len(refused) == THREADS - 1


def test_one_upload_from_eight_threads_is_one_photo(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    photo, content = uuid.uuid4(), photo_bytes()
    stored = at_once(lambda n: store_photo(photo_id=photo, content=content, now=NOON))
    assert sum(s.created for s in stored) == 1
    assert Photo.objects.filter(pk=photo).count() == 1


def test_of_eight_photos_under_one_id_one_is_kept_whole(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    photo, colours = uuid.uuid4(), ["red", "blue", "green", "white", "black", "pink", "gray", "navy"]
    got = at_once(lambda n: store_photo(photo_id=photo, content=photo_bytes(colours[n]), now=NOON))
    kept = [n for n, g in enumerate(got) if not isinstance(g, DomainError)]
    assert len(kept) == 1
    assert {g.code for g in got if isinstance(g, DomainError)} == {"photo.id_taken"}
    assert len(list(tmp_path.rglob("*.*"))) == 2
    with Image.open(tmp_path / Photo.objects.get(pk=photo).file) as image:
        shown = image.convert("RGB").getpixel((5, 5))
    assert max(abs(a - b) for a, b in zip(shown, ImageColor.getrgb(colours[kept[0]]), strict=True)) < 12


@pytest.mark.parametrize("attempt", range(3))
def test_one_follower_from_eight_threads_follows_once(attempt):
    protocol, me = report(draft=draft(), now=NOON).protocol, uuid.uuid4()
    followed = at_once(lambda n: follow(protocol=protocol, client_id=me, now=NOON))
    assert len({f.token for f in followed}) == 1
    assert followed[0].token
    assert Issue.objects.get(protocol=protocol).followers == 1


def test_eight_followers_at_once_are_all_counted():
    protocol = report(draft=draft(), now=NOON).protocol
    followed = at_once(lambda n: follow(protocol=protocol, client_id=uuid.uuid4(), now=NOON))
    assert len({f.token for f in followed}) == THREADS
    assert Issue.objects.get(protocol=protocol).followers == THREADS
