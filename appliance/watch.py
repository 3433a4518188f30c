"""The part of a camera's way that runs on the event loop: detections → decisions → the commit."""

import zoneinfo
from dataclasses import replace
from datetime import datetime, time, timedelta, tzinfo

from appliance.commit.event_writer import EventWriter
from appliance.commit.picture_keeper import PictureKeeper
from appliance.decisions.decider import Decider
from appliance.decisions.frozen import freeze
from appliance.decisions.looked import frozen_of
from appliance.decisions.setup import House
from appliance.detections.stage import DetectionStage
from appliance.domain.camera import Camera, CameraState
from appliance.domain.detection import Detections
from appliance.domain.frame import Frame
from appliance.domain.ids import CameraId, EventId
from appliance.domain.second_look import Opinion, SecondLook
from appliance.domain.tampering import Tampering
from appliance.domain.time import NS_PER_S, US_PER_S, WallUs, seconds_between, wall_after
from appliance.events.changes import EventSaved
from appliance.runtime.clock import Clock
from appliance.store.boxes import as_stored
from appliance.store.journal import Entry, EntryKind, Snapshot

NO_FRAME = WallUs(0)
BEHIND_S = 5.0
"""Sender clocks are believed up to 2 s behind the arrival; a clock that was put back further begins anew."""

AWAY = frozenset({CameraState.CONNECTING, CameraState.OFFLINE, CameraState.AUTH_FAILED, CameraState.NO_VIDEO})
"""The states in which a camera that is watched is not reached."""


class Watch:
    """The part of a camera's way that runs on the event loop; it lives as long as the camera's row.

    It keeps the camera's own time: that of the last analysed frame, and what has passed since by the
    monotonic clock. So a step of the box's clock is none of the decisions'. Everything that the decisions
    are made of is stored in the order in which they are made, and their whole state at the start, after
    each midnight of the box's time zone, after frames were lost because the database was behind, and before
    a frame whose time was put back: from one state to the next, frames are in the order of their times.

    Args:
        decider: as it starts.
        version: of the code that decides.
        frame_us: the time of the last frame that is stored of the camera; 0 for none.
    """

    def __init__(
        self,
        camera: Camera,
        decider: Decider,
        stage: DetectionStage,
        writer: EventWriter,
        pictures: PictureKeeper,
        clock: Clock,
        version: str,
        frame_us: WallUs = NO_FRAME,
    ) -> None:
        self.camera = camera
        self._decider = decider
        self._stage = stage
        self._writer = writer
        self._pictures = pictures
        self._clock = clock
        self._version = version
        self._last_us = clock.wall_us()
        self._last_ns = clock.monotonic_ns()
        self._frame_us = frame_us
        self._zone = zoneinfo.ZoneInfo(decider.setup.time_zone)
        self._is_away = False
        self._tampering: Tampering | None = None
        self._snapshot_due_us = WallUs(0)
        self._known_losses = self._seen_losses = writer.losses
        self._keep_state(self._last_us, is_start=True)

    def configure(self, camera: Camera, house: House) -> None:
        """Use the camera's newest settings, and those of the house, from now on."""
        self.camera = camera
        setup = replace(self._decider.setup, name=camera.name, scene=camera.scene, house=house)
        if setup != self._decider.setup:
            now_us = self._now_us
            changes = self._decider.configure(setup, now_us)
            self._writer.write(changes, self._entry(EntryKind.SETUP, now_us, freeze(setup)))

    def on_detections(self, frame: Frame, found: Detections) -> None:
        """Take in an analysed frame: decide, write, and say what to look at again.

        It is decided on as it will be stored, so that a replay of the rows decides alike.
        """
        if self._is_put_back(found):
            self._keep_state(self._now_us)
            self._frame_us = NO_FRAME
        found = self._in_order(found)
        decided = self._decider.frame(as_stored(found))
        self._last_us, self._last_ns = found.wall_us, self._clock.monotonic_ns()
        self._frame_us = found.wall_us
        self._stage.follow(self.camera.id, self._decider.followed, self._decider.resting)
        self._writer.write_frame(decided.tracked, decided.changes)
        for change in decided.changes:
            if isinstance(change, EventSaved) and change.best_moment:
                self._pictures.keep(change.event.id, frame)

    def tick(self) -> None:
        """Do what is due without a frame; about once a second."""
        now_us, due_us = self._now_us, self._decider.due_us
        if due_us is not None and due_us <= now_us:
            self._writer.write(self._decider.tick(now_us), self._entry(EntryKind.TICK, now_us))
        if now_us >= self._snapshot_due_us or self._has_lost():
            self._keep_state(now_us)

    def report(self, state: CameraState) -> None:
        """Take in whether the camera is reached: from then on, or when it is back, an absence is decided.

        One that is switched off or at the end of its file is not away: ``close`` is for it.
        """
        is_away = state in AWAY
        if is_away == self._is_away or state in {CameraState.DISABLED, CameraState.ENDED}:
            return
        self._is_away = is_away
        now_us = self._now_us
        changes = self._decider.reached(now_us, is_reached=not is_away)
        self._writer.write(changes, self._entry(EntryKind.AWAY if is_away else EntryKind.ONLINE, now_us))

    def tampered(self, how: Tampering | None) -> None:
        """Take in what is done to the camera from now on; ``None`` where it sees as usual."""
        if how is self._tampering:
            return
        self._tampering = how
        now_us = self._now_us
        changes = self._decider.tampered(now_us, how)
        word = b"" if how is None else how.value.encode()
        self._writer.write(changes, self._entry(EntryKind.TAMPERED, now_us, word))

    def second_look(self, event_id: EventId, model: str, opinion: Opinion, summary: str) -> bool:
        """Take in what a model said of an event, as of now; return whether the event is still known."""
        now_us = self._now_us
        look = SecondLook(model, opinion, summary, now_us)
        changes = self._decider.second_look(event_id, look)
        self._writer.write(changes, self._entry(EntryKind.SECOND_LOOK, now_us, frozen_of(event_id, look)))
        return any(isinstance(one, EventSaved) and one.event.second_look is look for one in changes)

    def close(self) -> None:
        """Interrupt what is open: the camera is removed, switched off or at the end of its file.

        A frame that is still with the detector finds no known object to go on with.
        """
        now_us, self._is_away, self._tampering = self._now_us, False, None
        changes = self._decider.close(now_us)
        self._stage.follow(self.camera.id, self._decider.followed, self._decider.resting)
        self._writer.write(changes, self._entry(EntryKind.CLOSE, now_us))

    def _in_order(self, found: Detections) -> Detections:
        """Return a frame behind the one before it.

        One that begins, of the service or of the camera, may be led by a clock a little behind the one
        before; what is stored is decided on again in the order of its times.
        """
        return found if found.wall_us > self._frame_us else replace(found, wall_us=WallUs(self._frame_us + 1))

    def _is_put_back(self, found: Detections) -> bool:
        return seconds_between(found.wall_us, self._frame_us) > BEHIND_S

    @property
    def _now_us(self) -> WallUs:
        """The camera's own time now."""
        return wall_after(self._last_us, (self._clock.monotonic_ns() - self._last_ns) / NS_PER_S)

    def _entry(self, kind: EntryKind, at_us: WallUs, data: bytes = b"") -> Entry:
        return Entry(self.camera.id, self._frame_us, at_us, kind, data)

    def _keep_state(self, at_us: WallUs, *, is_start: bool = False) -> None:
        setup, state = freeze(self._decider.setup), self._decider.snapshot()
        kept = Snapshot(self.camera.id, self._frame_us, at_us, self._version, setup, state, is_start)
        self._writer.write((), snapshot=kept)
        self._snapshot_due_us = _midnight_after(at_us, self._zone)

    def _has_lost(self) -> bool:
        """Return whether something was lost, and for a second nothing more: a replay begins anew here."""
        losses, before = self._writer.losses, self._seen_losses
        self._seen_losses = losses
        if losses != before or losses == self._known_losses:
            return False
        self._known_losses = losses
        return True


class LatestFrames:
    """The newest frame of each camera; written by the readers' threads, read by the web server's."""

    def __init__(self) -> None:
        self._frames: dict[CameraId, Frame] = {}

    def put(self, frame: Frame) -> None:
        """Keep this frame instead of the one before."""
        self._frames[frame.camera_id] = frame

    def get(self, camera_id: CameraId) -> Frame | None:
        """Return the newest frame, or ``None`` when there was none yet."""
        return self._frames.get(camera_id)

    def forget(self, camera_id: CameraId) -> None:
        """Drop the frame of a camera that is not read any more."""
        self._frames.pop(camera_id, None)


def _midnight_after(at_us: WallUs, zone: tzinfo) -> WallUs:
    local = datetime.fromtimestamp(at_us / US_PER_S, zone)
    midnight = datetime.combine(local.date() + timedelta(days=1), time(), zone)
    return WallUs(round(midnight.timestamp() * US_PER_S))
