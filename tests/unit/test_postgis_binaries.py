"""Which PostgreSQL the launcher takes."""

from pathlib import Path

import pytest

from geo_central.postgis import ClusterError
from geo_central.postgis.binaries import NEEDED, find_binaries, parse_major


def server(directory: Path, version: str = "") -> Path:
    """A directory that looks like a server's programs; `postgres` says the version."""
    directory.mkdir(parents=True)
    for name in NEEDED:
        program = directory / name
        program.write_text(f"#!/bin/sh\necho '{version}'\n")
        program.chmod(0o755)
    return directory


@pytest.mark.parametrize(
    ("text", "major"),
    [
        ("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)", 15),
        ("postgres (PostgreSQL) 17.2", 17),
        ("postgres (PostgreSQL) 18beta1", 18),
        ("PostgreSQL 16.4 on x86_64-pc-linux-gnu", 16),
        ("command not found", None),
        ("", None),
    ],
)
def test_the_major_is_read_from_what_postgres_says(text: str, major: int | None) -> None:
    assert parse_major(text) == major


def test_the_newest_of_debians_directories_is_taken(tmp_path: Path) -> None:
    for major in ("9.6", "13", "15", "9"):
        server(tmp_path / major / "bin")
    (tmp_path / "17" / "bin").mkdir(parents=True)  # a client alone: no server in it

    found = find_binaries(environ={}, debian_root=tmp_path)

    assert found.major == 15
    assert found.program("initdb") == str(tmp_path / "15" / "bin" / "initdb")


def test_a_server_with_postgis_goes_before_a_newer_one_without(tmp_path: Path) -> None:
    for major, extensions in ((71, ["postgis"]), (72, [])):
        server(tmp_path / str(major) / "bin")
        share = tmp_path / str(major) / "share" / "extension"
        share.mkdir(parents=True)
        for name in extensions:
            (share / f"{name}.control").touch()

    assert find_binaries(environ={}, debian_root=tmp_path).major == 71
    with pytest.raises(ClusterError) as refusal:
        find_binaries(72, environ={}, debian_root=tmp_path).require_postgis()
    assert refusal.value.code == "no_postgis"
    assert "postgresql-72-postgis-3" in refusal.value.remedy


def test_existing_data_gets_its_own_major_although_a_newer_is_installed(tmp_path: Path) -> None:
    server(tmp_path / "14" / "bin")
    server(tmp_path / "16" / "bin")

    assert find_binaries(14, environ={}, debian_root=tmp_path).major == 14


def test_data_of_a_major_that_is_not_installed_is_refused_naming_both(tmp_path: Path) -> None:
    server(tmp_path / "15" / "bin")

    with pytest.raises(ClusterError) as refusal:
        find_binaries(13, environ={}, debian_root=tmp_path)

    assert refusal.value.code == "wrong_major"
    assert "PostgreSQL 13" in refusal.value.message
    assert "PostgreSQL 15" in refusal.value.message
    assert "postgresql-13-postgis-3" in refusal.value.remedy


def test_pg_bin_is_the_only_place_looked_in_where_set(tmp_path: Path) -> None:
    server(tmp_path / "debian" / "17" / "bin")
    own = server(tmp_path / "own", "postgres (PostgreSQL) 16.1")

    found = find_binaries(environ={"PG_BIN": str(own)}, debian_root=tmp_path / "debian")
    assert (found.major, found.directory) == (16, own)

    with pytest.raises(ClusterError) as refusal:
        find_binaries(environ={"PG_BIN": str(tmp_path)}, debian_root=tmp_path / "debian")
    assert refusal.value.code == "pg_bin_wrong"


def test_a_server_on_the_path_is_found(tmp_path: Path) -> None:
    own = server(tmp_path / "own", "postgres (PostgreSQL) 16.1")

    assert find_binaries(environ={"PATH": f"/nowhere:{own}"}, debian_root=tmp_path / "none").major == 16


def test_no_server_at_all_is_said_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ClusterError) as refusal:
        find_binaries(environ={"PATH": ""}, debian_root=tmp_path)

    assert refusal.value.code == "no_server"
    assert "system-packages.sh" in str(refusal.value)
