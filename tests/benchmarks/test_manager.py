"""The manager's first page and its lists over a million requests."""

from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore

from issues.teams.models import User
from tests.benchmarks import load
from tests.benchmarks.conftest import Report
from tests.server import LiveCity


def _session(username: str) -> str:
    user = User.objects.get(username=username)
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    return f"sessionid={session.session_key}"


def test_the_managers_page(million_city: LiveCity, report: Report) -> None:
    address = urlsplit(million_city.url)
    host = f"{address.hostname}:{address.port}"
    where = (str(address.hostname), int(address.port or 80))
    cookie = _session("gestora")
    floor = load.run(where, [[load.get("/saude/", host, cookie)] * 100])
    home = [load.get("/gestao/", host, cookie)]
    lists = [load.get(f"/gestao/chamados/?o_que={what}", host, cookie) for what in ("overdue", "open")]
    load.run(where, [home * 3 + lists * 3])
    seen = load.run(where, [home * 30])
    listed = load.run(where, [lists * 20])
    assert seen.statuses == listed.statuses == {200}
    report("manager.page", seen.p95, "ms", target=150, floor=floor.p95)
    report("manager.list", listed.p95, "ms", target=150, floor=floor.p95)
