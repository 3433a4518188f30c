"""Recorders are kept in step with the cameras' rows."""

import dataclasses
from collections.abc import Callable
from datetime import UTC

import pytest
from sqlalchemy import Connection

from appliance.domain.camera import Camera
from appliance.domain.footage import Cause, RecordingMode, RecordingPolicy
from appliance.domain.ids import CameraId, EventId
from appliance.domain.time import US_PER_S, WallUs
from appliance.recordings.book import Book
from appliance.recordings.fragment import Fragment
from appliance.recordings.ledger_clock import LedgerClock
from appliance.recordings.recordings import Recordings
from appliance.recordings.settings import Settings
from tests.support.camera_packets import START_US, PacketMaker
from tests.support.clock import SimulatedClock

FRONT = Camera(CameraId("front"), "Front", "demo:")


def wanting(mode: RecordingMode) -> Camera:
    """Return the camera, recorded in that mode."""
    return dataclasses.replace(FRONT, recording=RecordingPolicy(mode))


class Rig:
    """A camera that sends packets to whoever records it, without a disk and without a database."""

    def __init__(self) -> None:
        self.fragments: list[Fragment] = []
        self.ended: list[CameraId] = []
        self.book = Book(self, SimulatedClock(START_US), lambda _camera_id: False)
        self.book.resume({})
        self.recordings = Recordings(self, self.book, Settings(), UTC)
        self.camera = PacketMaker(lambda _packet, _number: None)

    def read(self, camera: Camera) -> "Rig":
        """Let a reader of the camera begin."""
        recorder = self.recordings.recorder(camera)
        recorder.begin(self.camera.ring)
        self.camera.take = recorder.on_packet
        return self

    async def commit(self, unit: Callable[[Connection], None]) -> None:
        """Have no database."""

    def submit(self, fragment: Fragment) -> None:
        """Keep a fragment."""
        self.fragments.append(fragment)

    def finish(self, camera_id: CameraId) -> None:
        """Note that a file has ended."""
        self.ended.append(camera_id)


def test_a_change_applies_to_the_recording_that_runs() -> None:
    """Its reader goes on as it was."""
    rig = Rig()
    rig.recordings.apply([FRONT])
    rig.read(FRONT).camera.play(4)
    rig.recordings.apply([wanting(RecordingMode.OFF)])
    rig.camera.play(4)
    assert rig.ended == ["front"]
    assert max(fragment.end_us for fragment in rig.fragments) == START_US + 4 * US_PER_S


def test_a_camera_that_is_gone_hands_on_what_waited_and_nothing_more() -> None:
    """Even if its reader takes a while to end."""
    rig = Rig()
    rig.recordings.apply([FRONT])
    rig.read(FRONT).camera.play(2.5)
    rig.recordings.apply([])
    rig.camera.play(4)
    assert sum(len(fragment.packets) for fragment in rig.fragments) == 25


def test_one_that_was_added_again_is_recorded_anew() -> None:
    """By a recorder that knows nothing of the one before."""
    rig = Rig()
    rig.recordings.apply([FRONT])
    rig.read(FRONT).camera.play(2)
    rig.recordings.apply([])
    rig.recordings.apply([FRONT])
    rig.read(FRONT).camera.reconnect().play(2)
    rig.recordings.close()
    assert len({fragment.segment_id for fragment in rig.fragments}) == 2


def test_a_lost_connection_and_an_event_reach_their_camera() -> None:
    """And those of a camera that nobody knows any more reach nobody."""
    rig = Rig()
    rig.recordings.apply([wanting(RecordingMode.EVENTS)])
    rig.read(FRONT).camera.play(10)
    for camera_id in (CameraId("front"), CameraId("gone")):
        seen_us = WallUs(START_US + 9 * US_PER_S)
        rig.recordings.event(camera_id, EventId("e"), seen_us, seen_us, ended=False)
    rig.camera.play(1)
    assert rig.recordings.recorder(FRONT).cause(WallUs(rig.camera.at_us)) is None
    for camera_id in (CameraId("front"), CameraId("gone")):
        rig.recordings.disconnected(camera_id)
    assert rig.recordings.recorder(FRONT).cause(WallUs(rig.camera.at_us)) is Cause.CAMERA_DOWN
    assert rig.ended == ["front"]


def test_what_waits_is_handed_on_at_the_end() -> None:
    """The readers have ended by then."""
    rig = Rig()
    rig.recordings.apply([FRONT])
    rig.read(FRONT).camera.play(2.5)
    rig.recordings.close()
    assert sum(len(fragment.packets) for fragment in rig.fragments) == 25


class TestLedgerClock:
    """Wall time that never goes back."""

    @pytest.mark.parametrize(("step_s", "then_s"), [(0, 10), (3600, 3610), (-3600, 10), (-0.5, 10)])
    async def test_it_follows_the_wall_clock_forward_alone(self, step_s: float, then_s: float) -> None:
        """Back it goes on by the monotonic one."""
        clock = SimulatedClock(START_US)
        time = LedgerClock(clock)
        await clock.advance(5)
        clock.step_wall(step_s)
        await clock.advance(5)
        assert time.now_us() == START_US + then_s * US_PER_S
