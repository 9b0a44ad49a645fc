"""`manage.py import_requests` on the demo city: what comes in is what the one door would have filed."""

import csv
import gzip
import json
import uuid
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from geo_central.kernel.geo import LngLat
from issues.catalogue.queries import service as service_of
from issues.intake.importing.mapping import parse_mapping
from issues.intake.importing.running import Job, run
from issues.lifecycle.models import Event, Issue
from issues.lifecycle.protocol import parse
from issues.lifecycle.queries import calendar
from issues.routing.queries import decide
from layers.queries import place_at

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parents[2]
REQUESTS = ROOT.parent / "shared/data/requests"
NOW = datetime(2026, 1, 1, tzinfo=UTC)
MAPPING = {
    "source": "old-system",
    "columns": {
        "external_id": ["id"],
        "opened_at": "opened",
        "closed_at": "closed",
        "service": "what",
        "lng": "lng",
        "lat": "lat",
        "address": ["where"],
        "description": ["words"],
    },
    "services": {"hole": "tapa-buracos", "light": "semaforo"},
}
HEAD = ("id", "opened", "closed", "what", "lng", "lat", "where", "words")


def rows(count: int, *, first: int = 0):
    for n in range(first, first + count):
        lng, lat = -51.23 + (n % 50) * 0.001, -30.03 - (n // 50 % 40) * 0.001
        closed = "" if n % 4 == 0 else "2021-05-20 09:30:00"
        what = "hole" if n % 2 else "light"
        yield (f"A{n}", "2021-05-10 08:00:00", closed, what, lng, lat, f"Rua {n}", "tab\there \\ and\nthere")


def file_of(path: Path, lines) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(HEAD)
        writer.writerows(lines)
    return path


def job(path: Path, **changed) -> Job:
    """On the test's own connection, so that everything is rolled back."""
    mapping = parse_mapping(MAPPING, "m.toml")
    papers = path.parent
    return Job(
        path, mapping, papers / "refused.csv", papers / "progress.json", NOW,
        **{"batch": 40, "writers": 0, **changed},
    )  # fmt: skip


def refused(path: Path) -> list[tuple[str, str]]:
    with (path / "refused.csv").open(encoding="utf-8", newline="") as file:
        return [(r["row"], r["reason"]) for r in csv.DictReader(file)]


def figures(totals) -> tuple[int, int, int, int]:
    return totals.read, totals.imported, totals.known, totals.refused


def test_what_is_imported_is_what_the_door_would_have_filed(tmp_path):
    run(job(file_of(tmp_path / "a.csv", rows(60))))
    for issue in Issue.objects.filter(source="old-system").select_related("service").order_by("pk"):
        service = service_of(issue.service.code)
        place = place_at(LngLat(issue.geom.x, issue.geom.y))
        decision = decide(service=service, place=place, at=issue.opened_at)
        days = calendar(since=issue.opened_at, department_id=decision.team.department_id)
        due = days.due_at(issue.opened_at, service.target, service.target_unit)
        assert (issue.team_id, issue.rule_id) == (decision.team.id, decision.rule_id)
        assert issue.reasons == [{"code": r.code, **r.data} for r in decision.reasons]
        assert issue.areas == {a.layer: a.code for a in place.areas}
        assert issue.due_at == due
        assert parse(issue.protocol) == issue.protocol
        assert issue.protocol.startswith("2021-")
        assert issue.description == "tab\there \\ and\nthere"
        codes = list(issue.events.order_by("id").values_list("code", flat=True))
        assert codes == ["opened", "assigned"] + ([] if issue.is_open else ["resolved"])
        assert issue.events.get(code="opened").data["channel"] == issue.channel == "phone"
    assert Issue.objects.filter(source="old-system").values("token").distinct().count() == 60


def test_twice_adds_nothing_and_the_totals_add_up(tmp_path):
    path = file_of(tmp_path / "a.csv", rows(100))
    assert figures(run(job(path))) == (100, 100, 0, 0)
    events = Event.objects.count()
    assert figures(run(job(path))) == (100, 0, 100, 0)
    assert Event.objects.count() == events


def test_a_row_given_twice_comes_in_once(tmp_path):
    path = file_of(tmp_path / "a.csv", [*rows(3), *rows(3)])
    assert figures(run(job(path))) == (6, 3, 3, 0)
    path = file_of(tmp_path / "b.csv", [*rows(50, first=10), *rows(50, first=10)])
    assert figures(run(job(path))) == (100, 50, 50, 0)


def test_refused_rows_are_written_down_with_their_number_and_reason(tmp_path):
    lines = list(rows(6))
    lines[1] = (*lines[1][:4], -46.6, -23.5, *lines[1][6:])
    lines[2] = (*lines[2][:4], "", "", *lines[2][6:])
    lines[3] = ("A3", "2021-05-10", "2021-05-09", *lines[3][3:])
    lines[4] = (*lines[4][:3], "song", *lines[4][4:])
    assert figures(run(job(file_of(tmp_path / "a.csv", lines)))) == (6, 2, 0, 4)
    assert refused(tmp_path) == [
        ("2", "outside_city"),
        ("3", "no_coordinates"),
        ("4", "closes_before_opens"),
        ("5", "unknown_service"),
    ]


def test_a_dry_run_says_the_same_and_writes_nothing(tmp_path):
    path = file_of(tmp_path / "a.csv", rows(90))
    assert figures(run(job(path, dry_run=True))) == (90, 90, 0, 0)
    assert not Issue.objects.filter(source="old-system").exists()


class Killed(BaseException):
    """As a signal would."""


def test_a_killed_run_resumes_where_it_stopped(tmp_path):
    path = file_of(tmp_path / "a.csv", [*rows(90), ("A90", "", *next(rows(1))[2:])])

    def kill(done: int, total: int) -> None:
        if done >= 80:
            raise Killed

    with pytest.raises(Killed):
        run(job(path), kill)
    assert Issue.objects.filter(source="old-system").count() == 80
    assert figures(run(job(path, resume=True))) == (91, 90, 0, 1)
    assert refused(tmp_path) == [("91", "no_date")]
    assert not (tmp_path / "progress.json").exists()


def test_a_changed_file_is_not_resumed(tmp_path):
    path = file_of(tmp_path / "a.csv", rows(90))
    with pytest.raises(Killed):
        run(job(path), lambda done, total: (_ for _ in ()).throw(Killed))
    file_of(path, rows(91))
    with pytest.raises(Exception, match="mudou"):
        run(job(path, resume=True))


def test_coordinates_of_another_city_stop_the_import(tmp_path):
    swapped = [(*r[:4], r[5], r[4], *r[6:]) for r in rows(50)]
    with pytest.raises(Exception, match="confira crs"):
        run(job(file_of(tmp_path / "a.csv", swapped)))
    metres = [(*r[:4], 478500 + n, 6677000, *r[6:]) for n, r in enumerate(rows(50))]
    with pytest.raises(Exception, match=r"linha 1: .*confira crs"):
        run(job(file_of(tmp_path / "b.csv", metres)))
    assert not Issue.objects.filter(source="old-system").exists()


def test_the_command_names_file_row_and_remedy(tmp_path):
    path = tmp_path / "cut.csv.gz"
    path.write_bytes(gzip.compress(uuid.uuid4().bytes * 999)[:-9])
    with pytest.raises(CommandError, match=r"cut\.csv\.gz, linha"):
        call_command("import_requests", path, mapping=ROOT / "fixtures/imports/poa-acidentes.toml")
    with pytest.raises(CommandError, match="--suggest"):
        call_command("import_requests", path)


def test_open311_comes_in_too(tmp_path):
    path = tmp_path / "requests.json"
    one = {
        "service_request_id": "1", "status": "closed", "service_name": "Buraco",
        "requested_datetime": "2021-05-10T08:00:00-03:00", "updated_datetime": "2021-05-11T08:00:00-03:00",
        "lat": -30.03, "long": -51.22, "description": "Cratera",
    }  # fmt: skip
    path.write_text(json.dumps([one]))
    columns = {
        "external_id": ["service_request_id"],
        "opened_at": "requested_datetime",
        "closed_at": "updated_datetime",
        "service": "service_name",
        "state": "status",
        "lng": "long",
        "lat": "lat",
        "description": ["description"],
    }
    mapping = parse_mapping(
        {
            "source": "o311",
            "columns": columns,
            "services": {"Buraco": "tapa-buracos"},
            "states": {"closed": "resolved", "open": "open"},
        },
        "m.toml",
    )
    given = Job(path, mapping, tmp_path / "r.csv", tmp_path / "p.json", NOW, writers=0)
    assert figures(run(given)) == (1, 1, 0, 0)


def test_a_mapping_is_suggested_that_can_be_used(tmp_path):
    path = tmp_path / "pedidos.csv"
    path.write_text(
        "protocolo;data_abertura;data_encerramento;servico;situacao;longitude;latitude\n"
        "1;2021-05-10;2021-05-11;buraco na rua;Finalizado;-51.22;-30.03\n",
        encoding="utf-8",
    )
    out = StringIO()
    call_command("import_requests", path, suggest=True, stdout=out)
    mapping = tmp_path / "m.toml"
    mapping.write_text(out.getvalue(), encoding="utf-8")
    call_command(
        "import_requests", path, mapping=mapping, report=tmp_path / "r.csv", writers=0, stdout=StringIO()
    )
    issue = Issue.objects.get(source="pedidos")
    assert (issue.service.code, issue.state, issue.external_id) == ("tapa-buracos", "resolved", "1")


@pytest.mark.skipif(not REQUESTS.exists(), reason="the real data is not here")
def test_the_street_events_of_porto_alegre_come_in(tmp_path):
    out = StringIO()
    call_command(
        "import_requests", REQUESTS / "poa_acidentes_2016.csv.gz", stdout=out, stderr=StringIO(),
        mapping=ROOT / "fixtures/imports/poa-acidentes.toml", report=tmp_path / "r.csv", writers=0,
    )  # fmt: skip
    assert "12503 lidas = 12492 importadas + 0 já estavam + 11 recusadas" in out.getvalue()
    assert {reason for _row, reason in refused_in(tmp_path / "r.csv")} == {"outside_city"}


def refused_in(path: Path) -> list[tuple[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return [(r["row"], r["reason"]) for r in csv.DictReader(file)]
