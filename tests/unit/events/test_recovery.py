"""What is cut off has no end, and may be continued at its place."""

import pytest

from appliance.domain.event import EventState
from appliance.domain.track import Box
from appliance.events.recovery import Interrupted, interrupt
from tests.support.scenes import event
from tests.support.sightings import STANDING, moved


def test_an_interrupted_event_has_no_end() -> None:
    """Nobody saw it end; its last sight stands."""
    cut = interrupt(event(last_s=7))
    assert (cut.state, cut.ended_us, cut.last_seen_us) == (
        EventState.INTERRUPTED,
        None,
        event(last_s=7).last_seen_us,
    )


@pytest.mark.parametrize("state", [EventState.ENDED, EventState.INTERRUPTED])
def test_only_an_open_event_is_interrupted(state: EventState) -> None:
    """What has ended keeps its end."""
    done = event(state=state)
    assert interrupt(done) is done


@pytest.mark.parametrize(
    ("box", "expected"),
    [
        (STANDING, True),
        (moved(STANDING, 0.07), True),
        (moved(STANDING, 0.08), False),
        (moved(STANDING, 0, 0.3), True),
        (moved(STANDING, 0, 0.4), False),
        (moved(STANDING, 0.5), False),
    ],
)
def test_about_the_same_place(box: Box, expected: bool) -> None:
    """Three quarters of its own size to each side is as far as an object has gone meanwhile."""
    assert Interrupted(event(), STANDING).is_at(box) is expected
