from itertools import pairwise

import pytest

from appliance.packets.demo.figure import bounds
from appliance.packets.demo.view import WIDTH
from appliance.packets.demo.visits import BLOCK_S, Schedule, Visit

HOUR_S = 3600.0
SEEDS = (1, 2, 77)


def hour(seed: int) -> tuple[Visit, ...]:
    """Return everybody who comes in the first hour."""
    return Schedule(seed).between(0.0, HOUR_S)


@pytest.mark.parametrize("seed", SEEDS)
def test_somebody_is_in_view_within_20_s_of_any_start_in_the_first_hour(seed: int) -> None:
    """Whoever starts the demo sees somebody soon."""
    visits = hour(seed)
    starts = [float(start) for start in range(int(HOUR_S) - 30)]
    assert all(
        any(v.first_sight_s <= start + 20 and v.last_sight_s >= start for v in visits) for start in starts
    )
    assert visits[0].first_sight_s < 12


@pytest.mark.parametrize("seed", SEEDS)
def test_acts_are_at_least_4_s_apart(seed: int) -> None:
    """A visit's event can end before the next one begins, unless the two walk together."""
    first, *later = hour(seed)
    seen_until = first.last_sight_s
    for visit in later:
        if visit.first_sight_s > seen_until:
            assert visit.first_sight_s - seen_until >= 4.0
        seen_until = max(seen_until, visit.last_sight_s)


@pytest.mark.parametrize("seed", SEEDS)
def test_two_people_at_once_never_touch_in_the_picture(seed: int) -> None:
    """Companions keep a metre between them, so that nobody takes them for one."""
    for ahead, behind in pairwise(hour(seed)):
        instants = [behind.starts_s + n * 0.5 for n in range(60)]
        for t in (t for t in instants if t < min(ahead.ends_s, behind.ends_s)):
            one, other = (bounds(visit.placed(t), visit.look) for visit in (ahead, behind))
            apart = max(one[0] - other[2], other[0] - one[2])
            assert apart > 1.0 * behind.placed(t).scale


@pytest.mark.parametrize("seed", SEEDS)
def test_the_hour_has_all_kinds_of_people(seed: int) -> None:
    """Some stand still for about 10 s, some come in twos, from both sides, near and far."""
    visits = hour(seed)
    assert any(8 <= v.stands_s <= 11 for v in visits)
    assert any(b.starts_s < a.last_sight_s for a, b in pairwise(visits))
    assert {v.rightward for v in visits} == {True, False}
    assert min(v.ground_y for v in visits) < 520 < 620 < max(v.ground_y for v in visits)
    assert all(0.73 <= v.speed_m_s <= 1.6 for v in visits)


def test_a_seed_always_brings_the_same_people() -> None:
    """The schedule depends on nothing but the seed, in whatever order one asks."""
    late_first = Schedule(5)
    late_first.between(7 * BLOCK_S, 8 * BLOCK_S)
    assert late_first.between(0, 300) == Schedule(5).between(0, 300)
    assert Schedule(6).between(0, 300) != Schedule(5).between(0, 300)


def test_a_visit_begins_and_ends_with_half_of_the_person_at_the_edge() -> None:
    """First and last sight are when the middle of the body crosses the edge of the picture."""
    for visit in hour(1)[:8]:
        edges = visit.placed(visit.first_sight_s).x, visit.placed(visit.last_sight_s).x
        expected = (0, WIDTH) if visit.rightward else (WIDTH, 0)
        assert edges == pytest.approx(expected, abs=1.0)


def test_who_stands_still_stays_at_one_place_and_walks_on() -> None:
    """The way has no jump, and no progress while standing."""
    visit = next(v for v in hour(1) if v.stop_m is not None)
    xs = [visit.placed(visit.starts_s + n * 0.1).x for n in range(int((visit.ends_s - visit.starts_s) * 10))]
    steps = [abs(b - a) for a, b in pairwise(xs)]
    assert max(steps) < 1.05 * visit.speed_m_s * 0.1 * visit.placed(visit.starts_s).scale
    assert sum(step < 0.01 for step in steps) >= visit.stands_s * 10 - 2
