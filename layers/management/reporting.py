"""What a load or a derivation says on the terminal."""

from collections.abc import Callable

from django.utils.translation import gettext as _

from layers.importing.report import Report
from layers.operations import Comparison

SHOWN = 40


def tell_report(report: Report, write: Callable[[str], None]) -> None:
    """The rows refused and repaired, one line each, the first forty of both."""
    write(
        _("%(read)d linhas lidas, %(refused)d recusadas, %(repaired)d consertadas.")
        % {"read": report.read, "refused": len(report.refused), "repaired": len(report.repaired)}
    )
    for title, remarks in ((_("Recusadas"), report.refused), (_("Consertadas"), report.repaired)):
        if remarks:
            write(f"{title}:")
            _tell_some([str(r) for r in remarks], write)


def tell_comparison(found: Comparison, write: Callable[[str], None]) -> None:
    """What publishing would change, against the version in use."""
    if found.against is None:
        write(_("Nenhuma versão publicada para comparar."))
        return
    write(
        _(
            "Comparação com a versão %(against)d: %(added)d a mais, %(removed)d a menos, "
            "%(renamed)d renomeadas, %(changed)d com outra forma, %(unchanged)d iguais."
        )
        % {
            "against": found.against, "added": len(found.added), "removed": len(found.removed),
            "renamed": len(found.renamed), "changed": len(found.changed), "unchanged": found.unchanged,
        }
    )  # fmt: skip
    _tell_some([f"+ {name} ({code})" for code, name in found.added], write)
    _tell_some([f"- {name} ({code})" for code, name in found.removed], write)
    _tell_some([f"= {code}: {old} → {new}" for code, old, new in found.renamed], write)
    _tell_some(
        [
            f"~ {c.name}: {c.before_m2:,.0f} → {c.after_m2:,.0f} m², {c.moved_m2:,.0f} m² ({c.share:.1%})"
            if c.moved_m2
            else f"~ {c.name}: {c.moved_m:,.1f} m"
            for c in found.changed
        ],
        write,
    )


def _tell_some(lines: list[str], write: Callable[[str], None]) -> None:
    for line in lines[:SHOWN]:
        write(f"  {line}")
    if len(lines) > SHOWN:
        write(_("  … e mais %d") % (len(lines) - SHOWN))
