"""/novo/: filing a report with a plain form, and the fragments that make it live."""

import uuid
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from geo_central.kernel import clock
from geo_central.kernel.errors import DomainError, Malformed, NotFound, TooLarge
from geo_central.kernel.geo import LngLat
from issues.catalogue import queries as catalogue
from issues.intake import operations, photos
from issues.intake.drafts import PHOTO_LIMIT, clean, parse_uuid
from issues.intake.queries import similar
from issues.interfaces import params
from issues.interfaces.limits import check_rate
from layers import queries as layers

from .forms import ReportForm, empty_form

SUGGESTIONS = 5
PRESELECT = 0.7


@never_cache
@require_http_methods(["GET", "POST"])
def report(request: HttpRequest) -> HttpResponse:
    """The three-tap page; without JavaScript, its steps: tell, choose, review, send."""
    if request.method == "GET":
        form = empty_form()
        form.service = params.text(request.GET, "servico", limit=64)
        if request.GET.get("lat"):
            form.put(params.point(request.GET))
        return _tell(request, form)
    form = ReportForm.read(request.POST)
    step = request.POST.get("step", "tell")
    if step == "back":
        return _tell(request, form)
    if step == "tell":
        _keep_photos(request, form)
        _find_place(form)
        return _tell(request, form) if form.errors else _choose(request, form)
    if step == "send":
        return _send(request, form)
    _read_choice(request.POST, form)
    if step == "search" or form.errors:
        return _choose(request, form)
    return _review(request, form)


@require_POST
def join(request: HttpRequest) -> HttpResponseRedirect:
    """ "É este": follow an open request instead of filing it again."""
    check_rate(request, "report")
    followed = operations.follow(
        protocol=request.POST.get("protocol", ""),
        client_id=parse_uuid(request.POST.get("client_id", ""), "client_id"),
        now=clock.now(),
    )
    return redirect(reverse("citizen:follow", args=[followed.token]) + "?novo=1")


@require_GET
def services_fragment(request: HttpRequest) -> HttpResponse:
    """Services for the words typed so far, as choices."""
    check_rate(request, "search")
    words = params.text(request.GET, "q")
    chosen = params.text(request.GET, "servico", limit=64)
    return render(request, "citizen/_services.html", _suggest(words, chosen))


@require_GET
def details_fragment(request: HttpRequest) -> HttpResponse:
    """What a service asks, how long it takes, and open requests like it near the place."""
    check_rate(request, "search")
    form = empty_form()
    form.service = params.text(request.GET, "servico", limit=64)
    if request.GET.get("lat"):
        form.put(params.point(request.GET))
    return render(request, "citizen/_details.html", _details(form))


@require_GET
def place_fragment(request: HttpRequest) -> HttpResponse:
    """A place in words with its server-drawn map. Refused outside the city, as everywhere."""
    check_rate(request, "search")
    return render(request, "citizen/_place.html", _place(params.point(request.GET)))


def _tell(request: HttpRequest, form: ReportForm) -> HttpResponse:
    context = {
        "form": form,
        "photo_limit": PHOTO_LIMIT,
        "popular": _suggest(form.description, form.service),
        "place": _try_place(form),
        "questions": [],
    }
    return render(request, "citizen/report.html", context, status=422 if form.errors else 200)


def _choose(request: HttpRequest, form: ReportForm) -> HttpResponse:
    candidates: list[Any] = []
    if form.address and not form.lat:
        candidates = list(layers.search_address(form.address, limit=SUGGESTIONS))
        if len(candidates) == 1:
            form.put(LngLat(candidates[0].lng, candidates[0].lat))
            candidates = []  # nothing to choose: the form carries the point
    words = request.POST.get("q", "").strip() or form.description
    context = {
        "form": form,
        "candidates": candidates,
        "place": _try_place(form),
        "words": request.POST.get("q", "").strip(),
        **_suggest(words[: catalogue.SEARCH_LIMIT], form.service),
    }
    return render(request, "citizen/choose.html", context, status=422 if form.errors else 200)


def _review(request: HttpRequest, form: ReportForm) -> HttpResponse:
    context = {"form": form, "place": _try_place(form), **_details(form)}
    return render(request, "citizen/review.html", context, status=422 if form.errors else 200)


def _send(request: HttpRequest, form: ReportForm) -> HttpResponse:
    check_rate(request, "report")
    try:
        service = catalogue.service(form.service)
        receipt = operations.report(draft=form.draft(service.questions), now=clock.now())
    except DomainError as error:
        form.keep(error)
        if form.errors.keys() & {"place", "service"}:
            return _choose(request, form)
        return _review(request, form)
    return redirect(reverse("citizen:follow", args=[receipt.token]) + "?novo=1")


def _read_choice(post: QueryDict, form: ReportForm) -> None:
    """The address picked among several, or written again; then the service."""
    if "," in (picked := post.get("candidate", "")):
        form.lng, form.lat = picked.split(",", 1)
    _find_place(form)
    if post.get("step") == "search":
        return
    try:
        if catalogue.service(form.service).geolocated and not form.lat:
            form.keep(Malformed("place.missing", field="lat"))
    except DomainError as error:
        form.keep(error)


def _find_place(form: ReportForm) -> None:
    """Check the point; a point wins over an address, an address must be found."""
    try:
        if (point := form.point) is not None:
            layers.place_at(point)
        elif form.address and not layers.search_address(
            clean(form.address, "address", limit=200, lines=False)
        ):
            raise NotFound("address.not_found", field="address")
    except DomainError as error:
        form.keep(error)
        form.put(None)


def _keep_photos(request: HttpRequest, form: ReportForm) -> None:
    check_rate(request, "upload")
    files = [f for name in ("photo", "gallery") for f in request.FILES.getlist(name)]
    for file in files[: PHOTO_LIMIT - len(form.photos)]:
        try:
            if (file.size or 0) > settings.PHOTO_MAX_BYTES:
                raise TooLarge("photo.too_large", limit_mb=settings.PHOTO_MAX_BYTES >> 20)
            stored = photos.store_photo(photo_id=uuid.uuid4(), content=file.read(), now=clock.now())
        except DomainError as error:
            form.keep(error, "photo")
            continue
        form.photos.append(str(stored.id))
        if stored.place and not form.lat and not form.address:
            form.put(stored.place)


def _suggest(words: str, chosen: str) -> dict[str, Any]:
    """Services to choose from; the first is chosen already where the words are clear enough."""
    found = catalogue.search(words[: catalogue.SEARCH_LIMIT], SUGGESTIONS) if words.strip() else []
    sure = found[0].code if found and found[0].score >= PRESELECT else ""
    shown = found or catalogue.popular(SUGGESTIONS)
    if chosen and chosen not in {s.code for s in shown}:
        try:
            shown = [*shown, catalogue.service(chosen)]  # type: ignore[list-item]
        except DomainError:
            chosen = ""
    return {"services": shown, "chosen": chosen or sure, "by_words": bool(found)}


def _details(form: ReportForm) -> dict[str, Any]:
    service = catalogue.service(form.service)
    point = form.point
    near = similar(service_code=service.code, point=point, limit=3) if point and service.geolocated else []
    return {
        "form": form,
        "service": service,
        "questions": form.questions(service.questions),
        "similar": near,
        "now": clock.now(),
    }


def _place(point: LngLat) -> dict[str, Any]:
    place = layers.place_at(point)
    return {
        "point": point,
        "address": place.address,
        "district": _area(place, settings.CITY.district_layer),
        "neighbourhood": _area(place, settings.CITY.neighbourhood_layer),
        "drawing": layers.street_svg(point),
    }


def _try_place(form: ReportForm) -> dict[str, Any] | None:
    """The place of the form in words; None where there is none or it was refused."""
    try:
        point = form.point
        return _place(point) if point else None
    except DomainError as error:
        form.keep(error)
        form.put(None)
        return None


def _area(place: Any, layer: str) -> str:
    area = place.area(layer)
    return area.name if area else ""
