"""PostgreSQL is restarted while streams are open: they stay open, and tell everything once."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import call_command

from geo_central.postgis import Cluster
from issues.catalogue.models import Service, Theme
from issues.lifecycle.models import Issue
from issues.teams.models import Department, Team
from tests import database
from tests.factories.reports import issue
from tests.live import reading, wait, write
from tests.server import live_streams


@pytest.fixture
def server(tmp_path: Path, django_db_blocker: pytest.FixtureRequest) -> Iterator[Cluster]:
    """A cluster of our own, with the project's tables."""
    cluster = Cluster(tmp_path / "postgis", profile="test")
    cluster.start()
    with django_db_blocker.unblock(), database.using(cluster.create_database("restarted")):
        call_command("migrate", verbosity=0)
        yield cluster
    cluster.destroy()


def request_of_a_small_city() -> Issue:
    """One department, one team, one service, and a request."""
    department = Department.objects.create(code="obras", acronym="OBRAS", name="Obras")
    team = Team.objects.create(slug="obras", name="Obras", department=department)
    theme = Theme.objects.create(slug="vias", name="Vias")
    Service.objects.create(
        code="tapa-buracos", name="Tapa-buracos", description="", theme=theme, department=department,
        geolocated=True, target=5, target_unit="working_days", channels=[], precision="exact",
    )  # fmt: skip
    return issue(team)


def test_a_restart_loses_and_doubles_nothing(server: Cluster) -> None:
    row = request_of_a_small_city()
    url = server.url("restarted")
    with (
        live_streams(url) as (address, _),
        reading(address, f"/fluxo/s/{row.token}") as reader,
        reading(address, f"/fluxo/s/{row.token}") as twin,
    ):
        written = [str(write(url, row.pk, f"before_{n}")) for n in range(5)]
        wait(lambda: reader.numbers() == written)
        server.stop()
        wait(lambda: "event: away" in reader.raw)
        time.sleep(0.5)
        server.start()
        # Written before the listener is back, and after.
        written += [str(write(url, row.pk, f"after_{n}")) for n in range(5)]
        wait(lambda: "event: back" in reader.raw)
        written += [str(write(url, row.pk, f"later_{n}")) for n in range(5)]
        wait(lambda: len(reader.numbers()) >= 15 and len(twin.numbers()) >= 15)
        assert reader.numbers() == twin.numbers() == written
        assert reader.connections == twin.connections == 1
