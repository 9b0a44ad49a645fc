"""What citizens write and photograph is public once somebody has looked at it, and not before."""

import uuid
from datetime import timedelta

import pytest
from django.urls import reverse

from geo_central.kernel.errors import Conflict, Forbidden, Invalid
from issues.catalogue.models import Service
from issues.intake.operations import report
from issues.lifecycle.models import Event, Issue, Photo
from issues.lifecycle.moderation.operations import moderate
from issues.lifecycle.moderation.queries import pending
from issues.lifecycle.ratings.models import Rating
from issues.teams.models import User
from tests.factories.acts import manager, photo, staff
from tests.factories.reports import NOON, draft

pytestmark = pytest.mark.django_db
WORDS = "Buraco em frente à minha casa"


@pytest.fixture
def issue():
    found = Issue.objects.get(protocol=report(draft=draft(description=WORDS), now=NOON).protocol)
    photo(found)
    return found


@pytest.fixture
def attendant(client):
    user = User.objects.create_user(username="atendente-de-teste", password="x" * 12, role="attendant")
    client.force_login(user)
    return user


def page(client, issue):
    return client.get(reverse("citizen:issue", args=[issue.protocol])).content.decode()


def rated(issue, words="Veio rápido"):
    return Rating.objects.create(
        issue=issue,
        closed_at=NOON,
        service=issue.service,
        face=5,
        words=words,
        rated_at=NOON,
        updated_at=NOON,
    )


def test_what_waits_is_everything_that_nobody_has_looked_at(issue):
    rating = rated(issue)
    (one,) = pending()
    picture = Photo.objects.get(issue=issue)
    assert one.items == ["text", f"photo:{picture.pk}", f"rating:{rating.pk}"]
    assert one.text == WORDS


def test_what_is_approved_is_public_and_what_is_not_stays_hidden(client, issue, attendant):
    assert WORDS not in page(client, issue)
    (one,) = pending()
    picture = one.items[1]
    client.post(
        reverse("manager:moderation-decide", args=[issue.pk]),
        {"item": one.items, "mostrar": ["text"], "nota": "Aparece um rosto"},
    )
    public = page(client, issue)
    assert WORDS in public
    assert picture.removeprefix("photo:") not in public
    assert pending() == ()
    event = Event.objects.get(issue=issue, code="moderated")
    assert (event.actor_id, event.is_public, event.note) == (attendant.pk, False, "Aparece um rosto")
    assert event.data == {"shown": ["text"], "hidden": [picture]}


def test_pictures_before_and_after_stand_apart(client, issue, attendant):
    after = Photo.objects.get(pk=photo(issue))
    Photo.objects.filter(pk=after.pk).update(kind="after")
    (one,) = pending()
    moderate(issue_id=issue.pk, shown=one.items, hidden=[], by=manager(), now=NOON)
    public = page(client, issue)
    assert public.index(">Antes<") < public.index("Foto do problema") < public.index(">Depois<")


def test_two_who_decide_at_once_decide_once(issue):
    moderate(issue_id=issue.pk, shown=["text"], hidden=[], by=manager(), now=NOON)
    with pytest.raises(Conflict, match=r"moderation\.decided"):
        moderate(issue_id=issue.pk, shown=[], hidden=["text"], by=manager(), now=NOON)
    issue.refresh_from_db()
    assert issue.is_moderated
    assert Event.objects.filter(issue=issue, code="moderated").count() == 1


def test_a_conflict_in_one_item_changes_none(issue):
    (one,) = pending()
    moderate(issue_id=issue.pk, shown=["text"], hidden=[], by=manager(), now=NOON)
    with pytest.raises(Conflict):
        moderate(issue_id=issue.pk, shown=[one.items[1], "text"], hidden=[], by=manager(), now=NOON)
    assert not Photo.objects.get(issue=issue).is_moderated


@pytest.mark.parametrize(
    "item", ["", "nothing", "photo:no", f"photo:{uuid.UUID(int=7)}", "rating:0", "rating:x"]
)
def test_what_is_no_part_of_the_request_is_refused(issue, item):
    with pytest.raises(Invalid, match=r"moderation\.unknown"):
        moderate(issue_id=issue.pk, shown=[item], hidden=[], by=manager(), now=NOON)


def test_deciding_nothing_is_refused(issue):
    with pytest.raises(Invalid, match=r"moderation\.unknown"):
        moderate(issue_id=issue.pk, shown=[], hidden=[], by=manager(), now=NOON)


def test_a_crew_decides_nothing(client, issue):
    with pytest.raises(Forbidden):
        moderate(issue_id=issue.pk, shown=["text"], hidden=[], by=staff(of=issue.team), now=NOON)
    client.force_login(User.objects.create_user(username="alguem", password="x" * 12, role="crew"))
    assert client.get(reverse("manager:moderation")).status_code == 403
    assert client.post(reverse("manager:moderation-decide", args=[issue.pk])).status_code == 403


def test_what_is_never_public_does_not_wait(issue):
    Service.objects.filter(pk=issue.service_id).update(moderation="never")
    assert pending() == ()


def test_words_that_are_changed_after_they_were_approved_wait_again(issue):
    rating = rated(issue)
    moderate(issue_id=issue.pk, shown=[f"rating:{rating.pk}"], hidden=[], by=manager(), now=NOON)
    assert not any(i.startswith("rating") for one in pending() for i in one.items)


def test_the_queue_comes_page_by_page(issue):
    others = [
        Issue.objects.get(
            protocol=report(draft=draft(description=f"n {n}"), now=NOON + timedelta(minutes=n)).protocol
        )
        for n in range(3)
    ]
    first = pending(limit=2)
    second = pending(limit=2, before=first[-1].id)
    assert [p.id for p in (*first, *second)] == sorted((i.pk for i in (issue, *others)), reverse=True)


def test_an_attendant_looks_at_what_waits_and_its_pictures(client, issue, attendant):
    html = client.get(reverse("manager:moderation")).content.decode()
    assert WORDS in html
    assert 'name="mostrar" value="text" checked' in html
    assert reverse("citizen:photo", args=[Photo.objects.get(issue=issue).pk, "thumb"]) in html
