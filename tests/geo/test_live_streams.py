"""Live streams over HTTP: who hears what, in which order, and what happens when things break."""

import itertools
import socket
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from importlib import import_module
from urllib.parse import urlsplit

import psycopg
import pytest
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.db import connection

from issues.teams.models import Membership, Team, User
from tests.factories.reports import issue
from tests.live import reading, wait, write
from tests.server import live_streams

LISTENER = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE application_name = 'geo-central-listen' AND datname = current_database()"
)

_UNUSED = itertools.count()


@pytest.fixture(scope="module")
def streams(own_database: str) -> Iterator[str]:
    """The streams' process on a database of this module."""
    with live_streams(own_database) as (url, _):
        yield url


@pytest.fixture
def team(own_database: str) -> Team:
    """A team of this test's own: a stream that opens may be told what was committed just before it,
    for as long as some transaction anywhere in the cluster is older, and that must not be another test's."""
    return Team.objects.order_by("slug")[next(_UNUSED)]


@pytest.fixture
def other(own_database: str) -> Team:
    return Team.objects.order_by("slug")[next(_UNUSED)]


def member(*teams: Team, role: str = "crew") -> tuple[User, str]:
    """Somebody of these teams who has signed in; their cookie."""
    user = User.objects.create_user(f"u{time.monotonic_ns()}", role=role)
    Membership.objects.bulk_create(Membership(user=user, team=t) for t in teams)
    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    return user, f"{settings.SESSION_COOKIE_NAME}={session.session_key}"


def status(url: str, cookie: str = "") -> int:
    request = urllib.request.Request(url, headers={"Cookie": cookie} if cookie else {})
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


def test_a_link_hears_its_public_events_and_no_others(streams: str, own_database: str, team: Team) -> None:
    mine, foreign = issue(team), issue(team)
    with reading(streams, f"/fluxo/s/{mine.token}") as reader:
        write(own_database, foreign.pk, "noted")
        write(own_database, mine.pk, "internal_note", public=False)
        write(own_database, mine.pk, "started", note="Equipe no local")
        wait(lambda: "started" in reader.codes())
        assert reader.codes() == ["started"]
        assert reader.messages[0].data["data"] == {"note": "Equipe no local"}
        assert "retry: " in reader.raw
        assert "text/event-stream" in reader.raw


def test_whoever_follows_hears_the_same(streams: str, own_database: str, team: Team) -> None:
    row = issue(team)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO issues_follow (issue_id, client_id, token, created_at)"
            " VALUES (%s, gen_random_uuid(), 'follower-of-the-request', now())",
            [row.pk],
        )
    with reading(streams, "/fluxo/s/follower-of-the-request") as reader:
        write(own_database, row.pk, "resolved")
        wait(lambda: reader.codes() == ["resolved"])


def test_a_position_skips_what_was_seen(streams: str, own_database: str, team: Team) -> None:
    row = issue(team)
    first = write(own_database, row.pk, "first")
    write(own_database, row.pk, "second")
    with reading(streams, f"/fluxo/s/{row.token}?after={first}") as reader:
        wait(lambda: reader.codes())
        assert reader.codes() == ["second"]


def test_nothing_is_lost_or_doubled_by_a_client_that_keeps_losing_its_connection(
    streams: str, own_database: str, team: Team
) -> None:
    row = issue(team)
    with reading(streams, f"/fluxo/s/{row.token}") as reader:
        written = []
        for n in range(60):
            written.append(str(write(own_database, row.pk, f"note_{n}")))
            if n % 20 == 10:
                reader.cut()
        wait(lambda: len(reader.numbers()) >= 60)
        assert reader.numbers() == written
        assert reader.connections > 1


def test_nothing_is_lost_when_the_listening_connection_is_killed(
    streams: str, own_database: str, team: Team
) -> None:
    row = issue(team)
    with reading(streams, f"/fluxo/s/{row.token}") as reader:
        written = []
        for n in range(90):
            written.append(str(write(own_database, row.pk, f"note_{n}")))
            if n % 30 == 10:
                with psycopg.connect(own_database, autocommit=True) as link:
                    link.execute(LISTENER)
        wait(lambda: len(reader.numbers()) >= 90)
        assert reader.numbers() == written
        assert reader.connections == 1


def test_an_unknown_link_is_not_found_and_a_bad_position_is_refused(
    streams: str, own_database: str, team: Team
) -> None:
    assert status(f"{streams}/fluxo/s/nobody-has-this-token") == 404
    assert status(f"{streams}/fluxo/s/x") == 404
    assert status(f"{streams}/fluxo/nada") == 404
    assert status(f"{streams}/fluxo/s/{issue(team).token}?after=x") == 400


def test_a_team_hears_what_happens_to_its_requests(
    streams: str, own_database: str, team: Team, other: Team
) -> None:
    _, cookie = member(team)
    with reading(streams, f"/fluxo/equipe/{team.slug}", cookie=cookie) as reader:
        wait(lambda: reader.connections)
        ours, theirs = issue(team), issue(other)
        write(own_database, theirs.pk, "noted")
        write(own_database, ours.pk, "internal_note", public=False)
        wait(lambda: reader.codes())
        (told,) = reader.messages
        assert told.data["protocol"] == ours.protocol
        assert told.data["code"] == "internal_note"
        assert told.data["team"] == team.slug
        assert "data" not in told.data


def test_what_is_routed_away_is_told_as_gone_to_one_team_and_as_new_to_the_other(
    streams: str, own_database: str, team: Team, other: Team
) -> None:
    row = issue(team)
    write(own_database, row.pk, "assigned", team=team.slug)
    (_, left), (_, right) = member(team), member(other)
    with (
        reading(streams, f"/fluxo/equipe/{team.slug}", cookie=left) as old,
        reading(streams, f"/fluxo/equipe/{other.slug}", cookie=right) as new,
    ):
        wait(lambda: old.connections and new.connections)
        type(row).objects.filter(pk=row.pk).update(team=other)
        write(own_database, row.pk, "reassigned", team=other.slug)
        write(own_database, row.pk, "noted")
        wait(lambda: new.codes() == ["reassigned", "noted"])
        wait(lambda: old.messages)
        assert [(m.event, m.data["protocol"]) for m in old.messages] == [("gone", row.protocol)]


def test_a_team_misses_nothing_that_a_slower_transaction_commits_late(
    streams: str, own_database: str, team: Team
) -> None:
    """The one that began first commits last: by number alone its event would lie behind the reader."""
    early, late = issue(team), issue(team)
    _, cookie = member(team)
    with (
        reading(streams, f"/fluxo/equipe/{team.slug}", cookie=cookie) as reader,
        psycopg.connect(own_database) as slow,
    ):
        wait(lambda: reader.connections)
        slow.execute(
            "INSERT INTO issues_event (issue_id, code, at, recorded_at, is_public, data, by, note)"
            " VALUES (%s, 'slow', now(), now(), true, '{}', '', '')",
            [early.pk],
        )
        write(own_database, late.pk, "quick")
        time.sleep(0.3)
        assert reader.codes() == []  # it waits its turn
        slow.execute("SELECT pg_notify('issue_events', %s)", [str(early.pk)])
        slow.commit()
        wait(lambda: len(reader.codes()) == 2)
        assert reader.codes() == ["slow", "quick"]


def test_a_team_that_comes_back_reads_on_in_the_order_of_commits(
    streams: str, own_database: str, team: Team
) -> None:
    rows = [issue(team) for _ in range(3)]
    _, cookie = member(team)
    with reading(streams, f"/fluxo/equipe/{team.slug}", cookie=cookie) as reader:
        wait(lambda: reader.connections)
        threads = [
            threading.Thread(target=lambda r=row: [write(own_database, r.pk, f"n{n}") for n in range(20)])
            for row in rows
        ]
        for thread in threads:
            thread.start()
        for _ in range(3):
            time.sleep(0.05)
            reader.cut()
        for thread in threads:
            thread.join()
        wait(lambda: len(reader.codes()) >= 60)
        assert len(set(reader.numbers())) == len(reader.numbers()) == 60
        for row in rows:
            mine = [m.data["code"] for m in reader.messages if m.data["protocol"] == row.protocol]
            assert mine == [f"n{n}" for n in range(20)]


def test_only_members_hear_a_team(streams: str, own_database: str, team: Team, other: Team) -> None:
    user, cookie = member(other)
    assert status(f"{streams}/fluxo/equipe/{team.slug}") == 403
    assert status(f"{streams}/fluxo/equipe/{team.slug}", "sessionid=made-up") == 403
    assert status(f"{streams}/fluxo/equipe/{team.slug}", cookie) == 403
    user.set_password("another-password-for-this-one")
    user.save()  # which ends the sessions that were open
    assert status(f"{streams}/fluxo/equipe/{other.slug}", cookie) == 403


def test_a_manager_hears_every_team(streams: str, own_database: str, team: Team, other: Team) -> None:
    _, cookie = member(role="manager")
    with reading(streams, "/fluxo/equipe/", cookie=cookie) as reader:
        wait(lambda: reader.connections)
        rows = [issue(team), issue(other)]
        for row in rows:
            write(own_database, row.pk)
        wait(lambda: {row.protocol for row in rows} <= {m.data.get("protocol") for m in reader.messages})


def test_somebody_who_left_the_team_is_cut_off(streams: str, own_database: str, team: Team) -> None:
    user, cookie = member(team)
    with reading(streams, f"/fluxo/equipe/{team.slug}", cookie=cookie, comes_back=False) as reader:
        wait(lambda: reader.connections)
        user.membership_set.all().delete()
        wait(lambda: reader.messages, 25)
        assert (reader.messages[0].event, reader.messages[0].data) == (
            "closed",
            {"reason": "auth.not_allowed"},
        )


def test_an_idle_stream_shows_signs_of_life(streams: str, own_database: str, team: Team) -> None:
    with reading(streams, f"/fluxo/s/{issue(team).token}") as reader:
        wait(lambda: "\n:\n" in reader.raw, 25)


def test_one_address_opens_only_so_many(own_database: str, team: Team) -> None:
    row = issue(team)
    with live_streams(own_database, RATE_LIMIT_FACTOR="0.02") as (url, _):
        path = f"/fluxo/s/{row.token}"
        with reading(url, path) as one, reading(url, path) as two:
            wait(lambda: one.connections and two.connections)
            assert status(f"{url}{path}") == 429


def test_a_client_that_takes_nothing_is_let_go_and_costs_the_others_nothing(
    streams: str, own_database: str, team: Team
) -> None:
    row = issue(team)
    where = urlsplit(streams)
    with socket.socket() as lazy, reading(streams, f"/fluxo/s/{row.token}") as keen:
        lazy.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        lazy.connect((where.hostname, where.port))
        lazy.sendall(f"GET /fluxo/s/{row.token} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        for _ in range(40):
            write(own_database, row.pk, "noted", note="x" * 300_000)
        wait(lambda: len(keen.codes()) == 40)
        opened = lambda: int(urllib.request.urlopen(f"{streams}/fluxo/saude").read().split()[1])  # noqa: E731
        wait(lambda: opened() == 1)


def test_a_stopping_server_says_goodbye_and_its_clients_go_on_at_the_next(
    own_database: str, team: Team
) -> None:
    row = issue(team)
    with live_streams(own_database) as (url, process):
        with reading(url, f"/fluxo/s/{row.token}", comes_back=False) as reader:
            write(own_database, row.pk, "before")
            wait(lambda: reader.codes() == ["before"])
            began = time.monotonic()
            process.terminate()
            assert process.wait(10) == 0
            assert time.monotonic() - began < 4
        position = reader.position
    write(own_database, row.pk, "between")
    with (
        live_streams(own_database) as (url, _),
        reading(url, f"/fluxo/s/{row.token}", position=position) as again,
    ):
        wait(lambda: again.codes() == ["between"])
