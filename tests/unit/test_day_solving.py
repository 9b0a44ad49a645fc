"""In which order a crew does its work: few metres, what matters first, never more than a day holds."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from issues.crew.day.solving import SPEED_KMH, Job, Shift, nearest_first, solve, weight

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
HOUR = 3600
DAY = 8 * HOUR


def along(*metres):
    """Places along one street, by where they stand on it."""
    at = np.array(metres, dtype=float)
    return np.abs(at[:, None] - at[None, :])


def jobs(*places, minutes=10, **more):
    return [Job(id=100 + p, place=p, seconds=minutes * 60, **more) for p in places]


def order(solution, number=0):
    return [s.job - 100 for s in solution.rounds[number].stops]


def test_a_crew_amid_its_work_does_the_short_side_first():
    """Going to the nearest stop each time would go back and forth."""
    metres = along(0, -1000, 1100, -4000, 1200)
    plan = solve(jobs(1, 2, 3, 4), [Shift(7, 0, 0, DAY)], metres)
    assert (set(order(plan)[:2]), order(plan)[2:]) == ({2, 4}, [1, 3])
    greedy = nearest_first(jobs(1, 2, 3, 4), [Shift(7, 0, 0, DAY)], metres)
    assert order(greedy) == [1, 2, 4, 3]
    assert plan.metres == 6400 < greedy.metres == 8400


def test_arrivals_count_the_way_and_the_work_before():
    plan = solve(jobs(1, 2, minutes=30), [Shift(7, 0, 0, DAY)], along(0, 1000, 3000))
    first, second = plan.rounds[0].stops
    drive = 1000 / (SPEED_KMH / 3.6)
    assert first.arrives == pytest.approx(drive, abs=2)
    assert first.leaves == first.arrives + 1800
    assert second.arrives == pytest.approx(first.leaves + 2 * drive, abs=2)
    assert [first.metres, second.metres] == [1000, 2000]


def test_crews_share_the_work_by_where_they_stand():
    metres = along(0, 10_000, 200, 9_800, 400, 9_600)
    plan = solve(jobs(2, 3, 4, 5), [Shift(7, 0, 0, DAY), Shift(8, 1, 0, DAY)], metres)
    assert [order(plan, 0), order(plan, 1)] == [[2, 4], [3, 5]]


def test_what_does_not_fit_into_the_day_is_left_and_it_is_what_matters_least():
    light, heavy = jobs(1, minutes=60, weight=5)[0], jobs(2, minutes=60, weight=90)[0]
    plan = solve([light, heavy], [Shift(7, 0, 0, 75 * 60)], along(0, 10, 20))
    assert order(plan) == [2]
    assert plan.left == (101,)


def test_what_must_begin_soon_comes_before_what_is_near():
    far = jobs(2, minutes=60, begin_by=HOUR)[0]
    plan = solve([*jobs(1, 3, minutes=60), far], [Shift(7, 0, 0, DAY)], along(0, 100, 5000, 200))
    assert order(plan)[0] == 2


def test_late_is_better_than_never():
    both = [jobs(1, minutes=60, begin_by=600)[0], jobs(2, minutes=60, begin_by=600)[0]]
    plan = solve(both, [Shift(7, 0, 0, DAY)], along(0, 3000, -3000))
    assert sorted(order(plan)) == [1, 2]
    assert plan.left == ()


def test_work_given_to_a_crew_is_done_by_that_crew():
    metres = along(0, 10_000, 9_900)
    plan = solve(jobs(2, crew=7), [Shift(7, 0, 0, DAY), Shift(8, 1, 0, DAY)], metres)
    assert [order(plan, 0), order(plan, 1)] == [[2], []]


def test_work_of_a_crew_that_does_not_go_out_is_left():
    plan = solve(jobs(1, crew=9), [Shift(7, 0, 0, DAY)], along(0, 100))
    assert plan.left == (101,)


def test_a_crew_rests_for_an_hour():
    shift = Shift(7, 0, 0, DAY, rest=(2 * HOUR, 3 * HOUR))
    plan = solve(jobs(1, 2, 3, 4, minutes=60), [shift], along(0, 1, 2, 3, 4))
    stops = plan.rounds[0].stops
    pauses = [after.arrives - before.leaves for before, after in pairwise(stops)]
    assert max(pauses) == pytest.approx(HOUR, abs=5)


def test_nobody_and_nothing():
    assert solve([], [Shift(7, 0, 0, DAY)], along(0)).metres == 0
    assert solve(jobs(0), [], along(0)).left == (100,)


@given(
    st.lists(st.integers(-20_000, 20_000), min_size=2, max_size=9),
    st.integers(1, 3),
    st.integers(1, 10),
)
def test_each_job_is_done_once_or_left_and_no_crew_works_longer_than_its_day(places, crews, hours):
    crews = min(crews, len(places) - 1)
    work = jobs(*range(crews, len(places)), minutes=40)
    shifts = [Shift(7 + n, n, 0, hours * HOUR) for n in range(crews)]
    plan = solve(work, shifts, along(*places))
    done = [s.job for r in plan.rounds for s in r.stops]
    assert sorted([*done, *plan.left]) == sorted(j.id for j in work)
    assert all(s.leaves <= hours * HOUR for r in plan.rounds for s in r.stops)


def test_what_is_late_weighs_more_than_what_has_time_and_the_urgent_most():
    day = timedelta(days=1)
    late, today, next_week = (weight(3, NOW + d, NOW) for d in (-5 * day, day / 2, 7 * day))
    assert 100 >= weight(1, NOW - 30 * day, NOW) > late > today > next_week >= 1
    assert weight(1, NOW + 7 * day, NOW) > next_week
