"""Hotspots worked out and kept: a run is begun, worked, and becomes the edition that maps show."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction

from geo_central.kernel.errors import DomainError, Limited
from geo_central.kernel.sql import Query
from issues.catalogue.queries import themes
from maps.models import HotspotRaster, HotspotRun

from .asking import Question, checked, standing_period

_ALONE = Query(__file__, "one_at_a_time")
_CELLS = Query(__file__, "store_cells")
_SHAPES = Query(__file__, "store_shapes")
_PRUNE = Query(__file__, "prune_details")

Clock = Callable[[], datetime]
Tell = Callable[[int, str], None]
KEPT_DETAILS = 3
KEPT_RUNS = timedelta(days=400)
# A run that says nothing for so long was killed.
PATIENCE = timedelta(hours=6)
MOST_AT_ONCE = 8
_THIN_M = 5.0


def begin(question: Question, *, now: datetime) -> int:
    """Write down that a question is being worked on; the run's id. Raises what `checked` raises."""
    checked(question)
    run = HotspotRun.objects.create(
        audience=question.audience,
        theme=question.theme,
        services=sorted(question.services),
        first=question.first,
        last=question.last,
        parameters=question.parameters(),
        started_at=now,
    )
    return run.pk


def ask(question: Question, *, now: datetime) -> int:
    """`begin` for a planner: raises Limited `hotspots.busy` while MOST_AT_ONCE runs are not done."""
    waiting = HotspotRun.objects.filter(state=HotspotRun.State.RUNNING, started_at__gte=now - PATIENCE)
    if waiting.count() >= MOST_AT_ONCE:
        raise Limited("hotspots.busy", retry_after=60)
    return begin(question, now=now)


def work(run_id: int, *, now: Clock, tell: Tell, standing: bool = False) -> HotspotRun:
    """Work out a run that was begun and keep what was found, all of it or nothing.

    With `standing` it becomes the edition that maps show. On a Dask cluster where DASK_SCHEDULER names
    one. A failure is written down with its run and raised: what `analyse` raises, or OSError where
    the cluster does not answer.
    """
    from .analysing import analyse  # with scipy: for jobs alone
    from .scaling import runner_at

    run = HotspotRun.objects.get(pk=run_id)

    def note(done: int, what: str) -> None:
        HotspotRun.objects.filter(pk=run_id).update(progress=done)
        tell(done, what)

    try:
        with runner_at(settings.DASK_SCHEDULER) as (runner, parts):
            found = analyse(_question(run), tell=note, runner=runner, parts=parts)
        _keep(run, found, standing=standing, now=now)
    except (DomainError, OSError, ImportError) as failed:
        HotspotRun.objects.filter(pk=run_id).update(
            state=HotspotRun.State.FAILED, failure=str(failed)[:400], finished_at=now()
        )
        raise
    tell(100, "done")
    return run


def standing_questions(today: date) -> list[Question]:
    """What the public map shows of the year that ended yesterday: all requests, and those of each theme."""
    first, last = standing_period(today)
    whole = Question(first, last)
    return [whole, *(replace(whole, theme=theme.slug) for theme in themes())]


def refresh(*, now: Clock, today: date, tell: Callable[[str], None]) -> int:
    """Work out every standing question anew, then forget what is old; how many runs came to an end.

    A question that fails does not keep the others from being answered; the last failure is raised.
    """
    done, failed = 0, None
    for question in standing_questions(today):
        run = begin(question, now=now())
        try:
            work(run, now=now, tell=lambda *_: None, standing=True)
            done += 1
        except DomainError as error:
            failed = error
        tell(question.theme or "*")
    prune(now=now())
    if failed:
        raise failed
    return done


def prune(*, now: datetime) -> None:
    """Old editions lose their details, then themselves; runs that were killed are told as failed."""
    _PRUNE.run({"details": KEPT_DETAILS})
    runs = HotspotRun.objects.filter(is_current=False)
    runs.filter(started_at__lt=now - KEPT_RUNS).delete()
    stale = runs.filter(state=HotspotRun.State.RUNNING, started_at__lt=now - PATIENCE)
    stale.update(state=HotspotRun.State.FAILED, failure="killed", finished_at=now)


def _question(run: HotspotRun) -> Question:
    fixed = {k: v for k, v in run.parameters.items() if k != "correction"}
    return Question(run.first, run.last, run.audience, run.theme, tuple(run.services), **fixed)


def _keep(run: HotspotRun, found: Any, *, standing: bool, now: Clock) -> None:
    from . import drawing
    from .rows import cell_rows, shape_rows

    cells, shapes = cell_rows(found), shape_rows(found)
    image, tiff = drawing.picture(found.density), drawing.geotiff(found.density)
    with transaction.atomic():
        _CELLS.run({"run": run.pk, **cells})
        _SHAPES.run({"run": run.pk, "thin": _THIN_M, **shapes})
        HotspotRaster.objects.create(
            run=run,
            corners=drawing.corners(found.density.frame),
            peak=float(found.density.values.max(initial=0)),
            picture=image,
            tiff=tiff,
        )
        if standing:
            _ALONE.run({"subject": f"{run.audience} {run.theme} {','.join(run.services)}"})
            same = HotspotRun.objects.filter(audience=run.audience, theme=run.theme, services=run.services)
            same.filter(is_current=True).update(is_current=False)
        run.state, run.is_current, run.progress = HotspotRun.State.DONE, standing, 100
        run.n, run.facts, run.finished_at = found.n, found.facts(), now()
        run.save()
