"""Small maps drawn on the server for the managers' pages."""

from django.utils.translation import gettext as _

from issues.intake.hygiene.queries import Pair
from layers.queries import street_svg

LEAST_RADIUS_M = 45.0


def pair_map(pair: Pair) -> str:
    """The streets around the earlier request of a pair, with a mark for it and one for the later."""
    farthest = max(abs(pair.east_m), abs(pair.north_m) * 16 / 9)
    text = street_svg(pair.point, max(LEAST_RADIUS_M, 1.6 * farthest))
    own = f"pair-{pair.id}-"
    text = text.replace('id="minimap-', f'id="{own}').replace('href="#minimap-', f'href="#{own}')
    east, south = round(pair.east_m, 1), round(-pair.north_m, 1)
    marks = (
        f'<path class="pair-between" d="M0 0L{east} {south}"/>'
        f'<circle class="pair-first" r="4"/><circle class="pair-second" cx="{east}" cy="{south}" r="4"/>'
    )
    head, _pin, _end = text.partition('<circle class="minimap-pin"')
    title = _("Os dois locais no mapa")
    return f"{head.replace('<title>', f'<title>{title}. ', 1)}{marks}</svg>"
