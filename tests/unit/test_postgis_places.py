"""Where the launcher puts sockets and ports."""

import os
import socket
from pathlib import Path

import pytest

from geo_central.postgis import ClusterError
from geo_central.postgis.account import Account
from geo_central.postgis.places import (
    FIRST_PORT,
    PORT_SPAN,
    SOCKET_PATH_LIMIT,
    answers,
    choose_port,
    path_key,
    port_is_free,
    prepare_socket_directory,
    socket_directory,
    socket_file,
)

MYSELF = Account("me", os.geteuid(), os.getegid(), switch=False)


def test_the_socket_lives_with_the_cluster_where_the_path_is_short() -> None:
    assert socket_directory(Path("/srv/geo/var/postgis")) == Path("/srv/geo/var/postgis/socket")


@pytest.mark.parametrize("length", range(60, 130))
def test_no_socket_path_is_longer_than_the_kernel_takes(length: int) -> None:
    base = Path("/" + "d" * (length - 1))

    chosen = socket_directory(base)

    assert len(str(socket_file(chosen, 65535))) <= SOCKET_PATH_LIMIT
    fits = len(str(socket_file(base / "socket", 65535))) <= SOCKET_PATH_LIMIT
    assert (chosen == base / "socket") == fits


def test_the_limit_counts_bytes_not_letters() -> None:
    base = Path("/" + "ção" * 20)  # 60 letters, 100 bytes

    assert socket_directory(base).parent == Path("/tmp")


def test_a_directory_the_server_cannot_enter_gets_a_short_one_of_its_own(tmp_path: Path) -> None:
    one, other = Path("/closed/a/var/postgis"), Path("/closed/b/var/postgis")

    chosen = socket_directory(one, reachable=False, short_root=tmp_path)

    assert chosen.parent == tmp_path
    assert chosen == socket_directory(one, reachable=False, short_root=tmp_path)
    assert chosen != socket_directory(other, reachable=False, short_root=tmp_path)


def test_the_sockets_directory_is_closed_to_others(tmp_path: Path) -> None:
    chosen = tmp_path / "socket"
    chosen.mkdir(mode=0o777)

    prepare_socket_directory(chosen, MYSELF)

    assert chosen.stat().st_mode & 0o777 == 0o700


def test_a_planted_link_is_refused(tmp_path: Path) -> None:
    (tmp_path / "theirs").mkdir()
    (tmp_path / "socket").symlink_to(tmp_path / "theirs")

    with pytest.raises(ClusterError) as refusal:
        prepare_socket_directory(tmp_path / "socket", MYSELF)

    assert refusal.value.code == "socket_directory_taken"


def test_the_kept_port_stays_while_it_is_free() -> None:
    assert choose_port("ab", 23456, is_free=lambda port: True) == 23456


def test_a_busy_port_gives_way_to_another() -> None:
    chosen = choose_port("ab", 23456, is_free=lambda port: port != 23456)

    assert chosen != 23456
    assert FIRST_PORT <= chosen < FIRST_PORT + PORT_SPAN


def test_the_search_goes_round_the_end_of_the_range() -> None:
    last = f"{PORT_SPAN - 1:x}"

    assert choose_port(last, is_free=lambda port: port == FIRST_PORT + 3) == FIRST_PORT + 3


def test_no_free_port_is_said() -> None:
    with pytest.raises(ClusterError) as refusal:
        choose_port("ab", is_free=lambda port: False)

    assert refusal.value.code == "no_port"


def test_a_port_somebody_listens_on_is_not_free() -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        assert not port_is_free(listener.getsockname()[1])


def test_a_socket_nobody_listens_on_does_not_answer(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as left_behind:
        left_behind.bind(str(socket_file(tmp_path, 1)))

    assert not answers(tmp_path, 1)
    assert not answers(tmp_path, 2)


def test_a_place_keeps_its_key(tmp_path: Path) -> None:
    assert path_key(tmp_path) == path_key(tmp_path / "x" / "..")
    assert path_key(tmp_path) != path_key(tmp_path / "x")
