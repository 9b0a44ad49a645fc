"""Rules, teams and places as values: for tests of routing that need no database."""

from geo_central.kernel.geo import LngLat
from issues.routing.matching import RuleRow, Subject, TeamRow
from layers.queries import Area, Asset, Place

HERE = LngLat(-51.2, -30.0)
POTHOLE = Subject(1, "pothole", "Buraco", 10, "Vias", 100, "SMSURB")


def rule(number: int, **fields: object) -> RuleRow:
    """A rule of that id: about the service POTHOLE, anywhere, for team 1, unless told otherwise."""
    about = {"service_id", "theme_id", "department_id"} & fields.keys()
    given = {} if about else {"service_id": POTHOLE.service_id}
    if not {"team_id", "team_of_layer"} & fields.keys():
        given["team_id"] = 1
    return RuleRow(
        **{"id": number, "slug": f"rule-{number}", "priority": 100, "where": "anywhere", **given, **fields}
    )


def team(number: int, **fields: object) -> TeamRow:
    """An active team of that id, of POTHOLE's department unless told otherwise."""
    codes = frozenset(fields.pop("areas", ()))
    given = {"territory_layer": "regions" if codes else "", "territory_codes": codes}
    department = {"department_id": POTHOLE.department_id, "department_name": POTHOLE.department_name}
    return TeamRow(
        **{"id": number, "slug": f"team-{number}", "name": f"Team {number}", **department, **given, **fields}
    )


def place(*, assets: tuple[Asset, ...] = (), **areas: str) -> Place:
    """A place in one area of each layer: `place(regions="r-1", bairros="centro")`."""
    return Place(HERE, tuple(Area(layer, code, code.upper()) for layer, code in areas.items()), assets)


def asset(layer: str, code: str, distance_m: float) -> Asset:
    """Something near."""
    return Asset(layer, code, code.upper(), distance_m)
