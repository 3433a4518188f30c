"""Has one worker look at frames, and closely where something small moves in a large one."""

import asyncio
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from appliance.detections.budget import BudgetState, Spent, fair_shares, step
from appliance.detections.frame_queue import Task
from appliance.detections.gate import NO_BOXES
from appliance.detections.looker import Looker
from appliance.detections.worker_client import DetectorInfo
from appliance.domain.time import MonotonicNs
from appliance.runtime.clock import Clock, seconds_since
from detectors.contract import Detections, Picture
from detectors.regions import Crop, choose, merge


class Looked(NamedTuple):
    """What came of a batch.

    Attributes:
        info: what looked.
        found: in each frame, each thing once.
        crops: how many were looked at closely, in all.
        seconds: it took.
    """

    info: DetectorInfo
    found: list[Detections]
    crops: int
    seconds: float


class CloseLooker:
    """Adds crops to a batch as long as the worker has time for them; used from the event loop's thread alone.

    A frame and its crops are one look: they are asked for together, and answered as one.

    Args:
        looker: asks the worker.
        clock: tells how busy the worker is.
        at_most: crops of one frame.
    """

    def __init__(self, looker: Looker, clock: Clock, at_most: int) -> None:
        self.looker = looker
        self._clock = clock
        self._at_most = at_most
        self._budget = BudgetState()
        self._stepped_ns: MonotonicNs | None = None
        self._dropped = 0
        self._busy_s = 0.0
        self._tiles = 0
        self._batches = 0

    async def look(self, info: DetectorInfo, tasks: Sequence[Task], dropped: int) -> Looked | None:
        """Return what is in some frames, or ``None``: ask again with as many as the looker's limit says now.

        Args:
            info: what is at work.
            tasks: the frames, no more of them than the looker's limit.
            dropped: frames that were dropped so far, of every camera.

        Raises:
            DeviceFull: there is no memory for one picture; a pause begins.
            WorkerLost: the worker ended.
        """
        crops = self._choose(info, tasks, self._affordable(dropped))
        pictures = [_picture(task) for task in tasks]
        if any(crops):
            pictures += await asyncio.to_thread(_cut, tasks, crops)
        began = self._clock.monotonic_ns()
        answer = await self.looker.detect(pictures)
        if answer is None:
            return None
        seconds = seconds_since(self._clock, began)
        self._busy_s += seconds / max(1, info.lanes)
        self._tiles += len(pictures)
        self._batches += 1
        now, found = answer
        return Looked(now, _joined(now, tasks, crops, found), len(pictures) - len(tasks), seconds)

    def _choose(self, info: DetectorInfo, tasks: Sequence[Task], affordable: int) -> list[list[Crop]]:
        """Return the crops of each frame; a detector that is told where to look needs none."""
        room = min(affordable, self.looker.limit - len(tasks))
        if info.input is None or not info.searches_whole_picture or room <= 0:
            return [[] for _ in tasks]
        # Each look of a camera begins with another crop, so that none is left out for good.
        wanted = [
            choose(_size(task), task.look.places, info.input, self._at_most, task.watched.ledger.done)
            for task in tasks
        ]
        shares = fair_shares([len(crops) for crops in wanted], room, tasks[0].watched.ledger.done)
        return [crops[:share] for crops, share in zip(wanted, shares, strict=True)]

    def _affordable(self, dropped: int) -> int:
        """Return how many crops the next batch may have, by what those since the last one cost."""
        now = self._clock.monotonic_ns()
        elapsed_s = 0.0 if self._stepped_ns is None else seconds_since(self._clock, self._stepped_ns)
        spent = Spent(elapsed_s, self._busy_s, self._tiles, self._batches, dropped - self._dropped)
        self._stepped_ns, self._dropped = now, dropped
        self._busy_s, self._tiles, self._batches = 0.0, 0, 0
        self._budget, crops = step(self._budget, spent, self.looker.limit)
        return crops


def _size(task: Task) -> tuple[int, int]:
    return task.frame.width, task.frame.height


def _picture(task: Task) -> Picture:
    return Picture(
        task.frame.i420, np.asarray(task.look.motion, np.float32), np.asarray(task.look.followed, np.float32)
    )


def _cut(tasks: Sequence[Task], crops: Sequence[Sequence[Crop]]) -> list[Picture]:
    """Return the crops as pictures, frame by frame; about 0.1 ms each."""
    return [
        Picture(crop.cut(task.frame.i420), NO_BOXES)
        for task, some in zip(tasks, crops, strict=True)
        for crop in some
    ]


def _joined(
    info: DetectorInfo, tasks: Sequence[Task], crops: Sequence[Sequence[Crop]], found: Sequence[Detections]
) -> list[Detections]:
    """Return what was found in each frame with what was found in its crops.

    The detector may have changed since the crops were chosen: one that is told where to look found nothing
    in them.
    """
    whole, rest = list(found[: len(tasks)]), iter(found[len(tasks) :])
    for index, (task, some) in enumerate(zip(tasks, crops, strict=True)):
        parts = [(crop, next(rest)) for crop in some]
        if parts and info.input is not None:
            whole[index] = merge(_size(task), info.input, whole[index], parts)
    return whole
