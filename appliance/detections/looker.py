"""One worker as the stage uses it: how many pictures at once, and when it is to be left alone."""

import logging
from collections.abc import Sequence
from typing import Protocol

from appliance.detections.batch_limit import BatchLimit
from appliance.detections.worker_client import DetectorInfo
from appliance.domain.time import NS_PER_S, MonotonicNs
from appliance.errors import DeviceFull
from appliance.runtime.clock import Clock
from appliance.runtime.health import Health, Level
from detectors.contract import Detections, Picture

log = logging.getLogger(__name__)

PAUSE_S = 30.0
"""An accelerator that has no memory for a single picture is left alone that long, or until another model."""
LOOK_AGAIN_S = 1.0
"""How often a lane that rests asks whether it still should."""
CPU = "CPU"


class Worker(Protocol):
    """What looks at pictures: ``WorkerClient``, or a test's fake."""

    @property
    def name(self) -> str:
        """What a person calls it; no two of one stage have the same."""
        ...

    @property
    def info(self) -> DetectorInfo | None:
        """The detector at work; ``None`` while there is none."""
        ...

    async def ready(self) -> DetectorInfo:
        """Wait until a detector is at work."""
        ...

    async def detect(self, pictures: Sequence[Picture]) -> tuple[DetectorInfo, list[Detections]]:
        """Return what was found in each; raises ``WorkerLost`` or ``DeviceFull``."""
        ...


class ModelChooser(Protocol):
    """Whoever decides on the model."""

    def too_large(self, info: DetectorInfo, reason: str) -> None:
        """Hear that the accelerator has no memory for one picture with that detector; returns at once."""
        ...


class Looker:
    """Asks one worker. Used from the event loop's thread alone.

    Args:
        worker: looks at pictures.
        clock: for the pause.
        health: hears why there is a pause.
        max_batch: pictures at once, at most.
        chooser: hears that a model is too large.
        crew: all workers of the machine in their order, if this is not the only one. While its detector
            computes on the CPU, this one rests as long as another is at work on an accelerator, which may
            have another model, or comes before it on the same CPU, where the two would take turns.
    """

    def __init__(
        self,
        worker: Worker,
        clock: Clock,
        health: Health,
        max_batch: int,
        chooser: ModelChooser | None = None,
        crew: Sequence[Worker] = (),
    ) -> None:
        self._worker = worker
        self._clock = clock
        self._health = health
        self._chooser = chooser
        self._crew = tuple(crew)
        self._limit = BatchLimit(max_batch)
        self._at_work: DetectorInfo | None = None
        self._paused_until_ns: MonotonicNs | None = None
        self._part = f"memory of {worker.name}"

    @property
    def name(self) -> str:
        """The worker's."""
        return self._worker.name

    @property
    def limit(self) -> int:
        """How many pictures may be asked for at once now."""
        return self._limit.at(self._clock.monotonic_ns())

    async def ready(self, lane: int = 0) -> DetectorInfo:
        """Wait until the worker can be asked on that lane, and return what is at work."""
        while True:
            if self._worker.info is None:
                self._go_on()
            info = await self._worker.ready()
            self._is_another(info)
            if lane < info.lanes and not self._is_resting(info):
                return info
            await self._clock.sleep(LOOK_AGAIN_S)

    async def detect(self, pictures: Sequence[Picture]) -> tuple[DetectorInfo, list[Detections]] | None:
        """Return what was found in each picture, or ``None``: ask again with as many as ``limit`` says now.

        Raises:
            DeviceFull: there is no memory for one picture; a pause begins.
            WorkerLost: the worker ended.
        """
        asked = self._worker.info
        try:
            return await self._worker.detect(pictures)
        except DeviceFull as err:
            if asked is None or asked != self._worker.info:
                return None  # another one is at work by now, or none
            self._is_another(asked)
            self._limit.shrink(len(pictures), self._clock.monotonic_ns())
            if len(pictures) == 1:
                self._pause(asked, str(err))
                raise
            log.warning("%s: %s; no more than %d at once from now on", self.name, err, self.limit)
            return None

    def _is_another(self, info: DetectorInfo) -> None:
        """Forget what was learnt with the model before."""
        if info != self._at_work:
            self._at_work = info
            self._limit.reset()
            self._go_on()

    def _is_resting(self, info: DetectorInfo) -> bool:
        if self._paused_until_ns is not None and self._clock.monotonic_ns() >= self._paused_until_ns:
            self._go_on()
        return self._paused_until_ns is not None or (info.accelerator == CPU and self._gives_way())

    def _gives_way(self) -> bool:
        """Return whether somebody else does what this one would do on the CPU."""
        there = [(worker, info) for worker in self._crew if (info := worker.info) is not None]
        is_accelerated = any(info.accelerator != CPU for _, info in there)
        return is_accelerated or (bool(there) and there[0][0] is not self._worker)

    def _pause(self, info: DetectorInfo, reason: str) -> None:
        if self._paused_until_ns is not None:
            return
        self._paused_until_ns = MonotonicNs(self._clock.monotonic_ns() + round(PAUSE_S * NS_PER_S))
        self._health.report(self._part, Level.DEGRADED, f"detection is paused: {reason}")
        log.error("%s has no memory for a single picture, and pauses: %s", self.name, reason)
        if self._chooser is not None:
            self._chooser.too_large(info, reason)

    def _go_on(self) -> None:
        if self._paused_until_ns is not None:
            self._paused_until_ns = None
            self._health.forget(self._part)
