"""The frames that wait for a worker: the newest of each camera, and every one accounted for."""

import asyncio
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Literal

from appliance.detections.gate import NO_BOXES, Boxes, Gate, GateState, Look
from appliance.detections.ledger import Ledger
from appliance.domain.frame import Frame, Motion
from appliance.domain.ids import CameraId


@dataclass(slots=True, eq=False)
class Watched:
    """One camera: everything that the reader's thread and the loop share is used under the queue's lock.

    Attributes:
        labels: those that count there.
        gate: when it was looked at.
        followed: where something is followed.
        resting: places whose looks are reported.
        waiting: its newest frame, which nobody looks at yet.
        is_with_worker: a frame before that one is being looked at; it is never passed by the next one.
        ledger: what became of its frames.
        when_free: to be called when nothing waits any more.
    """

    labels: frozenset[str]
    gate: GateState = field(default_factory=GateState)
    followed: Boxes = field(default_factory=lambda: NO_BOXES)
    resting: Boxes = field(default_factory=lambda: NO_BOXES)
    waiting: "Task | None" = None
    is_with_worker: bool = False
    ledger: Ledger = field(default_factory=Ledger)
    when_free: Callable[[], None] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Task:
    """A frame to look at, and where in it."""

    watched: Watched = field(repr=False)
    frame: Frame
    look: Look


class FrameQueue:
    """Holds one frame of each camera at most, and gives them out in the order in which they came.

    A camera stands in the queue once, and stands at its end again when its frame has been looked at: one
    with thirty frames a second waits as long for its turn as one with five. Readers' threads bring the
    frames; they are waited for, taken and settled on the event loop.

    Args:
        gate: decides which frames are worth a look.
    """

    def __init__(self, gate: Gate) -> None:
        self._gate = gate
        self._sees_everything = True
        self._cameras: dict[CameraId, Watched] = {}
        self._queue: deque[Watched] = deque()
        self._lock = threading.Lock()
        self._dropped = 0
        self._arrived = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None

    @property
    def dropped(self) -> int:
        """How many frames were dropped so far, also those of cameras that are gone."""
        return self._dropped

    def sees_everything(self, does: bool) -> None:
        """Say whether the detector at work looks at whole pictures."""
        self._sees_everything = does

    def camera(self, camera_id: CameraId, labels: frozenset[str]) -> None:
        """Watch a camera, or change the labels that count there."""
        with self._lock:
            self._cameras.setdefault(camera_id, Watched(labels)).labels = labels

    def forget(self, camera_id: CameraId) -> bool:
        """Watch a camera no more; return whether it was known."""
        with self._lock:
            watched = self._cameras.pop(camera_id, None)
            if watched is not None and watched in self._queue:
                self._queue.remove(watched)
            return watched is not None

    def follow(self, camera_id: CameraId, boxes: Boxes, resting: Boxes) -> None:
        """Say what is followed at a camera now, and which places need no detector."""
        with self._lock:
            watched = self._cameras.get(camera_id)
            if watched is not None:
                watched.followed, watched.resting = boxes, resting

    def is_following(self, camera_id: CameraId) -> bool:
        """Return whether something is followed at a camera now."""
        with self._lock:
            watched = self._cameras.get(camera_id)
            return watched is not None and len(watched.followed) > 0

    def is_free(self, camera_id: CameraId, then: Callable[[], None]) -> bool:
        """Return whether nothing of a camera waits; ``then`` is called once when that is so again."""
        with self._lock:
            watched = self._cameras.get(camera_id)
            if watched is None or watched.waiting is None:
                return True
            watched.when_free = then
            return False

    def offer(self, frame: Frame, motion: Motion) -> None:
        """Bring a frame; it takes the place of one that still waits. Ignored for an unknown camera."""
        with self._lock:
            watched = self._cameras.get(frame.camera_id)
            if watched is None:
                return
            watched.ledger.offered += 1
            look = self._look(watched, frame, motion)
            if look is None:
                watched.ledger.gated_out += 1
                return
            before, watched.waiting = watched.waiting, Task(watched, frame, look)
            if before is not None:
                watched.ledger.dropped += 1
                self._dropped += 1
                watched.waiting = Task(watched, frame, look.after(before.look))
                return
            if watched.is_with_worker:
                return
            self._queue.append(watched)
            loop = self._loop
        if loop is not None and not loop.is_closed():
            loop.call_soon_threadsafe(self._arrived.set)

    async def filled(self) -> None:
        """Wait until some frame can be taken; on the loop."""
        self._loop = asyncio.get_running_loop()
        while True:
            self._arrived.clear()
            with self._lock:
                if self._queue:
                    return
            await self._arrived.wait()

    def take(self, limit: int) -> list[Task]:
        """Return frames of that many cameras at most, those first that have waited longest; on the loop.

        Each is settled later. Empty when somebody else was faster.
        """
        taken: list[Task] = []
        freed: list[Callable[[], None]] = []
        with self._lock:
            while self._queue and len(taken) < limit:
                watched = self._queue.popleft()
                if watched.waiting is None:
                    continue
                taken.append(watched.waiting)
                watched.waiting, watched.is_with_worker = None, True
                if watched.when_free is not None:
                    freed.append(watched.when_free)
                    watched.when_free = None
        for then in freed:
            then()
        return taken

    def settle(self, task: Task, outcome: Literal["done", "lost"]) -> None:
        """Say what became of a frame that was taken; its camera stands in the queue again; on the loop."""
        watched = task.watched
        with self._lock:
            if outcome == "done":
                watched.ledger.done += 1
            else:
                watched.ledger.lost += 1
            watched.is_with_worker = False
            if watched.waiting is not None and self._cameras.get(task.frame.camera_id) is watched:
                self._queue.append(watched)
                self._arrived.set()

    def counting(self, task: Task) -> tuple[frozenset[str], Boxes] | None:
        """Return the labels and the resting places of a frame's camera; ``None`` when it was forgotten."""
        with self._lock:
            watched = task.watched
            if self._cameras.get(task.frame.camera_id) is not watched:
                return None
            return watched.labels, watched.resting

    def ledgers(self) -> dict[CameraId, Ledger]:
        """Return what became of the frames of each camera so far."""
        with self._lock:
            return {camera_id: replace(watched.ledger) for camera_id, watched in self._cameras.items()}

    def _look(self, watched: Watched, frame: Frame, motion: Motion) -> Look | None:
        if frame.is_corrupt:  # what a decoder invents to fill a hole looks like motion and like people
            return None
        watched.gate, look = self._gate.step(
            watched.gate, motion.boxes, watched.followed, frame.arrived_ns, self._sees_everything
        )
        return look
