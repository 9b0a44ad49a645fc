"""The mapping of a file: a small TOML that says what its columns and values mean here. Pure."""

import tomllib
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
from pyproj import CRS
from pyproj.exceptions import CRSError

from issues.intake.drafts import CHANNELS
from issues.lifecycle.queries import CLOSED_STATES

from .faults import ImportFault

STATES = frozenset({"open", *CLOSED_STATES})


class Columns(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which columns hold what. Several columns are joined by a comma and a space."""

    opened_at: str
    closed_at: str = ""
    external_id: list[str] = []
    service: str = ""
    state: str = ""
    channel: str = ""
    lng: str = ""
    lat: str = ""
    address: list[str] = []
    description: list[str] = []

    def named(self) -> list[str]:
        """Every column that the file must have."""
        single = (self.opened_at, self.closed_at, self.service, self.state, self.channel, self.lng, self.lat)
        return [c for c in (*single, *self.external_id, *self.address, *self.description) if c]


class Mapping(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One file's meaning. `crs` is anything PROJ reads; dates without an offset are in `timezone`.

    States are `open` (assigned or received, as routing decides) or a closed state. Without a state
    column a request with a closing date is resolved. Values are compared without outer blanks.
    """

    source: str
    columns: Columns
    timezone: str = "America/Sao_Paulo"
    ignore_offset: bool = False
    date_format: str = ""
    crs: str = "EPSG:4326"
    encoding: str = "utf-8"
    delimiter: str = ","
    layer: str = ""
    find_address: bool = False
    default_service: str = ""
    default_channel: str = "phone"
    default_state: str = ""
    services: dict[str, str] = {}
    states: dict[str, str] = {}
    channels: dict[str, str] = {}


def read_mapping(path: Path) -> Mapping:
    """Read and check a mapping. Raises ImportFault that names what is wrong in it."""
    try:
        given = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ImportFault("o mapeamento não existe", "confira o caminho", file=str(path)) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ImportFault(f"não é TOML: {error}", "corrija a linha indicada", file=str(path)) from error
    return parse_mapping(given, str(path))


def parse_mapping(given: dict[str, Any], file: str) -> Mapping:
    """A mapping from its values. Raises ImportFault as `read_mapping`."""
    try:
        mapping = msgspec.convert(given, Mapping)
    except msgspec.ValidationError as error:
        remedy = "veja docs/importing-requests.md"
        raise ImportFault(f"mapeamento inválido: {error}", remedy, file=file) from error
    if fault := next(_faults(mapping), None):
        raise ImportFault(*fault, file=file)
    return mapping


def _faults(mapping: Mapping) -> Any:
    if not 0 < len(mapping.source) <= 40:
        yield "source precisa de 1 a 40 caracteres", "dê um nome curto e estável à origem"
    if len(mapping.delimiter) != 1:
        yield "delimiter não é um caractere", 'escreva, por exemplo, delimiter = ";"'
    try:
        ZoneInfo(mapping.timezone)
    except (ZoneInfoNotFoundError, ValueError):
        yield f"fuso desconhecido: {mapping.timezone}", 'escreva, por exemplo, "America/Sao_Paulo"'
    try:
        "".encode(mapping.encoding)
    except LookupError:
        yield f"codificação desconhecida: {mapping.encoding}", 'escreva, por exemplo, "cp1252"'
    try:
        CRS.from_user_input(mapping.crs)
    except CRSError:
        yield f"sistema de coordenadas desconhecido: {mapping.crs}", 'escreva, por exemplo, "EPSG:31982"'
    if bool(mapping.columns.lng) != bool(mapping.columns.lat):
        yield "só uma das colunas lng e lat", "nomeie as duas, ou nenhuma"
    if not mapping.columns.service and not mapping.default_service:
        yield "nem coluna de serviço nem default_service", "nomeie um dos dois"
    if wrong := {*mapping.states.values(), mapping.default_state} - {*STATES, ""}:
        yield f"situação desconhecida: {min(wrong)}", f"use uma de {', '.join(sorted(STATES))}"
    if wrong := {*mapping.channels.values(), mapping.default_channel} - CHANNELS:
        yield f"canal desconhecido: {min(wrong)}", f"use um de {', '.join(sorted(CHANNELS))}"
