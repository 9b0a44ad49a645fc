"""/equipe/chamado/<protocol>/: one request, and every act that the table allows to this person."""

import uuid

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from geo_central.kernel import clock
from geo_central.kernel.errors import DomainError, Invalid
from issues.crew.request import request_for
from issues.intake.photos import store_photo
from issues.interfaces.acts import actor_of, read_staff_form
from issues.interfaces.refusal import page_status
from issues.interfaces.wording import say_state
from issues.lifecycle.needs import PHOTOS_LIMIT
from issues.lifecycle.operations import act_on
from issues.teams.queries import active_teams
from layers.queries import street_svg

# The first is a large button of its own; the others open below it.
FIRST = ("start", "complete", "resolve", "answer", "resume")


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest, protocol: str) -> HttpResponse:
    """The page; a POST does one act. What could not be done is said beside what was written."""
    by = actor_of(request.user)
    problem: DomainError | None = None
    if request.method == "POST":
        request_for(protocol, by=by)  # nothing is kept for a request that is not theirs
        try:
            photos = _photos(request)
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
    context = {
        "work": seen,
        "issue": seen.facts,
        "drawing": street_svg(seen.point) if seen.point else "",
        "first": [o for o in seen.offers if o.action in FIRST],
        "others": [o for o in seen.offers if o.action not in FIRST],
        "teams": active_teams() if any("team" in o.needs for o in seen.offers) else (),
        "client_id": str(uuid.uuid4()),
        "problem": problem,
        "tried": request.POST.get("action", "") if problem else "",
        "typed": request.POST.get("note", "") if problem else "",
    }
    return render(request, "crew/request.html", context, status=page_status(problem))


def _photos(request: HttpRequest) -> list[str]:
    files = request.FILES.getlist("photos")
    if len(files) > PHOTOS_LIMIT:
        raise Invalid("photo.too_many", field="photos", limit=PHOTOS_LIMIT)
    return [
        str(store_photo(photo_id=uuid.uuid4(), content=file.read(), now=clock.now()).id) for file in files
    ]
