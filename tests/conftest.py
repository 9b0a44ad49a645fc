"""Fixtures of every floor. The database is real; so are the server and the browser."""

import os
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connections
from django.db.models.query import QuerySet
from hypothesis import settings as hypothesis

from tests import database
from tests.server import LiveCity, live_server

# The same examples on every machine; `--hypothesis-profile=default` looks for new ones.
hypothesis.register_profile("house", deadline=None, derandomize=True)
hypothesis.load_profile("house")

# Two runs at once, or two workers of one, never share a database.
WORKER = str(os.getpid())


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Stop the tests' server when the last run on it is done; its files stay for the next one."""
    if not hasattr(session.config, "workerinput"):
        database.stop_if_unused()


@pytest.fixture(scope="session")
def template(django_db_blocker: pytest.FixtureRequest) -> Iterator[str]:
    """The name of the template database, on a server that stays up while it is in use."""
    with database.in_use(), django_db_blocker.unblock():
        yield database.ensure_template()


@pytest.fixture(scope="session")
def django_db_setup(template: str, django_db_blocker: pytest.FixtureRequest) -> Iterator[None]:
    """This worker's clone of the template; each test's changes are rolled back."""
    server = database.cluster()
    name = f"test_{WORKER}"
    with django_db_blocker.unblock():
        server.drop_database(name)
        with database.using(server.create_database(name, template)):
            yield
        server.drop_database(name)


@pytest.fixture(scope="module")
def own_database(
    request: pytest.FixtureRequest,
    template: str,
    django_db_setup: None,
    django_db_blocker: pytest.FixtureRequest,
) -> Iterator[str]:
    """A clone for one module whose tests commit, run in threads or start a server; its URL."""
    server = database.cluster()
    name = f"own_{WORKER}_{abs(hash(request.node.nodeid)) % 10**8}"
    with django_db_blocker.unblock():
        server.drop_database(name)
        url = server.create_database(name, template)
        with database.using(url):
            yield url
        server.drop_database(name)


@pytest.fixture(scope="module")
def live_city(own_database: str) -> Iterator[LiveCity]:
    """A real server (two processes) on a clone of the demo city, with staff and a few requests."""
    with live_server(own_database) as city:
        yield city


@pytest.fixture(autouse=True)
def _shuffle_unordered_querysets(monkeypatch: pytest.MonkeyPatch) -> None:
    """A list without an order comes back in another one, so that no test and no page relies on it."""
    fetch = QuerySet._fetch_all

    def shuffled(self: QuerySet) -> None:
        fresh = self._result_cache is None
        fetch(self)
        if fresh and not self.ordered and len(self._result_cache) > 1:
            random.shuffle(self._result_cache)

    monkeypatch.setattr(QuerySet, "_fetch_all", shuffled)


@pytest.fixture
def statements() -> Callable[[], object]:
    """`with statements() as seen:` collects every SQL statement, its first line of comment or text."""

    @contextmanager
    def collect() -> Iterator[list[str]]:
        seen: list[str] = []

        def note(execute, sql, params, many, context):  # type: ignore[no-untyped-def]
            seen.append(str(sql).strip())
            return execute(sql, params, many, context)

        with connections["default"].execute_wrapper(note):
            yield seen

    return collect


@pytest.fixture
def mail(settings: Any) -> Iterator[Any]:
    """A mail server on this machine that Django's mails go to."""
    from tests.factories.peers import mail_server

    with mail_server() as box:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", box.port
        settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
        yield box
