"""Hotspots asked for by the city's planners: a job is begun, and says how far it is."""

from datetime import date
from typing import Any

import msgspec
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from geo_central.kernel import clock
from geo_central.kernel.errors import Forbidden, Invalid, Malformed
from issues.teams.models import User
from layers.api import problems
from maps.filters import parse_filters

from . import api, hotspots, operations
from .asking import AUDIENCES, CELL_M, GRIDS, STEPS, Question, standing_period
from .tasks import work_hotspots

MAY = frozenset({User.Role.PLANNER, User.Role.MANAGER, User.Role.ADMIN})
TOLD = {
    "type": "object",
    "required": ["run", "state", "progress"],
    "properties": {
        "run": {"type": "integer", "description": "Its number, for `/api/v1/hotspots?run=`."},
        "state": {"type": "string", "enum": ["running", "done", "failed"]},
        "progress": {"type": "integer", "minimum": 0, "maximum": 100},
        "failure": {"type": "string"},
    },
}


class Body(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What may be asked; see `asking.Question`. Without a period: the year that ended yesterday."""

    first: str = msgspec.field(name="from", default="")
    last: str = msgspec.field(name="to", default="")
    theme: str = ""
    services: tuple[str, ...] = ()
    audience: str = "staff"
    grid: str = "hex"
    cell_m: float = CELL_M
    rings: int = 1
    alpha: float = 0.05
    exposure: str = ""
    steps: int = STEPS
    bandwidth_m: float | None = None
    least: int = 30
    radius_m: float | None = None


DAY = {"type": "string", "format": "date"}
ASKED = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "from": {**DAY, "description": "First day of opening; without it, a year ago."},
        "to": {**DAY, "description": "Last day, included; without it, yesterday."},
        "theme": {"type": "string"},
        "services": {"type": "array", "items": {"type": "string"}},
        "audience": {"type": "string", "enum": list(AUDIENCES), "default": "staff"},
        "grid": {"type": "string", "enum": list(GRIDS), "default": "hex"},
        "cell_m": {
            "type": "number",
            "default": CELL_M,
            "description": "Metres between the middles of cells.",
        },
        "rings": {"type": "integer", "minimum": 1, "maximum": 5, "default": 1},
        "alpha": {"type": "number", "default": 0.05, "description": "Expected share of false alarms."},
        "exposure": {"type": "string", "description": "Empty, `streets`, or `layer.property`."},
        "steps": {"type": "integer", "minimum": 0, "maximum": 60, "default": STEPS},
        "bandwidth_m": {"type": "number", "nullable": True, "description": "Silverman's rule without it."},
        "least": {"type": "integer", "minimum": 10, "maximum": 5000, "default": 30},
        "radius_m": {"type": "number", "nullable": True, "description": "DBSCAN at it; HDBSCAN without it."},
    },
}


class Runs(APIView):
    """The runs that planners ask for."""

    @extend_schema(
        operation_id="hotspots_ask",
        summary="Have hotspots worked out for any period, services, grid and exposure",
        request={"application/json": ASKED},
        responses={202: TOLD, **problems(400, 403, 415, 422, 429)},
    )
    def post(self, request: Request) -> Response:
        _planner(request)
        question = question_of(request.data, clock.now().astimezone(clock.city_zone()).date())
        run = operations.ask(question, now=clock.now())
        work_hotspots.configure().defer(run=run)
        return Response({"run": run, "state": "running", "progress": 0}, status=202)


class Run(APIView):
    """One of them."""

    @extend_schema(
        operation_id="hotspots_progress",
        summary="How far a run is",
        parameters=[api.RUN],
        responses={200: TOLD, **problems(400, 403, 404, 422)},
    )
    def get(self, request: Request, run: str) -> Response:
        _planner(request)
        found = hotspots.progress(api.number(run))
        return Response(found)


def _planner(request: Request) -> None:
    if not isinstance(request.user, User):
        raise Forbidden("auth.needed")
    if request.user.role not in MAY:
        raise Forbidden("auth.not_allowed")


def question_of(data: Any, today: date) -> Question:
    """Raises Malformed `body.not_object` or `body.bad_value`, and what `parse_filters` raises."""
    if not isinstance(data, dict):
        raise Malformed("body.not_object")
    try:
        asked = msgspec.convert(data, Body)
    except msgspec.ValidationError as error:
        raise Malformed("body.bad_value", why=str(error)) from None
    filters = parse_filters(
        {"from": asked.first, "to": asked.last, "theme": asked.theme, "service": ",".join(asked.services)}
    )
    if len(filters.themes) > 1:
        raise Invalid("field.not_a_choice", field="theme", value=asked.theme[:40])
    first, last = standing_period(today)
    named = msgspec.structs.asdict(asked)
    fixed = {k: v for k, v in named.items() if k not in {"first", "last", "theme", "services"}}
    return Question(
        filters.first or first,
        filters.last or last,
        theme=filters.themes[0] if filters.themes else "",
        services=filters.services,
        **fixed,
    )
