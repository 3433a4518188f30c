"""The detection stage: gates the cameras' frames, batches them, has the workers look, and reports."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Sequence
from itertools import islice
from typing import Any

import numpy as np
import numpy.typing as npt

from appliance.detections.close_looker import CloseLooker
from appliance.detections.frame_queue import FrameQueue, Task
from appliance.detections.gate import NO_BOXES, Boxes, Gate
from appliance.detections.ledger import Ledger
from appliance.detections.looker import Looker, ModelChooser, Worker
from appliance.detections.settings import Settings
from appliance.detections.worker_client import DetectorInfo
from appliance.domain.detection import DEFAULT_LABELS, Detections, DetectorModel, Probes
from appliance.domain.frame import Frame, Motion
from appliance.domain.ids import CameraId
from appliance.domain.look import looks
from appliance.errors import DeviceFull, WorkerLost
from appliance.runtime.clock import Clock
from appliance.runtime.health import Health
from appliance.runtime.metrics import Metrics
from appliance.runtime.queue_state import QueueState
from detectors import contract

OnDetections = Callable[[Frame, Detections], Awaitable[None]]
"""What is done with an analysed frame and what was found in it, which may be nothing."""

MAX_LANES = 4
"""Batches with one worker at once, whatever its detector says: more only wait where nobody can drop them."""

_OUTCOMES = ("gated_out", "done", "dropped", "lost", "waiting")


class DetectionStage:
    """Takes the newest frame of each camera, a few cameras at a time, in the order in which they came.

    Every worker is asked for as many batches at once as its detector has lanes, and whoever is free takes
    what has waited longest. Of a camera one frame at most is with any of them, so that what is found is
    reported in the order of the frames. A worker's death costs its batches and nothing else. Nobody waits
    for a batch to fill up: under load the frames that come meanwhile fill the next one.

    Args:
        workers: look at pictures; of those that share the processor the first, where none has a GPU.
        clock: for figures.
        metrics: counts frames by camera and outcome, batches, and seconds of work.
        settings: of the stage.
        on_detections: called on the loop for each analysed frame, also when nothing was found in it.
        health: hears when an accelerator has no memory left for the model at work.
        chooser: likewise.
    """

    def __init__(
        self,
        workers: Sequence[Worker],
        clock: Clock,
        metrics: Metrics,
        settings: Settings,
        on_detections: OnDetections,
        health: Health | None = None,
        chooser: ModelChooser | None = None,
    ) -> None:
        self._clock = clock
        self._settings = settings
        self._on_detections = on_detections
        lookers = [
            Looker(worker, clock, health or Health(), settings.max_batch, chooser, workers)
            for worker in workers
        ]
        self._lookers = [CloseLooker(looker, clock, settings.regions) for looker in lookers]
        self._waiting = FrameQueue(Gate(settings.whole_every_s, settings.followed_every_s))
        self._figures = _Figures(metrics)
        metrics.on_collect(self._show_ledgers)

    def camera(self, camera_id: CameraId, labels: frozenset[str] | None = None) -> None:
        """Watch a camera, or change the labels that count there (``None`` for the default ones)."""
        self._waiting.camera(camera_id, DEFAULT_LABELS if labels is None else labels)

    def forget(self, camera_id: CameraId) -> None:
        """Watch a camera no more: what is found in a frame that is under way is not reported."""
        if self._waiting.forget(camera_id):
            self._figures.forget(camera_id)

    def follow(self, camera_id: CameraId, boxes: Boxes, resting: Boxes = NO_BOXES) -> None:
        """Say what is followed at a camera now: float32 (n, 4), pixels of its frames; thread-safe.

        Args:
            camera_id: of an unknown camera nothing is kept.
            boxes: where to look again, whether it moves or not.
            resting: places that need no detector: how they look is reported with each analysed frame.
        """
        self._waiting.follow(camera_id, boxes, resting)

    def is_following(self, camera_id: CameraId) -> bool:
        """Return whether something is followed at a camera now; thread-safe."""
        return self._waiting.is_following(camera_id)

    def is_free(self, camera_id: CameraId, then: Callable[[], None]) -> bool:
        """Return whether a frame that is offered now takes no other one's place; thread-safe.

        Args:
            camera_id: of the frame.
            then: called once when that is so again, if it is not now; on the loop, must return at once.
        """
        return self._waiting.is_free(camera_id, then)

    def offer(self, frame: Frame, motion: Motion) -> None:
        """Bring a frame and what moved in it; thread-safe, never blocks. Ignored for an unknown camera."""
        self._waiting.offer(frame, motion)

    def ledger(self, camera_id: CameraId) -> Ledger:
        """Return what became of the frames of a camera so far; all zero for an unknown one."""
        return self.ledgers().get(camera_id, Ledger())

    def ledgers(self) -> dict[CameraId, Ledger]:
        """Return what became of the frames of each camera so far."""
        return self._waiting.ledgers()

    def queues(self) -> list[QueueState]:
        """Return what waits for the detector, and is with it: of each camera one frame at most waits."""
        ledgers = self.ledgers().values()
        return [
            QueueState(
                *("detector", "Frames that wait for the detector", "frames"),
                "a newer frame of the same camera takes its place",
                sum(ledger.waiting for ledger in ledgers),
                2 * len(ledgers),
                sum(ledger.dropped + ledger.lost for ledger in ledgers),
            )
        ]

    async def run(self) -> None:
        """Look at frames as they come, for ever."""
        await _together(self._lane(looker, lane) for looker in self._lookers for lane in range(MAX_LANES))

    async def run_once(self) -> None:
        """Wait for frames and for the first worker, and look at one batch."""
        await self._round(self._lookers[0], 0)

    async def _lane(self, close: CloseLooker, lane: int) -> None:
        while True:
            await self._round(close, lane)

    async def _round(self, close: CloseLooker, lane: int) -> None:
        looker = close.looker
        info = await looker.ready(lane)
        self._waiting.sees_everything(info.searches_whole_picture)
        await self._waiting.filled()
        # Again: it may have died meanwhile, and then the frames wait or go elsewhere.
        info = await looker.ready(lane)
        batch = self._waiting.take(looker.limit)
        undelivered = deque(batch)
        try:
            while undelivered:
                await self._look_at(close, info, undelivered)
        except (WorkerLost, DeviceFull):
            pass  # the supervisor of the worker's own run says why, or the looker did
        finally:
            for task in undelivered:
                self._waiting.settle(task, "lost")

    async def _look_at(self, close: CloseLooker, info: DetectorInfo, undelivered: deque[Task]) -> None:
        """Have the first of them looked at, as many as may be at once, and report and remove them."""
        some = list(islice(undelivered, close.looker.limit))
        looked = await close.look(info, some, self._waiting.dropped)
        if looked is None:
            return
        self._figures.add(close.looker.name, len(some), looked.crops, looked.seconds)
        for task, boxes in zip(some, looked.found, strict=True):
            await self._report(task, looked.info, boxes)
            undelivered.popleft()
            self._waiting.settle(task, "done")

    async def _report(self, task: Task, info: DetectorInfo, found: contract.Detections) -> None:
        counting = self._waiting.counting(task)
        if counting is not None:
            await self._on_detections(task.frame, _detections(task, info, found, *counting))

    def _show_ledgers(self) -> None:
        self._figures.show(self.ledgers())


class _Figures:
    """What the metrics tell of the stage."""

    def __init__(self, metrics: Metrics) -> None:
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
        self._crops = metrics.counter(
            "nightjar_detection_crops_total", "Parts of large frames that the detector looked at closely"
        )
        self._by_worker = metrics.counter(
            "nightjar_detection_worker_frames_total", "Frames that each worker looked at", "worker"
        )
        self._batches_by_worker = metrics.counter(
            "nightjar_detection_worker_batches_total", "Batches that each worker looked at", "worker"
        )
        self._seconds_by_worker = metrics.counter(
            "nightjar_detection_worker_seconds_total", "Seconds of the batches of each worker", "worker"
        )

    def add(self, worker: str, frames: int, crops: int, seconds: float) -> None:
        """Count a batch."""
        self._batches.add()
        self._crops.add(crops)
        self._seconds.add(seconds)
        self._by_worker.add(frames, worker)
        self._batches_by_worker.add(1, worker)
        self._seconds_by_worker.add(seconds, worker)

    def show(self, ledgers: dict[CameraId, Ledger]) -> None:
        """Set the frames by camera and outcome."""
        for camera_id, ledger in ledgers.items():
            for outcome in _OUTCOMES:
                self._frames.set(getattr(ledger, outcome), camera_id, outcome)

    def forget(self, camera_id: CameraId) -> None:
        """Drop those of a camera that is gone."""
        for outcome in _OUTCOMES:
            self._frames.forget(camera_id, outcome)


async def _together(parts: Iterable[Coroutine[Any, Any, None]]) -> None:
    """Run all of them until one fails; end the others, and fail as it did."""
    tasks = [asyncio.ensure_future(part) for part in parts]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _detections(
    task: Task,
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
