"""The detection stage: gates the cameras' frames, batches them, has the worker look, and reports."""

import asyncio
import threading
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

import numpy as np
import numpy.typing as npt

from appliance.detections.gate import NO_BOXES, Boxes, Gate, GateState, Look
from appliance.detections.ledger import Ledger
from appliance.detections.settings import Settings
from appliance.detections.worker_client import DetectorInfo
from appliance.domain.detection import DEFAULT_LABELS, Detections, DetectorModel, Probes
from appliance.domain.frame import Frame, Motion
from appliance.domain.ids import CameraId
from appliance.domain.look import looks
from appliance.errors import WorkerLost
from appliance.runtime.clock import Clock, seconds_since
from appliance.runtime.metrics import Metrics
from appliance.runtime.queue_state import QueueState
from detectors import contract

OnDetections = Callable[[Frame, Detections], Awaitable[None]]
"""What is done with an analysed frame and what was found in it, which may be nothing."""


class Worker(Protocol):
    """What looks at pictures: ``WorkerClient``, or a test's fake."""

    async def ready(self) -> DetectorInfo:
        """Wait until a detector is at work."""
        ...

    async def detect(
        self, pictures: Sequence[contract.Picture]
    ) -> tuple[DetectorInfo, list[contract.Detections]]:
        """Return what was found in each; raises ``WorkerLost``."""
        ...


@dataclass(frozen=True, slots=True)
class _Task:
    frame: Frame
    look: Look


@dataclass(slots=True)
class _Watched:
    """One camera: everything that the reader's thread and the loop share is used under the stage's lock."""

    labels: frozenset[str]
    gate: GateState = field(default_factory=GateState)
    followed: Boxes = field(default_factory=lambda: NO_BOXES)
    resting: Boxes = field(default_factory=lambda: NO_BOXES)
    waiting: _Task | None = None
    ledger: Ledger = field(default_factory=Ledger)
    when_free: Callable[[], None] | None = None


class DetectionStage:
    """Takes the newest frame of each camera, a few cameras at a time, in the order in which they came.

    One batch is with the worker at a time, with one frame of a camera at most, so that what is found is
    reported in the order of the frames. The worker's death costs that batch and nothing else.

    Args:
        worker: looks at pictures.
        clock: for figures.
        metrics: counts frames by camera and outcome, batches, and seconds of work.
        settings: of the stage.
        on_detections: called on the loop for each analysed frame, also when nothing was found in it.
    """

    def __init__(
        self,
        worker: Worker,
        clock: Clock,
        metrics: Metrics,
        settings: Settings,
        on_detections: OnDetections,
    ) -> None:
        self._worker = worker
        self._clock = clock
        self._settings = settings
        self._on_detections = on_detections
        self._gate = Gate(settings.whole_every_s, settings.followed_every_s)
        self._sees_everything = True
        self._cameras: dict[CameraId, _Watched] = {}
        self._queue: deque[CameraId] = deque()
        self._lock = threading.Lock()
        self._arrived = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._frames = metrics.counter(
            "nightjar_detection_frames_total",
            "Frames offered to the detector, by what became of them",
            "camera",
            "outcome",
        )
        self._batches = metrics.counter("nightjar_detection_batches_total", "Batches the detector looked at")
        self._seconds = metrics.counter(
            "nightjar_detection_seconds_total", "Seconds in which the detector looked at batches"
        )
        metrics.on_collect(self._show_ledgers)

    def camera(self, camera_id: CameraId, labels: frozenset[str] | None = None) -> None:
        """Watch a camera, or change the labels that count there (``None`` for the default ones)."""
        counting = DEFAULT_LABELS if labels is None else labels
        with self._lock:
            watched = self._cameras.setdefault(camera_id, _Watched(counting))
            watched.labels = counting

    def forget(self, camera_id: CameraId) -> None:
        """Watch a camera no more: what is found in a frame that is under way is not reported."""
        with self._lock:
            if self._cameras.pop(camera_id, None) is not None:
                for outcome in _OUTCOMES:
                    self._frames.forget(camera_id, outcome)

    def follow(self, camera_id: CameraId, boxes: Boxes, resting: Boxes = NO_BOXES) -> None:
        """Say what is followed at a camera now: float32 (n, 4), pixels of its frames; thread-safe.

        Args:
            camera_id: of an unknown camera nothing is kept.
            boxes: where to look again, whether it moves or not.
            resting: places that need no detector: how they look is reported with each analysed frame.
        """
        with self._lock:
            watched = self._cameras.get(camera_id)
            if watched is not None:
                watched.followed, watched.resting = boxes, resting

    def is_following(self, camera_id: CameraId) -> bool:
        """Return whether something is followed at a camera now; thread-safe."""
        with self._lock:
            watched = self._cameras.get(camera_id)
            return watched is not None and len(watched.followed) > 0

    def is_free(self, camera_id: CameraId, then: Callable[[], None]) -> bool:
        """Return whether a frame that is offered now takes no other one's place; thread-safe.

        Args:
            camera_id: of the frame.
            then: called once when that is so again, if it is not now; on the loop, must return at once.
        """
        with self._lock:
            watched = self._cameras.get(camera_id)
            if watched is None or watched.waiting is None:
                return True
            watched.when_free = then
            return False

    def offer(self, frame: Frame, motion: Motion) -> None:
        """Bring a frame and what moved in it; thread-safe, never blocks. Ignored for an unknown camera."""
        with self._lock:
            watched = self._cameras.get(frame.camera_id)
            if watched is None:
                return
            watched.ledger.offered += 1
            look = self._look(watched, frame, motion)
            if look is None:
                watched.ledger.gated_out += 1
                return
            before, watched.waiting = watched.waiting, _Task(frame, look)
            if before is not None:
                watched.ledger.dropped += 1
                watched.waiting = _Task(frame, look.after(before.look))
                return
            self._queue.append(frame.camera_id)
            loop = self._loop
        if loop is not None and not loop.is_closed():
            loop.call_soon_threadsafe(self._arrived.set)

    def ledger(self, camera_id: CameraId) -> Ledger:
        """Return what became of the frames of a camera so far; all zero for an unknown one."""
        with self._lock:
            watched = self._cameras.get(camera_id)
            return Ledger() if watched is None else replace(watched.ledger)

    def ledgers(self) -> dict[CameraId, Ledger]:
        """Return what became of the frames of each camera so far."""
        with self._lock:
            return {camera_id: replace(watched.ledger) for camera_id, watched in self._cameras.items()}

    def queues(self) -> list[QueueState]:
        """Return what waits for the detector, and is with it: of each camera one frame at most waits."""
        ledgers = self.ledgers().values()
        return [
            QueueState(
                *("detector", "Frames that wait for the detector", "frames"),
                "a newer frame of the same camera takes its place",
                sum(ledger.waiting for ledger in ledgers),
                len(ledgers) + self._settings.max_batch,
                sum(ledger.dropped + ledger.lost for ledger in ledgers),
            )
        ]

    async def run(self) -> None:
        """Look at frames as they come, for ever."""
        self._loop = asyncio.get_running_loop()
        while True:
            await self.run_once()

    async def run_once(self) -> None:
        """Wait for frames and for a worker, and look at one batch."""
        self._loop = asyncio.get_running_loop()
        self._sees_everything = (await self._worker.ready()).searches_whole_picture
        batch = await self._take()
        undelivered = deque(batch)
        try:
            began = self._clock.monotonic_ns()
            info, found = await self._worker.detect([_picture(task) for _, task in batch])
            self._batches.add()
            self._seconds.add(seconds_since(self._clock, began))
            for (watched, task), boxes in zip(batch, found, strict=True):
                await self._report(watched, task, info, boxes)
                undelivered.popleft()
        except WorkerLost:
            pass  # the supervisor of the worker's own run says why, and starts it again
        finally:
            with self._lock:
                for watched, _ in undelivered:
                    watched.ledger.lost += 1

    def _look(self, watched: _Watched, frame: Frame, motion: Motion) -> Look | None:
        if frame.is_corrupt:  # what a decoder invents to fill a hole looks like motion and like people
            return None
        watched.gate, look = self._gate.step(
            watched.gate, motion.boxes, watched.followed, frame.arrived_ns, self._sees_everything
        )
        return look

    async def _take(self) -> list[tuple[_Watched, _Task]]:
        """Return what waits now, one frame of each camera, those first that have waited longest."""
        while True:
            self._arrived.clear()
            batch: list[tuple[_Watched, _Task]] = []
            freed: list[Callable[[], None]] = []
            with self._lock:
                while self._queue and len(batch) < self._settings.max_batch:
                    watched = self._cameras.get(self._queue.popleft())
                    if watched is not None and watched.waiting is not None:
                        batch.append((watched, watched.waiting))
                        watched.waiting = None
                        if watched.when_free is not None:
                            freed.append(watched.when_free)
                            watched.when_free = None
            for then in freed:
                then()
            if batch:
                return batch
            await self._arrived.wait()

    async def _report(
        self, watched: _Watched, task: _Task, info: DetectorInfo, found: contract.Detections
    ) -> None:
        camera_id = task.frame.camera_id
        if self._cameras.get(camera_id) is watched:
            with self._lock:
                resting = watched.resting
            await self._on_detections(task.frame, _detections(task, info, found, watched.labels, resting))
        with self._lock:
            watched.ledger.done += 1

    def _show_ledgers(self) -> None:
        for camera_id, ledger in self.ledgers().items():
            for outcome in _OUTCOMES:
                self._frames.set(getattr(ledger, outcome), camera_id, outcome)


_OUTCOMES = ("gated_out", "done", "dropped", "lost", "waiting")


def _picture(task: _Task) -> contract.Picture:
    return contract.Picture(
        task.frame.i420, np.asarray(task.look.motion, np.float32), np.asarray(task.look.followed, np.float32)
    )


def _detections(
    task: _Task,
    info: DetectorInfo,
    found: contract.Detections,
    counting: frozenset[str],
    resting: Boxes,
) -> Detections:
    """Return what counts at the camera of what was found, and how it and the resting places look."""
    names = [info.labels[class_id] for class_id in found.class_ids]
    counts: npt.NDArray[np.bool_] = np.array([name in counting for name in names], np.bool_)
    frame, xyxy = task.frame, found.xyxy[counts]
    return Detections(
        camera_id=frame.camera_id,
        wall_us=frame.wall_us,
        media=frame.media,
        arrived_ns=frame.arrived_ns,
        width=frame.width,
        height=frame.height,
        xyxy=xyxy,
        scores=found.scores[counts],
        labels=tuple(name for name in names if name in counting),
        searched=None if info.searches_whole_picture else task.look.places,
        looks=looks(frame.luma, xyxy),
        probes=Probes(resting, looks(frame.luma, resting)),
        model=DetectorModel(info.sha256, info.name),
    )
