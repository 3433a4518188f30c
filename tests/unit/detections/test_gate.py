import numpy as np
import numpy.typing as npt
import pytest

from appliance.detections.gate import Gate, GateState, Look
from appliance.domain.time import NS_PER_S, MonotonicNs
from tests.support.pictures import boxes

GATE = Gate(whole_every_s=3.0, followed_every_s=1.0)
MOVED = boxes((0, 0, 9, 9))
FOLLOWED = boxes((20, 20, 29, 29))
NOTHING = boxes()

Boxes = npt.NDArray[np.float32]


def at(seconds: float) -> MonotonicNs:
    """Return a moment on the monotonic clock."""
    return MonotonicNs(round(seconds * NS_PER_S))


def looked(seconds: float | None) -> GateState:
    """Return the state of a camera that was last looked at then, everywhere."""
    return GateState() if seconds is None else GateState(at(seconds), at(seconds))


@pytest.mark.parametrize(
    ("last", "now", "motion", "followed", "passes"),
    [
        pytest.param(None, 0.0, NOTHING, NOTHING, True, id="first"),
        pytest.param(0.0, 0.2, NOTHING, NOTHING, False, id="still"),
        pytest.param(0.0, 0.2, MOVED, NOTHING, True, id="moved"),
        pytest.param(0.0, 2.9, NOTHING, NOTHING, False, id="nearly due"),
        pytest.param(0.0, 3.0, NOTHING, NOTHING, True, id="due"),
        pytest.param(0.0, 0.9, NOTHING, FOLLOWED, False, id="followed"),
        pytest.param(0.0, 1.0, NOTHING, FOLLOWED, True, id="followed and due"),
        pytest.param(0.0, 0.96, NOTHING, FOLLOWED, True, id="followed, its frame early"),
        pytest.param(0.0, 0.2, MOVED, FOLLOWED, True, id="moved and followed"),
    ],
)
def test_a_model_is_asked_when_something_moved_or_a_look_is_due(
    last: float | None, now: float, motion: Boxes, followed: Boxes, passes: bool
) -> None:
    """Frames in which nothing can be new cost nothing; what is followed is never out of sight for long."""
    state, look = GATE.step(looked(last), motion, followed, at(now), sees_everything=True)
    assert (look is not None) is passes
    assert state == (looked(now) if passes else looked(last))


@pytest.mark.parametrize(
    ("last", "now", "motion", "followed", "places"),
    [
        pytest.param(None, 0.0, NOTHING, NOTHING, None, id="first"),
        pytest.param(None, 0.0, NOTHING, FOLLOWED, FOLLOWED, id="first with somebody there"),
        pytest.param(0.0, 9.0, NOTHING, NOTHING, None, id="long ago"),
        pytest.param(0.0, 0.2, MOVED, NOTHING, MOVED, id="moved"),
        pytest.param(0.0, 0.2, MOVED, FOLLOWED, MOVED, id="moved, and followed not due"),
        pytest.param(0.0, 1.0, MOVED, FOLLOWED, np.concatenate([MOVED, FOLLOWED]), id="moved and due"),
        pytest.param(0.0, 0.9, NOTHING, FOLLOWED, None, id="followed, not due"),
        pytest.param(0.0, 1.0, NOTHING, FOLLOWED, FOLLOWED, id="followed and due"),
    ],
)
def test_a_detector_of_parts_is_told_which(
    last: float | None, now: float, motion: Boxes, followed: Boxes, places: Boxes | None
) -> None:
    """Built-in searches where something moved and, once a second, where somebody may stand still."""
    _, look = GATE.step(looked(last), motion, followed, at(now), sees_everything=False)
    if places is None:
        assert look is None
    else:
        assert look is not None
        np.testing.assert_array_equal(look.places, places)


def test_motion_elsewhere_does_not_put_off_the_look_at_what_is_followed() -> None:
    """Somebody who stands in a busy street is looked at once a second all the same."""
    state, looks = GateState(at(0.0), at(0.0)), []
    for tenth in range(1, 51):
        state, look = GATE.step(state, MOVED, FOLLOWED, at(tenth / 10), sees_everything=False)
        assert look is not None
        looks.append(len(look.followed))
    assert sum(looks) == 5


def test_a_look_that_was_never_made_is_made_with_the_next_frame() -> None:
    """A frame dropped under load does not cost whoever is followed their turn."""
    missed, still_due = Look(NOTHING, FOLLOWED), Look(MOVED, NOTHING)
    np.testing.assert_array_equal(still_due.after(missed).followed, FOLLOWED)
    np.testing.assert_array_equal(still_due.after(missed).motion, MOVED)
    assert still_due.after(still_due) is not None
    assert len(still_due.after(Look(MOVED, NOTHING)).followed) == 0
