"""One visit's event from frame to frame."""

from dataclasses import MISSING, fields
from datetime import UTC

from appliance.domain.arming import ArmState
from appliance.domain.event import Event, EventKind
from appliance.domain.ids import BatchId, EventId
from appliance.domain.second_look import Opinion, SecondLook
from appliance.domain.trace import TraceStep
from appliance.events.baseline import Baseline
from appliance.events.settings import Settings
from appliance.events.visit import Scene, Visit
from tests.support.scenes import event
from tests.support.sightings import track, wall

FOLLOWED = {
    *("state", "label", "last_seen_us", "ended_us", "score", "box", "risk_score", "risk_factors", "summary"),
    *("zones", "passages", "rest", "trace"),
}
"""What follows from the track and what it did."""


def test_what_a_track_does_not_change_stays_as_it_is() -> None:
    """Nothing of an event is dropped from one frame to the next, nor will be of what is added to it later."""
    before = event(
        continues=EventId("e0"),
        kind=EventKind.OFFLINE,
        second_look=SecondLook("a model", Opinion.HARMLESS, "A postman.", wall(1)),
        trace=(TraceStep("label", passed=True, detail="person by vote"),),
    )
    kept = [part for part in fields(Event) if part.name not in FOLLOWED]
    assert all(getattr(before, part.name) != part.default for part in kept if part.default is not MISSING)
    visit = Visit(before, BatchId("b1"), {}, UTC, Settings())
    visit.see(track(), Scene("Front door", {"person": 1}, wall(5), ArmState.HOME, Baseline(14.0)))
    assert {part.name: getattr(visit.event, part.name) for part in kept} == {
        part.name: getattr(before, part.name) for part in kept
    }
