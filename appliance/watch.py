"""The part of a camera's way that runs on the event loop: detections → tracks → events → the commit."""

import itertools

from appliance.commit.event_writer import EventWriter
from appliance.commit.picture_keeper import PictureKeeper
from appliance.detections.stage import DetectionStage
from appliance.domain.camera import Camera
from appliance.domain.detection import Detections
from appliance.domain.frame import Frame
from appliance.domain.ids import CameraId
from appliance.events.changes import Change, EventSaved
from appliance.events.machine import EventMachine
from appliance.events.recovery import Interrupted, Recovered
from appliance.runtime.clock import Clock
from appliance.store.boxes import as_stored
from appliance.store.recovery import LeftBehind
from appliance.tracks.settings import Settings as TracksSettings
from appliance.tracks.tracker import Tracker


class Watch:
    """The part of a camera's way that runs on the event loop; it lives as long as the camera's row."""

    def __init__(
        self,
        camera: Camera,
        machine: EventMachine,
        left: LeftBehind,
        stage: DetectionStage,
        writer: EventWriter,
        pictures: PictureKeeper,
        clock: Clock,
        settings: TracksSettings,
    ) -> None:
        self.camera = camera
        self._machine = machine
        self._settings = settings
        self._numbers = itertools.count(left.last_track + 1)
        self._tracker = Tracker(settings, self._numbers)
        self._stage = stage
        self._writer = writer
        self._pictures = pictures
        self._clock = clock
        machine.resume(_recovered(left), clock.wall_us(), clock.monotonic_ns())

    def rename(self, camera: Camera) -> None:
        """Use the camera's new name and settings."""
        self.camera = camera
        self._machine.rename(camera)

    def on_detections(self, frame: Frame, found: Detections) -> None:
        """Take in an analysed frame: track, decide, write, and say what to look at again.

        It is decided on as it will be stored, so that a replay of the rows decides alike.
        """
        found = as_stored(found)
        step = self._tracker.step(found)
        self._stage.follow(self.camera.id, self._tracker.followed)
        self._write(self._machine.step(step.tracks, found.wall_us, self._clock.monotonic_ns()), frame)
        self._writer.write_frame(step.tracked)

    def tick(self) -> None:
        """Do what is due without a frame; about once a second."""
        self._write(self._machine.tick(self._clock.monotonic_ns()))

    def close(self) -> None:
        """Interrupt what is open: the camera is removed, switched off or at the end of its file.

        A frame that is still with the detector finds no known object to go on with.
        """
        self._tracker = Tracker(self._settings, self._numbers)
        self._stage.follow(self.camera.id, self._tracker.followed)
        self._write(self._machine.close(self._clock.monotonic_ns()))

    def _write(self, changes: tuple[Change, ...], frame: Frame | None = None) -> None:
        self._writer.write(changes)
        for change in changes:
            if frame is not None and isinstance(change, EventSaved) and change.best_moment:
                self._pictures.keep(change.event.id, frame)


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


def _recovered(left: LeftBehind) -> Recovered:
    return Recovered(
        interrupted=tuple(Interrupted(cut.event, cut.last_box) for cut in left.cut_off),
        batch=left.batch,
        batch_events=left.batch_events,
        label_last_seen=left.label_last_seen,
    )
