"""The filter that says where a box will be."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.tracks.kalman import BoxFilter

BOX = np.array([0.1, 0.4, 0.2, 0.7])
STEP = np.array([0.02, 0.0, 0.02, 0.0])
"""A fifth of a second at a tenth of the picture in a second."""


def walked(times: list[float]) -> BoxFilter:
    """Return the filter after sights of somebody who walks evenly, at the given times."""
    filtered = BoxFilter(BOX)
    for before, at in pairwise(times):
        filtered.predict(at - before)
        filtered.update(BOX + STEP * at / 0.2)
    return filtered


@pytest.mark.parametrize(
    "times",
    [[0.2 * i for i in range(11)], [float(i) for i in range(6)], [0, 0.2, 0.4, 1.4, 1.6, 2.6, 2.7, 3.4]],
)
def test_an_even_walk_is_foretold_whatever_the_time_between_frames(times: list[float]) -> None:
    """At five frames a second, at one, or at both in turn, the next second is foretold to 2 percent."""
    filtered = walked(times)
    filtered.predict(1.0)
    assert filtered.box == pytest.approx(BOX + STEP * (times[-1] + 1) / 0.2, abs=0.02)


def test_the_first_sight_says_nothing_about_speed() -> None:
    """Seen once, an object is expected where it was."""
    filtered = BoxFilter(BOX)
    filtered.predict(1.0)
    assert filtered.box == pytest.approx(BOX)


def test_a_halted_box_stays() -> None:
    """An object that was not seen for a while is believed to stand, not to fly on."""
    filtered = walked([0, 0.2, 0.4, 0.6])
    filtered.halt()
    before = filtered.box
    filtered.predict(5.0)
    assert filtered.box == pytest.approx(before)


def test_the_longer_unseen_the_more_a_new_sight_counts() -> None:
    """A sight after three seconds moves the estimate further than one after a fifth."""
    shifts = []
    for pause_s in (0.2, 3.0):
        filtered = BoxFilter(BOX)
        for _ in range(10):
            filtered.predict(0.2)
            filtered.update(BOX)
        filtered.predict(pause_s)
        filtered.update(BOX + 0.05)
        shifts.append(filtered.box[0] - BOX[0])
    assert shifts[1] > shifts[0] > 0


@given(
    st.lists(
        st.tuples(st.floats(0, 1.5), st.floats(0, 0.5), st.floats(0, 0.5), st.floats(0.01, 0.5)),
        min_size=1,
        max_size=20,
    )
)
def test_a_box_is_never_turned_inside_out(sights: list[tuple[float, float, float, float]]) -> None:
    """Whatever was seen, and also for two frames of the same instant, sides stay finite and above 0."""
    filtered = BoxFilter(BOX)
    for pause_s, x, y, size in sights:
        filtered.predict(pause_s)
        filtered.update(np.array([x, y, x + size, y + size]))
        filtered.predict(1.5)
        box = filtered.box
        assert np.isfinite(box).all()
        assert (box[2:] > box[:2]).all()
