"""The score of decoding on demand: what counts as found, how late, and how long everything was decoded."""

import math

import numpy as np
import numpy.typing as npt
import pytest

from tests.support.decoding import Look
from tests.support.recall import Sighting, Visit, Wakefulness, sightings

Box = tuple[float, float, float, float]

PASSING = Visit("1", 10.0, 12.0, np.array([[10.0, 0.0, 0.4, 0.1, 0.6], [12.0, 0.8, 0.4, 0.9, 0.6]]))
UNPLACED = Visit("P1", 10.0, 12.0, np.empty((0, 5)))
ASLEEP_FROM_9_S = Wakefulness([(0.1 * tick, tick < 90 or 105 <= tick < 160) for tick in range(300)])


def look(at_s: float, *boxes: Box, known_s: float | None = None) -> Look:
    """Return a look at which that moved, by default known at once."""
    moving: npt.NDArray[np.float32] = np.array(boxes, np.float32).reshape(-1, 4)
    return Look(at_s, at_s if known_s is None else known_s, moving)


def scored(gated: list[Look], full: list[Look], visit: Visit = PASSING) -> Sighting:
    """Return how one visit was seen by a camera that slept from 9 s to 10.5 s."""
    return sightings([visit], gated, full, ASLEEP_FROM_9_S)[0]


@pytest.mark.parametrize(
    ("at_s", "boxes", "found"),
    [
        (11.0, [(0.4, 0.4, 0.5, 0.6)], True),
        (11.0, [(0.3, 0.3, 0.6, 0.7)], True),
        (11.0, [(0.44, 0.45, 0.46, 0.5)], True),
        (11.0, [(0.34, 0.4, 0.44, 0.6)], False),
        (11.0, [(0.36, 0.4, 0.46, 0.6)], True),
        (11.0, [(0.0, 0.4, 0.1, 0.6)], False),
        (11.0, [(0.0, 0.4, 0.1, 0.6), (0.4, 0.4, 0.5, 0.6)], True),
        (11.0, [], False),
        (9.9, [(0.0, 0.4, 0.1, 0.6)], False),
        (12.1, [(0.8, 0.4, 0.9, 0.6)], False),
        (12.0, [(0.8, 0.4, 0.9, 0.6)], True),
    ],
)
def test_a_visit_is_seen_where_motion_is_on_it_in_its_time(
    at_s: float, boxes: list[Box], found: bool
) -> None:
    """Half of the smaller box is asked for, at the place where the visitor is at that moment."""
    assert PASSING.shows_in(look(at_s, *boxes)) is found


def test_where_only_the_time_of_a_visit_is_known_any_motion_in_it_counts() -> None:
    """And none outside of it."""
    corner = (0.0, 0.0, 0.1, 0.1)
    assert UNPLACED.shows_in(look(11.0, corner))
    assert not UNPLACED.shows_in(look(11.0))
    assert not UNPLACED.shows_in(look(13.0, corner))


def test_a_delay_is_that_of_the_first_frame_that_shows_the_visit() -> None:
    """In media time: frames that are decoded afterwards are no later ones, though they are known later."""
    full = [look(10.2), look(10.4, (0.16, 0.4, 0.26, 0.6)), look(11.0, (0.4, 0.4, 0.5, 0.6))]
    retro = [look(10.4, (0.16, 0.4, 0.26, 0.6), known_s=10.9)]
    late = scored([look(11.0, (0.4, 0.4, 0.5, 0.6))], full)
    in_time = scored(retro, full)
    assert late.delay_s == pytest.approx(0.6)
    assert in_time.delay_s == pytest.approx(0.0)
    assert in_time.known_after_s == pytest.approx(0.9)
    assert in_time.full_known_after_s == pytest.approx(0.4)
    assert in_time.full_looks == 2


def test_a_visit_that_was_not_seen_has_no_delay() -> None:
    """Neither as found late nor as found at once does it spoil the figures."""
    missed = scored([look(11.0)], [look(10.4, (0.16, 0.4, 0.26, 0.6))])
    assert missed.gated is None
    assert missed.full is not None
    assert missed.delay_s is None
    assert missed.known_after_s is None


def test_it_is_told_whether_a_visit_came_while_the_camera_slept_and_woke_it() -> None:
    """The camera sleeps from 9 s on, wakes at 10.5 s, and sleeps again from 16 s on."""
    woken, before, unnoticed, in_the_tail = sightings(
        [
            PASSING,
            Visit("2", 5.0, 6.0, np.empty((0, 5))),
            Visit("3", 20.0, 21.0, np.empty((0, 5))),
            Visit("4", 15.0, 15.5, np.empty((0, 5))),
        ],
        [],
        [],
        ASLEEP_FROM_9_S,
    )
    assert (woken.gone_to_sleep, woken.asleep, woken.woke) == (True, True, True)
    assert (before.gone_to_sleep, before.asleep, before.woke) == (False, False, True)
    assert (unnoticed.gone_to_sleep, unnoticed.asleep, unnoticed.woke) == (True, True, False)
    assert (in_the_tail.gone_to_sleep, in_the_tail.asleep, in_the_tail.woke) == (True, False, True)


def test_time_awake_is_counted_from_the_first_sleep_on() -> None:
    """The time in which the scene is learnt is not held against it, nor are the spans left out."""
    assert ASLEEP_FROM_9_S.first_sleep_s == pytest.approx(9.0)
    assert ASLEEP_FROM_9_S.wakes == 1
    assert ASLEEP_FROM_9_S.spent_s() == pytest.approx((5.5, 20.9))
    assert ASLEEP_FROM_9_S.spent_s([(9.95, 14.95)]) == pytest.approx((1.0, 15.9))


def test_a_camera_that_never_sleeps_has_no_time_to_be_judged() -> None:
    """Everything of it is decoded, which is another figure."""
    throughout = Wakefulness([(0.1 * tick, True) for tick in range(100)])
    assert throughout.first_sleep_s == math.inf
    assert throughout.spent_s() == (0.0, 0.0)
    assert not sightings([UNPLACED], [], [], throughout)[0].gone_to_sleep
