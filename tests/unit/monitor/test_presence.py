"""How long cameras were there, and how often they broke off."""

import pytest

from appliance.domain.camera import CameraReport, CameraState
from appliance.domain.ids import CameraId
from appliance.monitor.presence import Attendance, Presence
from tests.support.clock import SimulatedClock

FRONT = CameraId("front")
STATES = {state.value: state for state in CameraState}


async def seen(*course: tuple[str, float]) -> Attendance:
    """Return what is told of a camera that was in these states, each for so long."""
    clock = SimulatedClock()
    presence = Presence(clock)
    for word, seconds in course:
        presence.on_report(CameraReport(FRONT, STATES[word], "why"))
        await clock.advance(seconds)
    return presence.take()[FRONT]


@pytest.mark.parametrize(
    ("course", "expected"),
    [
        ([("connecting", 2), ("online", 58)], Attendance(60.0, 58.0, 0)),
        ([("online", 10), ("offline", 5), ("online", 10)], Attendance(25.0, 20.0, 1)),
        ([("connecting", 5), ("offline", 5), ("auth_failed", 5)], Attendance(15.0, 0.0, 0)),
        ([("online", 10), ("no_video", 5), ("offline", 5)], Attendance(20.0, 10.0, 1)),
        ([("online", 10), ("disabled", 100)], Attendance(10.0, 10.0, 0)),
        ([("online", 10), ("ended", 100)], Attendance(10.0, 10.0, 0)),
        ([("online", 10), ("connecting", 2), ("online", 8)], Attendance(20.0, 18.0, 0)),
        ([("disabled", 60)], Attendance(0.0, 0.0, 0)),
    ],
)
async def test_only_the_time_in_which_it_was_to_be_there_counts(
    course: list[tuple[str, float]], expected: Attendance
) -> None:
    """One that is switched off is not missed, and a restart by the settings is no broken connection."""
    assert await seen(*course) == expected


async def test_each_look_tells_what_came_since_the_one_before() -> None:
    """A state that goes on counts on, a loss counts once; a camera that is gone is not told of."""
    clock = SimulatedClock()
    presence = Presence(clock)
    presence.on_report(CameraReport(FRONT, CameraState.ONLINE))
    presence.on_report(CameraReport(FRONT, CameraState.OFFLINE, "no answer"))
    await clock.advance(30)
    assert presence.take() == {FRONT: Attendance(30.0, 0.0, 1)}
    await clock.advance(5)
    assert presence.take() == {FRONT: Attendance(5.0, 0.0, 0)}
    presence.forget(FRONT)
    assert presence.take() == {}
