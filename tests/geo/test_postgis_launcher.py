"""The launcher with a real server: its whole life, and what it survives."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from geo_central.postgis import Cluster, ClusterError

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    made = Cluster(tmp_path_factory.mktemp("launcher") / "postgis", profile="test")
    made.start()
    yield made
    made.destroy()


@pytest.fixture(scope="module")
def durable(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    made = Cluster(tmp_path_factory.mktemp("durable") / "postgis")
    yield made
    made.destroy()


def ask(url: str, sql: str) -> object:
    with psycopg.connect(url, autocommit=True) as connection:
        answer = connection.execute(sql)
        return answer.fetchone()[0] if answer.description else None


def alive(pid: int) -> bool:
    """Whether a process runs; one that has died and waits for its parent has no command line any more."""
    try:
        return bool(Path(f"/proc/{pid}/cmdline").read_bytes())
    except FileNotFoundError:
        return False


def test_a_started_cluster_has_postgis_and_a_role_without_power(cluster: Cluster) -> None:
    url = cluster.start()

    assert ask(url, "SELECT ST_AsText(ST_MakePoint(1, 2)::geometry)") == "POINT(1 2)"
    assert ask(url, "SELECT current_user::text") == "geo_central"
    assert ask(url, "SELECT NOT rolsuper FROM pg_roles WHERE rolname = current_user") is True
    assert ask(cluster.url(tcp=True), "SELECT unaccent('ação')") == "acao"


def test_the_second_start_is_quick_and_starts_nothing(cluster: Cluster) -> None:
    before = cluster.status().pid

    began = time.monotonic()
    cluster.start()
    took = time.monotonic() - began

    assert took < 0.2
    assert cluster.status().pid == before


def test_the_password_is_asked_on_the_socket_and_on_the_port(cluster: Cluster) -> None:
    password = json.loads((cluster.base / "state.json").read_text())["password"]
    for url in (cluster.url(), cluster.url(tcp=True)):
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(url.replace(password, "guess"))


def test_databases_are_made_copied_and_dropped(cluster: Cluster) -> None:
    url = cluster.create_database("drawn")
    ask(url, "CREATE TABLE kept AS SELECT ST_MakePoint(1, 2) AS at")
    copy = cluster.create_database("copied", template="drawn")
    assert ask(copy, "SELECT ST_X(at) FROM kept") == 1
    with pytest.raises(ClusterError) as refusal:
        cluster.create_database("copied")
    assert refusal.value.code == "database_exists"

    with psycopg.connect(copy):  # a forgotten connection doesn't keep it alive
        cluster.drop_database("copied")
    cluster.drop_database("copied")
    cluster.drop_database("drawn")
    assert ask(cluster.url(), "SELECT count(*) FROM pg_database WHERE datname IN ('drawn', 'copied')") == 0


def test_the_role_of_the_test_profile_makes_databases_with_postgis_itself(cluster: Cluster) -> None:
    ask(cluster.url(), "CREATE DATABASE own")
    assert ask(cluster.url("own"), "SELECT ST_SRID(ST_SetSRID(ST_MakePoint(1, 2), 4326))") == 4326
    cluster.drop_database("own")


def test_the_durable_profile_keeps_what_was_committed_when_its_server_is_killed(durable: Cluster) -> None:
    url = durable.start()
    ask(url, "CREATE TABLE pins AS SELECT generate_series(1, 500) AS id")
    pid = durable.status().pid
    # A query that is running holds the dead server's memory until it's ended.
    busy = psycopg.connect(url, autocommit=True)
    busy.pgconn.send_query(b"SELECT count(*) FROM generate_series(1, 1000000000)")
    os.kill(pid, signal.SIGKILL)
    while alive(pid):
        time.sleep(0.01)

    assert ask(durable.start(), "SELECT count(*) FROM pins") == 500

    assert durable.status().pid != pid
    busy.pgconn.finish()


def test_the_durable_profile_lets_the_role_make_no_database(durable: Cluster) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        ask(durable.start(), "CREATE DATABASE own")

    assert ask(durable.start(), "SHOW fsync") == "on"


def test_a_lost_socket_brings_the_server_back(cluster: Cluster) -> None:
    cluster.start()
    shutil.rmtree(cluster.status().socket_directory)

    assert ask(cluster.start(), "SELECT 1") == 1


def test_a_taken_port_is_exchanged_for_a_free_one(cluster: Cluster) -> None:
    cluster.start()
    cluster.stop()
    before = cluster.status().port
    with socket.socket() as squatter:
        squatter.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        squatter.bind(("127.0.0.1", before))
        squatter.listen()
        url = cluster.start()

    assert cluster.status().port != before
    assert ask(url, "SELECT 1") == 1
    assert ask(cluster.url(tcp=True), "SELECT 1") == 1


def test_stop_leaves_a_clean_cluster(cluster: Cluster) -> None:
    cluster.start()

    assert cluster.stop() is True

    assert cluster.status().condition == "stopped"
    assert not (cluster.base / "data" / "postmaster.pid").exists()
    assert any("database system is shut down" in line for line in cluster.log())
    assert cluster.stop() is False
    with pytest.raises(ClusterError) as refusal:
        cluster.create_database("late")
    assert refusal.value.code == "not_running"


def test_files_of_another_major_are_refused_and_left_alone(cluster: Cluster, tmp_path: Path) -> None:
    cluster.stop()
    copy = tmp_path / "postgis"
    shutil.copytree(cluster.base, copy, symlinks=False)
    (copy / "data" / "PG_VERSION").write_text("9\n")
    before = sorted((path, path.lstat().st_mtime_ns) for path in (copy / "data").rglob("*"))

    with pytest.raises(ClusterError) as refusal:
        Cluster(copy).start()

    assert refusal.value.code == "wrong_major"
    assert "PostgreSQL 9" in refusal.value.message
    assert sorted((path, path.lstat().st_mtime_ns) for path in (copy / "data").rglob("*")) == before


def test_a_cluster_keeps_its_profile(cluster: Cluster) -> None:
    with pytest.raises(ClusterError) as refusal:
        Cluster(cluster.base, profile="durable").start()

    assert refusal.value.code == "other_profile"


def test_two_at_once_make_one_cluster_and_destroy_leaves_nothing(tmp_path: Path) -> None:
    base = tmp_path / "var" / "postgis"
    command = [sys.executable, "-m", "geo_central.postgis", "start", "--profile", "test", "--data", str(base)]
    both = [
        subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE) for _ in range(2)
    ]
    outputs = [process.communicate() for process in both]
    cluster = Cluster(base)
    try:
        assert [process.returncode for process in both] == [0, 0], outputs
        found = cluster.status()
        assert found.running
        password = json.loads((base / "state.json").read_text())["password"]
        assert not any(password in text.decode() for output in outputs for text in output)
        files = Path(os.path.realpath(base / "data"))
    finally:
        cluster.destroy()

    assert not base.exists()
    assert not files.exists()
    assert not found.socket_directory.exists()
    assert not alive(found.pid)
