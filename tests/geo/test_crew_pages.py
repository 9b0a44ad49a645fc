"""The crew's pages as the server writes them: nobody's data where they are kept, a list without a script."""

import json
import re

import pytest
from django.test import Client

from geo_central.kernel import clock
from issues.teams.models import Membership
from tests.factories.acts import person, team
from tests.factories.reports import CENTRE, issue

pytestmark = pytest.mark.django_db


@pytest.fixture
def crew():
    user = person("crew")
    user.first_name = "Eulália"
    user.save()
    Membership.objects.create(user=user, team=team())
    client = Client()
    client.force_login(user)
    return client


def test_the_page_that_is_kept_holds_nobodys_data(crew):
    issue(team(), address="Rua Secreta, 1")
    page = crew.get(f"/equipe/casco/?lat={CENTRE.lat}&lng={CENTRE.lng}").content.decode()
    assert "Eulália" not in page
    assert "Rua Secreta" not in page
    assert 'id="crew-bar"' in page


def test_the_kept_page_and_the_worker_need_no_log_in():
    for path in ("/equipe/casco/", "/equipe/sw.js", "/equipe/app.webmanifest"):
        answer = Client().get(path)
        assert answer.status_code == 200, path
        assert Client().post(path).status_code == 405


def test_without_a_script_the_list_is_there_all_the_same(crew):
    row = issue(team(), opened_at=clock.now())
    page = crew.get(f"/equipe/?lat={CENTRE.lat}&lng={CENTRE.lng}&raio=1000").content.decode()
    assert row.protocol in page
    assert f"/equipe/chamado/{row.protocol}/" in page


def worker():
    text = Client().get("/equipe/sw.js").content.decode()
    return json.loads(re.match(r"const CONFIG = (\{.*\});\n", text)[1]), text


def test_the_worker_is_one_classic_script():
    _, text = worker()
    assert not re.search(r"^(import|export) ", text, re.MULTILINE)
    for name in ("function flush", "function keepAct", "addEventListener('fetch'"):
        assert name in text


def test_the_worker_keeps_what_the_page_needs_and_not_the_map_at_first():
    config, _ = worker()
    assert any("crew-outbox" in url for url in config["shell"])
    assert any("icons" in url for url in config["shell"])
    assert not any("maplibre" in url for url in config["shell"])
    assert any("maplibre-gl-worker" in url for url in config["map"])


def test_the_version_of_the_worker_changes_with_the_shell_and_not_with_the_hour(settings):
    before = worker()[0]["version"]
    assert worker()[0]["version"] == before
    settings.BASEMAP = "xyz:https://tiles.example/{z}/{x}/{y}.png"
    config = worker()[0]
    assert config["version"] != before
    assert config["tiles"] == "https://tiles.example/"
