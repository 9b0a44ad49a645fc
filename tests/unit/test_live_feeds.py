"""Positions and frames of live streams, without a server."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import pytest

from geo_central.management import serving
from maps.tracking.feeds import RequestFeed, TeamFeed, position_text, read_commit, read_number
from maps.tracking.streams import ROOM_BYTES, STUCK_BEATS, Stream


def stream(sent=0, drop=lambda: None):
    return Stream(sent, drop)


def taken(of):
    """What the stream sends; on a thread of its own, since a browser may hold this one's event loop."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(lambda: asyncio.run(of.take())).result().decode()


def test_an_event_reaches_each_stream_once_whatever_is_read_again():
    feed, early, late = RequestFeed(), stream(0), stream(2)
    feed.join(7, early)
    feed.join(7, late)
    for _ in range(2):
        feed.told([(7, 1, "{}"), (7, 2, "{}"), (7, 3, "{}")])
    assert [taken(s).count("data: ") for s in (early, late)] == [3, 1]


def test_a_feed_reads_from_the_lowest_position_that_somebody_needs():
    feed = RequestFeed()
    feed.join(7, stream(5))
    feed.join(7, stream(3))
    assert feed.wanted() == ([7], [3])
    feed.notice(8)
    assert feed.wanted() == ([], [])


def test_whoever_leaves_is_forgotten():
    feed, one = RequestFeed(), stream()
    feed.join(7, one)
    feed.leave(7, one)
    assert not feed.watched
    assert not list(feed.streams())


def test_after_an_absence_everything_watched_is_read():
    feed = RequestFeed()
    for issue in (1, 2):
        feed.join(issue, stream(issue))
    feed.wanted()
    feed.all_dirty()
    assert sorted(zip(*feed.wanted(), strict=True)) == [(1, 1), (2, 2)]


def test_a_team_is_told_what_it_has_and_what_it_has_no_longer():
    feed, ours, theirs, nobodys = TeamFeed(), stream((0, 0)), stream((0, 0)), stream((0, 0))
    for teams, each in (({1}, ours), ({2}, theirs), ({3}, nobodys)):
        feed.join(frozenset(teams), each)
    feed.told([("9", 4, [2], [1], '{"new":1}', '{"gone":1}')])
    assert "event: gone\ndata: " in taken(ours)
    assert "id: 9-4\ndata: " in taken(theirs)
    assert "data: " not in taken(nobodys)


def test_a_client_that_takes_nothing_is_dropped_by_bytes_or_by_time():
    dropped = []
    greedy = stream(drop=lambda: dropped.append("bytes"))
    greedy.push(b"x" * (ROOM_BYTES + 1))
    stuck = stream(drop=lambda: dropped.append("time"))
    for _ in range(STUCK_BEATS):
        stuck.beat()
    assert dropped == ["bytes", "time"]
    assert taken(greedy) == ""


@pytest.mark.parametrize("text", ["", "-", "1", "1-", "-1", "1-x", "1-2-3", "١-٢", "1" * 30 + "-1"])
def test_what_is_no_place_in_the_order_of_commits(text):
    assert read_commit(text) is None


def test_positions_are_read_as_they_are_written():
    assert read_commit(position_text((12, 34))) == (12, 34)
    assert read_number("12") == 12
    assert read_number("-1") is None


def test_without_a_front_the_pages_are_served_alone(monkeypatch, tmp_path):
    monkeypatch.setattr(serving, "find_nginx", lambda: None)
    commands, said = serving.commands(8000, tmp_path)
    assert [c[2:] for c in commands] == [["serve", "--port", "8000"]]
    assert said == {}


def test_only_a_front_behind_another_proxy_believes_what_it_is_told():
    alone = serving.configuration(host="0.0.0.0", port=80, trust=False)
    behind = serving.configuration(host="0.0.0.0", port=80, trust=True)
    assert "X-Forwarded-For $remote_addr;" in alone
    assert "X-Forwarded-For $http_x_forwarded_for;" in behind
