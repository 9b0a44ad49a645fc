"""The city, read from a TOML file: `fixtures/city.toml` unless CITY_FILE names another."""

import tomllib
from pathlib import Path

import msgspec


class City(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Facts about the city. Coordinates are degrees (EPSG:4326), longitude first."""

    name: str
    state: str
    service_name: str
    timezone: str
    country: str
    metric_srid: int
    centre: tuple[float, float]
    bounds: tuple[float, float, float, float]
    boundary_layer: str
    district_layer: str
    neighbourhood_layer: str
    phone: str
    # What Open311 calls the city: its name on the internet. Without one any is taken.
    jurisdiction: str = ""
    # Under which terms anybody may use the open data: its short name and the address of its text.
    licence: str = "CC-BY-4.0"
    licence_url: str = "https://creativecommons.org/licenses/by/4.0/"
    # A resolution that nobody contests counts as confirmed after so many days.
    confirm_days: int = 7
    # For so many days after the closing, whoever asked may still say that it was not done.
    reopen_days: int = 30
    # Whole hours of the city's clock, first and end: no notices meanwhile. Equal ones mean none.
    quiet_hours: tuple[int, int] = (21, 8)
    # After a notice, what follows within so many minutes goes as one digest.
    digest_minutes: int = 10
    staff_digest_minutes: int = 60


def read_city(path: Path) -> City:
    """Read and check a city file. Raises msgspec.ValidationError naming what is wrong."""
    return msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), City)
