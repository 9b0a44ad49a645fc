"""Plan the day of a team's crews; with --compare, print what planning saves, and write nothing."""

import time
from argparse import ArgumentParser
from datetime import datetime, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db.models import Count, Q

from geo_central.kernel import clock
from geo_central.kernel.errors import DomainError
from issues.crew.day.planning import SetOut, hours_of, plan_day
from issues.crew.day.queries import crews_of
from issues.crew.day.trying import compare
from issues.lifecycle.operations import Actor
from issues.management.words import describe
from issues.teams.models import Team

LINE = "{:<34} {:>5} {:>5} {:>10} {:>10} {:>7} {:>9} {:>6}"


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--compare", action="store_true", help="On paper, against nearest first.")
        parser.add_argument("--team", action="append", default=[], help="Slug; may be repeated.")
        parser.add_argument("--teams", type=int, default=8, help="So many of the busiest, without --team.")
        parser.add_argument("--crews", type=int, default=3, help="On paper: how many go out of each team.")
        parser.add_argument("--stops", type=int, default=60, help="On paper: how much work is looked at.")
        parser.add_argument("--hours", type=float, help="From now; without it to the end of the day.")

    def handle(self, *args: Any, **options: Any) -> None:
        now = clock.now()
        teams = Team.objects.filter(is_active=True)
        if options["team"]:
            teams = teams.filter(slug__in=options["team"])
        if not options["compare"] and not options["team"]:
            raise CommandError("Name a --team, or --compare.")
        if missing := sorted(set(options["team"]) - {t.slug for t in teams.order_by("slug")}):
            raise CommandError(f"No such team: {', '.join(missing)}")
        try:
            if options["compare"]:
                self._compare(list(self._busiest(teams, options["teams"])), options, now)
            else:
                for team in teams.order_by("slug"):
                    self._plan(team, options["hours"], now)
        except DomainError as error:
            raise CommandError(describe(error)) from error

    def _busiest(self, teams: Any, limit: int) -> Any:
        work = Count("issues", filter=Q(issues__is_open=True, issues__geom__isnull=False))
        return teams.annotate(work=work).filter(work__gt=0).order_by("-work", "slug")[:limit]

    def _compare(self, teams: list[Team], options: dict[str, Any], now: datetime) -> None:
        heads = ("team", "stops", "left", "nearest m", "planned m", "saved", "late", "s")
        self.stdout.write(LINE.format(*heads))
        planned = nearest = 0.0
        for team in teams:
            hours = hours_of(team.pk, now, options["hours"] or 8)
            began = time.monotonic()
            seen = compare(
                team_id=team.pk, crews=options["crews"], stops=options["stops"], hours=hours, now=now,
                seed=team.pk,
            )  # fmt: skip
            took = timedelta(seconds=time.monotonic() - began)
            if seen is None:
                continue
            planned, nearest = planned + seen.metres, nearest + seen.nearest_metres
            self.stdout.write(
                LINE.format(
                    team.slug[:34], seen.stops, seen.left,
                    f"{seen.nearest_metres:,.0f}", f"{seen.metres:,.0f}",
                    _share(seen.metres, seen.nearest_metres), f"{seen.nearest_late} -> {seen.late}",
                    f"{took.total_seconds():.2f}",
                )
            )  # fmt: skip
        self.stdout.write(
            f"Nearest first {nearest:,.0f} m, planned {planned:,.0f} m: "
            f"{nearest - planned:,.0f} m saved ({_share(planned, nearest)})."
        )

    def _plan(self, team: Team, hours: float | None, now: datetime) -> None:
        crews = [SetOut(c.id) for c in crews_of(team.pk)]
        done = plan_day(team_id=team.pk, crews=crews, by=Actor("staff", None, "admin"), now=now, hours=hours)
        self.stdout.write(
            f"{team.slug}: {done.stops} stops for {len(crews)} crews, {done.left} left; "
            f"{done.metres:,.0f} m, nearest first {done.nearest_metres:,.0f} m"
        )


def _share(planned: float, nearest: float) -> str:
    return f"{100 * (1 - planned / nearest):.1f} %" if nearest else "–"
