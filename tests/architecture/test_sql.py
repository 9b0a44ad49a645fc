"""Named queries: each has one purpose, says it, and is used."""

import re
from pathlib import PurePosixPath

import pytest

from tests.architecture.files import PACKAGES, files, text

SQL = files(".sql", under=PACKAGES)


@pytest.mark.parametrize("name", SQL)
def test_a_query_begins_with_what_it_is_for(name):
    first = text(name).splitlines()[0]
    assert re.match(r"-- \S.{10,}", first), first


@pytest.mark.parametrize("name", SQL)
def test_a_query_lives_beside_its_caller_and_is_used(name):
    path = PurePosixPath(name)
    assert path.parent.name == "sql"
    room = str(path.parent.parent)
    callers = [n for n in files(".py", under=PACKAGES) if str(PurePosixPath(n).parent) == room]
    used = re.compile(rf"""Query\(\s*__file__,\s*["']{path.stem}["']|["']{path.stem}(\.sql)?["']""")
    assert [n for n in callers if used.search(text(n))], f"nobody in {room} uses it"


@pytest.mark.parametrize("name", [n for n in files(".py", under=PACKAGES) if not n.endswith("kernel/sql.py")])
def test_a_named_query_exists(name):
    room = PurePosixPath(name).parent
    for query in re.findall(r"""Query\(\s*__file__,\s*["'](\w+)["']""", text(name)):
        assert f"{room}/sql/{query}.sql" in SQL


@pytest.mark.parametrize("name", SQL)
def test_metres_are_never_degrees_times_a_number(name):
    assert not re.search(r"111[_.]?[0-9]{2,3}|\* *111\b", text(name))


@pytest.mark.parametrize("name", SQL)
def test_the_metric_reference_system_is_a_setting(name):
    assert not re.search(r"\b(31982|32722|29192|3857)\b", re.sub(r"ST_TileEnvelope.*|3857", "", text(name)))


@pytest.mark.parametrize("name", [n for n in SQL if n.startswith("maps/")])
def test_maps_only_read(name):
    body = re.sub(r"--.*", "", text(name))
    assert not re.search(r"\b(INSERT|UPDATE|DELETE|TRUNCATE)\b[^;]*\b(issues|layers)_", body, re.IGNORECASE)


def test_public_queries_list_their_columns():
    for name in ("public_issue", "public_list"):
        body = text(f"issues/lifecycle/sql/{name}.sql")
        head = body.split("\n  FROM")[0]
        assert "*" not in head.replace("count(*)", "")
