"""The cheapest pairing of rows with columns."""

from itertools import permutations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from appliance.tracks.assignment import assign

LIMIT = 0.8

Costs = npt.NDArray[np.float64]


def cost_of(costs: Costs, pairs: list[tuple[int, int]]) -> float:
    """Return what a pairing costs, those left alone among it."""
    return sum((float(costs[r, c]) for r, c in pairs), LIMIT * (len(costs) - len(pairs)))


def least_cost(costs: Costs) -> float:
    """Try every pairing: each row takes one of the columns or one of as many places of its own."""
    rows, columns = costs.shape
    padded = np.hstack([np.where(costs <= LIMIT, costs, np.inf), np.full((rows, rows), LIMIT)])
    choices = permutations(range(columns + rows), rows)
    return min(sum(float(padded[r, c]) for r, c in enumerate(choice)) for choice in choices)


@pytest.mark.parametrize(
    ("costs", "pairs"),
    [
        ([[0.1]], [(0, 0)]),
        ([[0.9]], []),
        ([[0.1, 0.2]], [(0, 0)]),
        ([[0.1], [0.2]], [(0, 0)]),
        ([[0.1, 0.2], [0.15, 0.7]], [(0, 1), (1, 0)]),
        ([[0.1, 0.9], [0.15, 0.9]], [(0, 0)]),
    ],
)
def test_the_cheapest_pairing_is_found(costs: list[list[float]], pairs: list[tuple[int, int]]) -> None:
    """The total cost decides, not each row's own best; a pair above the limit is none."""
    assert sorted(assign(np.array(costs), LIMIT)) == pairs


@pytest.mark.parametrize("shape", [(0, 0), (0, 3), (3, 0)])
def test_nothing_is_paired_with_nothing(shape: tuple[int, int]) -> None:
    """An empty side leaves everybody alone."""
    assert assign(np.empty(shape), LIMIT) == []


@given(
    arrays.arrays(
        np.float64,
        st.tuples(st.integers(1, 4), st.integers(1, 4)),
        elements=st.floats(0, 1).map(lambda cost: round(cost, 3)),
    )
)
def test_no_pairing_is_cheaper(costs: Costs) -> None:
    """The result costs as little as the best of all pairings, makes no dear pair and uses nobody twice."""
    pairs = assign(costs, LIMIT)
    assert all(costs[r, c] <= LIMIT for r, c in pairs)
    assert len({r for r, _ in pairs}) == len({c for _, c in pairs}) == len(pairs)
    assert cost_of(costs, pairs) == pytest.approx(least_cost(costs))
