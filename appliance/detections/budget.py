"""How many close looks a batch may have beside its whole pictures: what the worker has time for.

Crops are the first to go. None are cut while frames are dropped or the worker is busy for more than half of
the time, since a frame that nobody looked at is worse than one that was looked at from afar.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

MOST_BUSY_RATIO = 0.5
"""Busy for more than that of the time, the worker is given fewer crops, and none that would make it so."""
OVER_S = 2.0
"""Time constant of the mean over what the worker did last."""
FEWER_AFTER_S = 0.5
"""It is seen what fewer crops brought before there are fewer still."""
MORE_AFTER_S = 1.0
"""Likewise before there are more,"""
DROPPED_FOR_S = 5.0
"""but so long after a frame was dropped there are none."""


@dataclass(frozen=True, slots=True)
class Spent:
    """What the worker did since the step before.

    Attributes:
        elapsed_s: the time since then.
        busy_s: in which it looked at pictures; of several lanes their mean.
        tiles: whole pictures and crops that it looked at.
        batches: in which they came.
        dropped: frames whose place a newer one took.
    """

    elapsed_s: float
    busy_s: float
    tiles: int
    batches: int
    dropped: int


@dataclass(frozen=True, slots=True)
class BudgetState:
    """What is known of the worker's time.

    Attributes:
        crops: how many a batch may have.
        busy_ratio: of the last seconds, 0 to 1.
        tiles_per_batch: of the last seconds.
        wait_s: how long to wait before there are more.
        changed_s: how long ago their number changed.
    """

    crops: int = 0
    busy_ratio: float = 0.0
    tiles_per_batch: float = 1.0
    wait_s: float = MORE_AFTER_S
    changed_s: float = 0.0


def step(state: BudgetState, spent: Spent, at_most: int) -> tuple[BudgetState, int]:
    """Return how many crops a batch may have now, and the state for the next step.

    Args:
        state: what the step before returned; ``BudgetState()`` at first.
        spent: what the worker did since.
        at_most: no more crops than that, however idle it is.
    """
    seen = _with(state, spent)
    if spent.dropped:
        seen = _changed(seen, 0, DROPPED_FOR_S)
    elif seen.busy_ratio > MOST_BUSY_RATIO:
        if seen.crops and seen.changed_s >= FEWER_AFTER_S:
            seen = _changed(seen, seen.crops // 2)
    elif seen.changed_s >= seen.wait_s and _busy_with(seen, seen.crops + 1) <= MOST_BUSY_RATIO:
        seen = _changed(seen, seen.crops + 1)
    crops = min(seen.crops, at_most)
    return replace(seen, crops=crops), crops


def fair_shares(wanted: Sequence[int], crops: int, first: int = 0) -> list[int]:
    """Return how many crops each picture of a batch gets: one each, then a second one each, and so on.

    Args:
        wanted: how many each has use for.
        crops: how many there may be in all.
        first: which picture comes first; counted up, each has its turn.
    """
    shares = [0] * len(wanted)
    order = [(first + index) % len(wanted) for index in range(len(wanted))]
    left = min(crops, sum(wanted))
    while left > 0:
        for index in order:
            if left > 0 and shares[index] < wanted[index]:
                shares[index] += 1
                left -= 1
    return shares


def _with(state: BudgetState, spent: Spent) -> BudgetState:
    """Return the state with the means carried on."""
    weight = 1.0 - math.exp(-max(0.0, spent.elapsed_s) / OVER_S)
    busy_ratio, tiles_per_batch = state.busy_ratio, state.tiles_per_batch
    if spent.elapsed_s > 0:
        busy_ratio += weight * (min(1.0, spent.busy_s / spent.elapsed_s) - busy_ratio)
    if spent.batches:
        tiles_per_batch += weight * (spent.tiles / spent.batches - tiles_per_batch)
    return replace(
        state,
        busy_ratio=busy_ratio,
        tiles_per_batch=tiles_per_batch,
        changed_s=state.changed_s + max(0.0, spent.elapsed_s),
    )


def _busy_with(state: BudgetState, crops: int) -> float:
    """Return how busy the worker would be if each batch had so many: a crop costs what a picture does."""
    more = max(0, crops - state.crops)
    return state.busy_ratio * (state.tiles_per_batch + more) / state.tiles_per_batch


def _changed(state: BudgetState, crops: int, wait_s: float = MORE_AFTER_S) -> BudgetState:
    return replace(state, crops=crops, wait_s=wait_s, changed_s=0.0)
