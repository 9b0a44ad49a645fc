"""Publishing under the eyes of readers and of others who publish. These tests commit."""

import threading

import pytest
from django.db import connections

from layers import operations
from layers.models import LayerVersion
from layers.queries import place_at
from tests.geo.grid import NOON, Grid, layer_from, point

pytestmark = pytest.mark.usefixtures("own_database")

GRID = Grid("""
    A-----B
    |  p  |
    D-----C
""")


def in_thread(work, errors):
    def run():
        try:
            work()
        except Exception as error:  # noqa: BLE001 - shown by the test's assertion
            errors.append(error)
        finally:
            connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def test_a_reader_sees_the_old_or_the_new_and_never_neither():
    layer_from(GRID, {"v0": "ABCD"}, slug="watched")
    drafts = [layer_from(GRID, {f"v{n}": "ABCD"}, slug="watched", publish=False) for n in range(1, 9)]
    seen, errors, stop = [], [], threading.Event()

    def read():
        while not stop.is_set():
            area = place_at(point(GRID, "p")).area("watched")
            seen.append(area.code if area else "none")

    reader = in_thread(read, errors)
    while not seen and not errors:
        pass
    for draft in drafts:
        operations.publish(draft.pk, NOON)
    stop.set()
    reader.join()
    assert errors == []
    assert "none" not in seen
    assert seen == sorted(seen)
    assert place_at(point(GRID, "p")).area("watched").code == "v8"


def test_of_many_who_publish_at_once_one_version_stays_active():
    layer_from(GRID, {"v0": "ABCD"}, slug="raced")
    drafts = [layer_from(GRID, {f"v{n}": "ABCD"}, slug="raced", publish=False) for n in range(1, 5)]
    errors = []
    threads = [in_thread(lambda pk=d.pk: operations.publish(pk, NOON), errors) for d in drafts]
    for thread in threads:
        thread.join()
    assert errors == []
    assert LayerVersion.objects.filter(layer__slug="raced", state="active").count() == 1


def test_two_who_publish_the_same_version_get_one_conflict():
    draft = layer_from(GRID, {"v0": "ABCD"}, slug="same", publish=False)
    errors = []
    threads = [in_thread(lambda: operations.publish(draft.pk, NOON), errors) for _ in range(2)]
    for thread in threads:
        thread.join()
    assert [e.code for e in errors] == ["layer.already_published"]
