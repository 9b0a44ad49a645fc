"""What the launcher remembers, writes and says, without a server."""

import os
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from geo_central.postgis import Cluster, ClusterError
from geo_central.postgis.__main__ import main
from geo_central.postgis.account import Account
from geo_central.postgis.configuration import configuration
from geo_central.postgis.databases import checked_name
from geo_central.postgis.files import remove
from geo_central.postgis.postmaster import find_postmaster
from geo_central.postgis.state import State, locked, read_state, write_state

MYSELF = Account("me", os.geteuid(), os.getegid(), switch=False)


def made(base: Path, **fields: object) -> State:
    """The state of a cluster that has been started once."""
    state = State("durable", port=23456, socket_directory="/srv/deep dir/a&b/socket").but(**fields)
    write_state(base / "state.json", state, MYSELF)
    return state


def test_the_url_is_read_back_by_the_standard_library(tmp_path: Path) -> None:
    state = made(tmp_path)

    parts = urlsplit(Cluster(tmp_path).url("other"))

    assert (parts.scheme, parts.username, parts.hostname, parts.path) == (
        "postgresql",
        "geo_central",
        None,
        "/other",
    )
    assert parts.password == state.password
    assert parse_qs(parts.query) == {"host": ["/srv/deep dir/a&b/socket"], "port": ["23456"]}


def test_the_url_by_tcp_names_this_machine_and_the_port(tmp_path: Path) -> None:
    made(tmp_path)

    parts = urlsplit(Cluster(tmp_path).url(tcp=True))

    assert (parts.hostname, parts.port, parts.path) == ("127.0.0.1", 23456, "/geo_central")


@pytest.mark.parametrize("state", [None, State("durable")])
def test_there_is_no_url_before_the_first_start(tmp_path: Path, state: State | None) -> None:
    if state is not None:
        write_state(tmp_path / "state.json", state, MYSELF)

    with pytest.raises(ClusterError) as refusal:
        Cluster(tmp_path).url()

    assert refusal.value.code == "not_made"


def test_the_state_is_for_its_owner_alone_and_shows_no_password(tmp_path: Path) -> None:
    state = made(tmp_path)

    assert (tmp_path / "state.json").stat().st_mode & 0o777 == 0o600
    assert read_state(tmp_path / "state.json") == state
    assert state.password not in repr(state)
    assert State("durable").password != state.password


def test_a_broken_state_is_said_not_guessed(tmp_path: Path) -> None:
    (tmp_path / "state.json").write_text('{"profile": "durable", "colour": 1}')

    with pytest.raises(ClusterError) as refusal:
        Cluster(tmp_path).status()

    assert refusal.value.code == "state_broken"


def test_the_lock_is_one_holders_at_a_time(tmp_path: Path) -> None:
    with (
        locked(tmp_path / "lock"),
        pytest.raises(ClusterError) as refusal,
        locked(tmp_path / "lock", timeout=0.1),
    ):
        pass

    assert refusal.value.code == "busy"
    with locked(tmp_path / "lock", timeout=0.1):
        pass


@pytest.mark.parametrize("name", ["geo_central", "test_gw0", "_x", "a" * 63])
def test_plain_names_are_taken(name: str) -> None:
    assert checked_name(name) == name


@pytest.mark.parametrize("name", ["", "Geo", "1st", "a-b", 'a"; DROP DATABASE x; --', "a" * 64, "ção", "a\n"])
def test_names_that_would_need_quoting_are_refused(name: str) -> None:
    with pytest.raises(ClusterError) as refusal:
        checked_name(name)

    assert refusal.value.code == "bad_name"


def test_memory_is_shared_out_between_floor_and_ceiling() -> None:
    def buffers(memory: int, profile: str = "durable") -> str:
        text = settings(profile=profile, memory=memory)
        return text["shared_buffers"]

    assert buffers(512) == "'128MB'"
    assert buffers(8192) == "'1024MB'"
    assert buffers(262144) == "'2048MB'"
    assert buffers(8192, "test") == "'256MB'"


def test_only_the_test_profile_gives_up_durability() -> None:
    assert settings(profile="durable")["fsync"] == "'on'"
    assert settings(profile="durable")["synchronous_commit"] == "'on'"
    assert settings(profile="test")["fsync"] == "'off'"


def test_statements_of_citizens_are_kept_out_of_the_log() -> None:
    durable = settings(profile="durable")

    assert durable["log_min_error_statement"] == "'panic'"
    assert durable["log_error_verbosity"] == "'terse'"


def test_statement_statistics_are_loaded_only_where_they_are_installed() -> None:
    assert "shared_preload_libraries" in settings(statement_statistics=True)
    assert "shared_preload_libraries" not in settings(statement_statistics=False)


def settings(
    *, profile: str = "durable", memory: int = 4096, statement_statistics: bool = True
) -> dict[str, str]:
    """The configuration file, read back."""
    text = configuration(
        profile=profile,
        port=1,
        socket_directory=Path("/srv/it's, here"),
        memory=memory,
        statement_statistics=statement_statistics,
    )
    return dict(line.split(" = ", 1) for line in text.splitlines() if not line.startswith("#"))


def test_a_path_with_a_quote_and_a_comma_stays_one_directory() -> None:
    assert settings()["unix_socket_directories"] == "'\"/srv/it''s, here\"'"


def test_a_pid_file_naming_another_program_is_no_server(tmp_path: Path) -> None:
    (tmp_path / "postmaster.pid").write_text(f"{os.getpid()}\n{tmp_path}\n")

    assert find_postmaster(tmp_path) is None


@pytest.mark.parametrize("text", ["", "nonsense\n", "4194303\n"])
def test_an_empty_or_stale_pid_file_is_no_server(tmp_path: Path, text: str) -> None:
    (tmp_path / "postmaster.pid").write_text(text)

    assert find_postmaster(tmp_path) is None


def test_removal_takes_only_what_is_the_clusters(tmp_path: Path) -> None:
    made(tmp_path)
    (tmp_path / "thesis.odt").touch()
    (tmp_path / "data").mkdir()  # no PG_VERSION in it: somebody else's
    (tmp_path / "data" / "survey.csv").touch()

    assert remove(tmp_path) == [tmp_path / "state.json"]

    assert (tmp_path / "thesis.odt").exists()
    assert (tmp_path / "data" / "survey.csv").exists()


def test_the_command_line_words_a_failure_and_exits_with_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["url", "--data", str(tmp_path)]) == 1

    said = capsys.readouterr()
    assert said.out == ""
    assert "There is no database" in said.err
    assert "What to do: start it first" in said.err
    assert "Traceback" not in said.err


def test_nothing_is_made_by_asking(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    base = tmp_path / "var" / "postgis"

    assert main(["status", "--data", str(base)]) == 3
    assert main(["stop", "--data", str(base)]) == 0
    assert main(["destroy", "--data", str(base)]) == 0

    assert "absent" in capsys.readouterr().out
    assert not base.parent.exists()
