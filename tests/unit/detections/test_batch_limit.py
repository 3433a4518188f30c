import pytest

from appliance.detections.batch_limit import GROW_LATEST_S, BatchLimit
from appliance.domain.time import NS_PER_S, MonotonicNs


def ns(seconds: float) -> MonotonicNs:
    """Return a moment of the monotonic clock."""
    return MonotonicNs(round(seconds * NS_PER_S))


@pytest.mark.parametrize(("asked", "next_one"), [(8, 4), (7, 3), (3, 1), (2, 1), (1, 1)])
def test_too_many_are_halved_and_one_is_the_least(asked: int, next_one: int) -> None:
    """However few were in that batch."""
    limit = BatchLimit(8)
    limit.shrink(asked, ns(0))
    assert limit.at(ns(0)) == next_one


def test_two_lanes_that_were_full_at_once_halve_it_once() -> None:
    """The second batch was asked for before the first one's answer was known."""
    limit = BatchLimit(8)
    limit.shrink(8, ns(0))
    limit.shrink(8, ns(0))
    assert limit.at(ns(0)) == 4


def test_it_grows_step_by_step_and_never_beyond_what_was_wished() -> None:
    """One step a minute."""
    limit = BatchLimit(6)
    limit.shrink(2, ns(0))
    assert [limit.at(ns(at)) for at in (59, 60, 61, 119, 120, 180, 900)] == [1, 2, 2, 2, 4, 6, 6]


def test_each_growth_that_was_too_early_makes_it_more_patient_up_to_an_hour() -> None:
    """An accelerator that is shared for good is not filled up each minute."""
    limit, now_s, waits = BatchLimit(2), 0.0, list[float]()
    for _ in range(9):
        limit.shrink(2, ns(now_s))
        began = now_s
        while limit.at(ns(now_s)) == 1:
            now_s += 60.0
        waits.append(now_s - began)
    assert waits[:4] == [60.0, 120.0, 240.0, 480.0]
    assert max(waits) == waits[-1] == GROW_LATEST_S


def test_another_model_begins_anew() -> None:
    """It may be a smaller one."""
    limit = BatchLimit(8)
    limit.shrink(2, ns(0))
    limit.reset()
    assert limit.at(ns(0)) == 8
