"""`manage.py simulate`: what a change of rules or maps would have done. See docs/writing-routing-rules.md."""

from argparse import ArgumentParser
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from geo_central.kernel import clock
from geo_central.kernel.errors import DomainError
from issues.management.words import describe
from issues.routing.rows import moment, read_csv
from issues.routing.simulating import Change, Simulated, simulate
from issues.routing.staging import start_draft


class Command(BaseCommand):
    help = "Mostra o que os pedidos de um período teriam feito com outras regras ou outros mapas."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--rules", type=Path, help="rules.csv a experimentar: vira um rascunho")
        parser.add_argument("--draft", type=int, help="número do rascunho a experimentar")
        parser.add_argument("--map", type=int, action="append", default=[], help="versão de mapa preparada")
        parser.add_argument("--from", dest="since", default="", help="AAAA-MM-DD; sem isto, 30 dias atrás")
        parser.add_argument("--until", default="", help="AAAA-MM-DD, esse dia não incluído; sem isto, agora")

    def handle(self, *args: Any, **options: Any) -> None:
        now = clock.now()
        try:
            draft = options["draft"]
            if options["rules"]:
                rows = read_csv(options["rules"].read_text(encoding="utf-8"))
                draft = start_draft(title=options["rules"].name, by=None, now=now, rows=rows).id
            until = moment(options["until"], field="until") or now
            since = moment(options["since"], field="from") or until - timedelta(days=30)
            change = Change(draft, tuple(options["map"]))
            found = simulate(change=change, period=(since, until), now=now)
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError(str(error)) from error
        except DomainError as error:
            raise CommandError(
                f"{error.field}: {describe(error)}" if error.field else describe(error)
            ) from error
        self._show(found)

    def _show(self, found: Simulated) -> None:
        for team in found.teams:
            if team.arrive or team.leave:
                self.stdout.write(
                    f"{team.before}\t→ {team.after}\t(+{team.arrive} -{team.leave})\t{team.name}"
                )
        if found.change.draft:
            self.stdout.write(_("rascunho %(draft)d") % {"draft": found.change.draft})
        text = _("%(total)d pedidos, %(moved)d mudam de equipe; triagem: %(before)d → %(after)d")
        self.stdout.write(
            text
            % {
                "total": found.total,
                "moved": found.moved,
                "before": found.triage_before,
                "after": found.triage_after,
            }
        )
