"""`manage.py hotspots`: where requests concentrate, with a p-value. See docs/analytics.md."""

import time
from argparse import ArgumentParser
from collections.abc import Callable
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from geo_central.kernel import clock
from geo_central.kernel.errors import DomainError, Invalid
from issues.management.words import describe
from maps.analytics import operations
from maps.analytics.asking import AUDIENCES, CELL_M, STEPS, Question, standing_period
from maps.filters import parse_filters
from maps.models import HotspotRun


class Command(BaseCommand):
    help = "Calcula os focos de pedidos: os do mapa público, ou os de uma pergunta (--theme, --from…)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--from", default="", metavar="AAAA-MM-DD", help="primeiro dia; sem isto, um ano")
        parser.add_argument("--to", default="", metavar="AAAA-MM-DD", help="último dia; sem isto, ontem")
        parser.add_argument("--theme", default="", metavar="TEMA", help="só este tema")
        parser.add_argument("--service", default="", metavar="CÓDIGO[,CÓDIGO]", help="só estes serviços")
        parser.add_argument("--audience", choices=AUDIENCES, help="staff: todos os pedidos com lugar")
        parser.add_argument("--grid", default="hex", help="hex ou square")
        parser.add_argument("--cell", type=float, default=CELL_M, help="metros entre os centros das células")
        parser.add_argument("--rings", type=int, default=1, help="vizinhos: quantos anéis de células")
        parser.add_argument("--alpha", type=float, default=0.05, help="parcela tolerada de alarmes falsos")
        parser.add_argument("--exposure", default="", help="streets, ou camada.coluna (população…)")
        parser.add_argument("--steps", type=int, default=STEPS, help="passos da história; 0: nenhum")
        parser.add_argument("--bandwidth", type=float, help="metros; sem isto, a regra de Silverman")
        parser.add_argument("--radius", type=float, help="metros: DBSCAN a esta distância; sem isto, HDBSCAN")
        parser.add_argument("--least", type=int, default=30, help="pedidos de um agrupamento")

    def handle(self, *args: Any, **options: Any) -> None:
        asked = ("from", "to", "theme", "service", "audience", "exposure", "bandwidth", "radius")
        try:
            if any(options[name] for name in asked):
                self._one(_question(options, localdate()))
            else:
                self._standing()
        except DomainError as refused:
            said = describe(refused)
            raise CommandError(f"--{refused.field}: {said}" if refused.field else said) from refused
        except OSError as failed:
            raise CommandError(str(failed)) from failed

    def _one(self, question: Question) -> None:
        run = operations.begin(question, now=clock.now())
        done = operations.work(run, now=clock.now, tell=self._progress())
        self._show(done)

    def _standing(self) -> None:
        today = localdate()
        total, began, done = len(operations.standing_questions(today)), time.monotonic(), 0

        def tell(what: str) -> None:
            nonlocal done
            done += 1
            took = time.monotonic() - began
            left = took / done * (total - done)
            self.stdout.write(f"{done} / {total} {what} {took:.0f} s, {_('faltam')} {left:.0f} s")

        operations.refresh(now=clock.now, today=today, tell=tell)
        for run in HotspotRun.objects.filter(is_current=True).order_by("theme"):
            self._show(run)

    def _progress(self) -> Callable[[int, str], None]:
        began = time.monotonic()

        def tell(done: int, what: str) -> None:
            took = time.monotonic() - began
            left = f", {_('faltam')} {took / done * (100 - done):.0f} s" if done else ""
            self.stdout.write(f"{done:3d} % {took:.1f} s{left} {what}")

        return tell

    def _show(self, run: HotspotRun) -> None:
        text = _(
            "%(id)d %(what)s: %(n)d pedidos, %(hot)d células quentes de %(cells)d, %(clusters)d agrupamentos"
        )
        self.stdout.write(
            text
            % {
                "id": run.pk,
                "what": run.theme or ",".join(run.services) or "*",
                "n": run.n,
                "hot": run.facts["hot"],
                "cells": run.facts["cells"],
                "clusters": run.facts["clusters"],
            }
        )


def _question(options: dict[str, Any], today: date) -> Question:
    """Raises what `parse_filters` and `checked` raise."""
    filters = parse_filters({name: options[name] for name in ("from", "to", "theme", "service")})
    if len(filters.themes) > 1:
        raise Invalid("field.not_a_choice", field="theme", value=options["theme"][:40])
    first, last = standing_period(today)
    return Question(
        filters.first or first,
        filters.last or last,
        audience=options["audience"] or "public",
        theme=filters.themes[0] if filters.themes else "",
        services=filters.services,
        grid=options["grid"],
        cell_m=options["cell"],
        rings=options["rings"],
        alpha=options["alpha"],
        exposure=options["exposure"],
        steps=options["steps"],
        bandwidth_m=options["bandwidth"],
        least=options["least"],
        radius_m=options["radius"],
    )
