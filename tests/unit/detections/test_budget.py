"""How many close looks there is time for."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.detections.budget import (
    DROPPED_FOR_S,
    MOST_BUSY_RATIO,
    BudgetState,
    Spent,
    fair_shares,
    step,
)


class Day:
    """A worker to whom batches come at a steady rate, and its budget.

    Args:
        tile_s: what a picture or a crop costs.
        every_s: a batch comes that often.
        wanted: how many crops each batch has use for.
        frames: of a batch.
    """

    def __init__(self, tile_s: float, every_s: float = 0.2, wanted: int = 4, frames: int = 1) -> None:
        self.tile_s, self.every_s, self.wanted, self.frames = tile_s, every_s, wanted, frames
        self.state = BudgetState()
        self.crops = 0

    def pass_by(self, seconds: float, dropped: int = 0, at_most: int = 8) -> list[int]:
        """Let time pass and return how many crops there might be after each batch; the first one drops."""
        history = []
        for _ in range(round(seconds / self.every_s)):
            tiles = self.frames + min(self.wanted, self.crops)
            spent = Spent(self.every_s, min(self.every_s, tiles * self.tile_s), tiles, 1, dropped)
            self.state, self.crops = step(self.state, spent, at_most)
            dropped = 0
            history.append(self.crops)
        return history

    @property
    def busy_ratio(self) -> float:
        """How busy such a worker is."""
        return (self.frames + min(self.wanted, self.crops)) * self.tile_s / self.every_s


def test_at_the_start_there_are_none_and_then_one_more_each_second() -> None:
    """Nobody knows yet how fast the worker is."""
    history = Day(tile_s=0.001).pass_by(10)
    assert history[0] == 0
    assert history[::5] == sorted(history[::5])
    assert max(after - before for before, after in itertools.pairwise(history)) == 1
    assert history[-1] == 8


def test_there_are_never_more_than_asked_for() -> None:
    """However idle the worker is, and at once when fewer are wanted."""
    day = Day(tile_s=0.001)
    assert max(day.pass_by(20, at_most=3)) == 3
    assert max(day.pass_by(1, at_most=0)) == 0


@pytest.mark.parametrize(
    ("tile_s", "expected"), [(0.001, 4), (0.015, 4), (0.024, 3), (0.04, 1), (0.06, 0), (0.15, 0)]
)
def test_there_are_as_many_as_keep_the_worker_idle_for_half_of_the_time(tile_s: float, expected: int) -> None:
    """The number settles: it does not swing between all and none."""
    day = Day(tile_s)
    day.pass_by(60)
    settled = [min(day.wanted, crops) for crops in day.pass_by(60)]
    assert set(settled) == {expected}
    assert day.busy_ratio <= MOST_BUSY_RATIO or not expected


def test_none_while_frames_are_dropped_and_for_a_while_after() -> None:
    """A frame that nobody looks at is worse than one that is looked at from afar."""
    day = Day(tile_s=0.001)
    assert day.pass_by(20)[-1] == 8
    history = day.pass_by(DROPPED_FOR_S - 0.4, dropped=1)
    assert set(history) == {0}
    assert day.pass_by(2)[-1] > 0


def test_where_more_cameras_see_something_move_the_crops_go() -> None:
    """Down by halves within seconds, and back when the yard is quiet again."""
    day = Day(tile_s=0.02)
    day.pass_by(30)
    assert day.crops >= 4
    at_first = day.crops
    day.frames = 8
    history = day.pass_by(6)
    fewer = [crops for crops, _ in itertools.groupby([at_first, *history])]
    assert fewer == [at_first, at_first // 2, at_first // 4, 0]
    day.frames = 1
    assert day.pass_by(30)[-1] >= 4


NUMBERS = st.floats(0, 100)
STEPS = st.lists(
    st.builds(Spent, NUMBERS, NUMBERS, st.integers(0, 64), st.integers(0, 8), st.integers(0, 3)), max_size=40
)


@given(STEPS, st.integers(0, 16))
def test_whatever_happens_the_number_is_within_its_limits(steps: list[Spent], at_most: int) -> None:
    """Never negative, never above, by one more at a time at most, and none where a frame was dropped."""
    state, before = BudgetState(), 0
    for spent in steps:
        state, crops = step(state, spent, at_most)
        assert 0 <= crops <= at_most
        assert crops <= before + 1
        assert 0.0 <= state.busy_ratio <= 1.0
        if spent.dropped:
            assert crops == 0
        before = crops


@pytest.mark.parametrize(
    ("wanted", "crops", "first", "expected"),
    [
        ([], 4, 0, []),
        ([0, 0], 4, 0, [0, 0]),
        ([4], 0, 0, [0]),
        ([4], 3, 0, [3]),
        ([4, 4], 3, 0, [2, 1]),
        ([4, 4], 3, 1, [1, 2]),
        ([1, 4], 4, 0, [1, 3]),
        ([4, 0, 1], 2, 0, [1, 0, 1]),
        ([1, 1], 9, 5, [1, 1]),
    ],
)
def test_crops_are_shared_out_one_by_one(
    wanted: list[int], crops: int, first: int, expected: list[int]
) -> None:
    """A busy street takes nothing from a quiet yard."""
    assert fair_shares(wanted, crops, first) == expected
