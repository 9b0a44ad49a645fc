"""/equipe/chamado/<protocol>/: one request, and every act that the table allows to this person."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from geo_central.kernel import clock
from geo_central.kernel.errors import DomainError, Invalid
from issues.crew.request import Offer, WorkRequest, request_for
from issues.intake.drafts import parse_uuid
from issues.intake.photos import store_photo
from issues.interfaces.acts import actor_of, read_staff_form
from issues.interfaces.answers import answers_in_words
from issues.interfaces.refusal import page_status
from issues.interfaces.wording import say_state
from issues.lifecycle.needs import PHOTOS_LIMIT
from issues.lifecycle.operations import act_on
from issues.teams.queries import active_teams
from layers.queries import street_svg

# The first is a large button of its own; the others open below it.
FIRST = ("start", "complete", "resolve", "answer", "resume")
FIELDS = (
    "step", "lat", "lng", "accuracy_m", "without", "reason", "responsible", "team", "original", "on",
    "until", "note",
)  # fmt: skip


@dataclass(slots=True)
class ActForm:
    """One act as a form; `tried` in vain, what was typed into it and its photos come back."""

    offer: Offer
    client_id: str
    typed: Mapping[str, str]
    tried: bool = False
    kept: Sequence[str] = ()


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest, protocol: str) -> HttpResponse:
    """The page; a POST does one act. What could not be done is said beside what was written."""
    by = actor_of(request.user)
    problem: DomainError | None = None
    photos: list[str] = []
    if request.method == "POST":
        request_for(protocol, by=by)  # nothing is kept for a request that is not theirs
        try:
            _take_photos(request, photos)
            asked = read_staff_form(request.POST.dict(), photos)
            done = act_on(protocol, by=by, now=clock.now(), **asked)
            messages.success(
                request, _("Feito: o chamado está “%(state)s”.") % {"state": say_state(done.state)}
            )
            if by.role == "crew" and asked["action"] in ("assign", "cannot_do"):
                return redirect("crew:near")
            return redirect("crew:request", done.protocol)
        except DomainError as error:
            problem = error
    seen = request_for(protocol, by=by)
    forms = _forms(seen, request.POST.dict() if problem else {}, photos, problem)
    context = {
        "work": seen,
        "issue": seen.facts,
        "answers": answers_in_words(seen.facts.service, seen.facts.answers),
        "drawing": street_svg(seen.point) if seen.point else "",
        "before": [p for p in seen.facts.photos if p["kind"] == "before"],
        "after": [p for p in seen.facts.photos if p["kind"] == "after"],
        "first": [f for f in forms if f.offer.action in FIRST],
        "others": [f for f in forms if f.offer.action not in FIRST],
        "teams": active_teams() if any("team" in o.needs for o in seen.offers) else (),
        "problem": problem,
    }
    return render(request, "crew/request.html", context, status=page_status(problem))


def _forms(
    seen: WorkRequest, posted: Mapping[str, str], photos: Sequence[str], problem: DomainError | None
) -> list[ActForm]:
    """Each act with an id of its own, so that sending one twice is one act and another is another."""
    found = []
    for offer in seen.offers:
        tried = posted.get("action") == offer.action
        typed = {name: posted.get(name, "") if tried else "" for name in FIELDS}
        form = ActForm(offer, str(uuid.uuid4()), typed, tried, photos if tried else ())
        if tried and problem and problem.code not in ("act.id_taken", "field.not_a_uuid"):
            form.client_id = posted.get("client_id") or form.client_id
        found.append(form)
    return found


def _take_photos(request: HttpRequest, taken: list[str]) -> None:
    """Those that came before, and are kept, and those that come now: ids, into `taken`."""
    files = request.FILES.getlist("photos")
    kept = [str(parse_uuid(text, "photos")) for text in request.POST.getlist("kept")]
    if len(files) + len(kept) > PHOTOS_LIMIT:
        taken += kept[:PHOTOS_LIMIT]
        raise Invalid("photo.too_many", field="photos", limit=PHOTOS_LIMIT)
    taken += kept
    for file in files:
        stored = store_photo(photo_id=uuid.uuid4(), content=file.read(), now=clock.now())
        taken.append(str(stored.id))
