"""The part of a camera's way that runs on the event loop: detections → decisions → the commit."""

from dataclasses import replace

from appliance.commit.event_writer import EventWriter
from appliance.commit.picture_keeper import PictureKeeper
from appliance.decisions.changes import Change
from appliance.decisions.decider import Decider
from appliance.decisions.setup import House
from appliance.detections.stage import DetectionStage
from appliance.domain.camera import Camera
from appliance.domain.detection import Detections
from appliance.domain.frame import Frame
from appliance.domain.ids import CameraId
from appliance.domain.time import NS_PER_S, WallUs, wall_after
from appliance.events.changes import EventSaved
from appliance.runtime.clock import Clock
from appliance.store.boxes import as_stored


class Watch:
    """The part of a camera's way that runs on the event loop; it lives as long as the camera's row.

    It keeps the camera's own time: that of the last analysed frame, and what has passed since by the
    monotonic clock. So a step of the box's clock is none of the decisions'.

    Args:
        decider: as it starts.
    """

    def __init__(
        self,
        camera: Camera,
        decider: Decider,
        stage: DetectionStage,
        writer: EventWriter,
        pictures: PictureKeeper,
        clock: Clock,
    ) -> None:
        self.camera = camera
        self._decider = decider
        self._stage = stage
        self._writer = writer
        self._pictures = pictures
        self._clock = clock
        self._last_us = clock.wall_us()
        self._last_ns = clock.monotonic_ns()

    def configure(self, camera: Camera, house: House) -> None:
        """Use the camera's newest settings, and those of the house, from now on."""
        self.camera = camera
        setup = replace(self._decider.setup, name=camera.name, scene=camera.scene, house=house)
        if setup != self._decider.setup:
            self._write(self._decider.configure(setup, self._now_us))

    def on_detections(self, frame: Frame, found: Detections) -> None:
        """Take in an analysed frame: decide, write, and say what to look at again.

        It is decided on as it will be stored, so that a replay of the rows decides alike.
        """
        decided = self._decider.frame(as_stored(found))
        self._last_us, self._last_ns = found.wall_us, self._clock.monotonic_ns()
        self._stage.follow(self.camera.id, self._decider.followed, self._decider.resting)
        self._write(decided.changes, frame)
        self._writer.write_frame(decided.tracked)

    def tick(self) -> None:
        """Do what is due without a frame; about once a second."""
        now_us, due_us = self._now_us, self._decider.due_us
        if due_us is not None and due_us <= now_us:
            self._write(self._decider.tick(now_us))

    def close(self) -> None:
        """Interrupt what is open: the camera is removed, switched off or at the end of its file.

        A frame that is still with the detector finds no known object to go on with.
        """
        changes = self._decider.close(self._now_us)
        self._stage.follow(self.camera.id, self._decider.followed, self._decider.resting)
        self._write(changes)

    @property
    def _now_us(self) -> WallUs:
        """The camera's own time now."""
        return wall_after(self._last_us, (self._clock.monotonic_ns() - self._last_ns) / NS_PER_S)

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
