"""What somebody wants to hear of, as it is asked for: read strictly. Pure but for what exists."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from django.conf import settings

from geo_central.kernel.errors import Invalid
from geo_central.kernel.geo import parse_ring
from issues.catalogue.models import Service, Theme
from layers.queries import areas_of

NAMES = ("polygon", "bairro", "regiao", "servico", "tema")


@dataclass(frozen=True, slots=True)
class Wish:
    """A place and a subject; an empty one does not limit. `ring` is as it was drawn (`lng,lat;…`),
    `area` the same as WKT, EPSG:4326. Of several places the finest counts.
    """

    ring: str = ""
    area: str = ""
    neighbourhood: str = ""
    district: str = ""
    service: str = ""
    theme: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether it would be everything."""
        return not (self.area or self.neighbourhood or self.district or self.service or self.theme)

    def query(self) -> str:
        """The same wish as the query of an address of these pages."""
        named = (self.ring, self.neighbourhood, self.district, self.service, self.theme)
        return urlencode({n: v for n, v in zip(NAMES, named, strict=True) if v})

    def feed_query(self) -> str:
        """The same wish as the query of a feed."""
        given: list[tuple[str, str]] = []
        if self.ring:
            given.append(("polygon", self.ring))
        elif self.neighbourhood:
            given.append(("area", f"{settings.CITY.neighbourhood_layer}:{self.neighbourhood}"))
        elif self.district:
            given.append(("area", f"{settings.CITY.district_layer}:{self.district}"))
        given += [(n, v) for n, v in (("service", self.service), ("theme", self.theme)) if v]
        return urlencode(given)


def parse_wish(given: Mapping[str, str]) -> Wish:
    """Read `polygon`, `bairro`, `regiao`, `servico` and `tema`.

    Raises Malformed and Invalid `area.*` of `kernel.geo.parse_ring`, and Invalid `field.not_a_choice`
    naming what does not exist.
    """
    text = {name: given.get(name, "").strip()[:8000] for name in NAMES}
    area = parse_ring(text["polygon"]) if text["polygon"] else ""
    _known(text, "bairro", settings.CITY.neighbourhood_layer)
    _known(text, "regiao", settings.CITY.district_layer)
    if text["servico"] and not Service.objects.filter(code=text["servico"][:64], is_active=True).exists():
        raise Invalid("field.not_a_choice", field="servico", value=text["servico"][:40])
    if text["tema"] and not Theme.objects.filter(slug=text["tema"][:64]).exists():
        raise Invalid("field.not_a_choice", field="tema", value=text["tema"][:40])
    return Wish(text["polygon"], area, text["bairro"], text["regiao"], text["servico"], text["tema"])


def _known(text: Mapping[str, str], name: str, layer: str) -> None:
    if text[name] and text[name] not in {a.code for a in areas_of(layer)}:
        raise Invalid("field.not_a_choice", field=name, value=text[name][:40])
