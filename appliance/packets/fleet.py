"""All readers of the appliance, kept in step with the cameras that its owner wants."""

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from appliance.domain.camera import Camera, CameraReport, CameraState, Credentials, DecodePolicy
from appliance.domain.ids import CameraId
from appliance.domain.time import NS_PER_S
from appliance.errors import TemporaryFailure
from appliance.packets.settings import Settings
from appliance.runtime.clock import Clock

log = logging.getLogger(__name__)

AGAIN_S = 5.0
"""After a reader could not be started."""


class Reader(Protocol):
    """What the fleet needs of a ``CameraReader``."""

    def start(self, on_end: Callable[[], None]) -> None:
        """Start its thread, which calls ``on_end`` last.

        Raises:
            TemporaryFailure: it has none, and never calls ``on_end``.
        """
        ...

    def stop(self) -> None:
        """Ask it to end, without waiting."""
        ...

    def join(self, timeout_s: float) -> bool:
        """Wait for its end; return whether it has ended."""
        ...


@dataclass(slots=True)
class _Slot:
    """The reader of one camera.

    Attributes:
        camera: what the reader was made for.
        running: its thread has not ended.
        stopping: it was asked to end.
    """

    camera: Camera
    reader: Reader
    running: bool = True
    stopping: bool = False


class ReaderFleet:
    """Starts, stops and replaces readers; no call but ``close`` waits for one.

    A camera whose reader must be replaced gets its new one on the old one's thread, as the last thing that it
    does: a camera often allows a single session, so that the two must not overlap. A reader that cannot be
    started costs the others nothing, and is made anew by ``keep``. ``apply`` may be called from any thread.

    Args:
        make_reader: makes an unstarted reader; called on the thread of ``apply`` or of an ending reader.
        on_report: is told of cameras that are switched off, and of those whose reader cannot be started; any
            of those threads; must not block.
        on_gone: is told of a camera that is no more, after its reader has ended; any of those threads.
    """

    def __init__(
        self,
        make_reader: Callable[[Camera], Reader],
        clock: Clock,
        settings: Settings,
        on_report: Callable[[CameraReport], None],
        on_gone: Callable[[CameraId], None] | None = None,
    ) -> None:
        self._make_reader = make_reader
        self._clock = clock
        self._close_timeout_s = settings.close_timeout_s
        self._on_report = on_report
        self._on_gone = on_gone or _nothing
        self._lock = threading.RLock()
        self._wanted: dict[CameraId, Camera] = {}
        self._known: set[CameraId] = set()
        self._slots: dict[CameraId, _Slot] = {}
        self._off: set[CameraId] = set()
        self._unstarted: set[CameraId] = set()
        self._closed = False

    def apply(self, cameras: Sequence[Camera]) -> None:
        """Make the readers match these cameras; a name, labels or a second address restart nothing."""
        with self._lock:
            self._wanted = {camera.id: camera for camera in cameras}
            for camera_id in (*self._wanted, *sorted(self._known - self._wanted.keys())):
                self._reconcile(camera_id)

    async def keep(self) -> None:
        """Start every few seconds what could not be started before, until cancelled."""
        while True:
            await self._clock.sleep(AGAIN_S)
            self.try_again()

    def try_again(self) -> None:
        """Start the readers that could not be started before; any thread."""
        with self._lock:
            for camera_id in sorted(self._unstarted):
                self._reconcile(camera_id)

    def count(self) -> int:
        """Return how many cameras there are, those that are switched off included; any thread."""
        return len(self._known)

    def close(self) -> None:
        """Stop all readers at once and wait for them together; blocks for the close time-out at most."""
        with self._lock:
            self._closed = True
            slots = dict(self._slots)
            for slot in slots.values():
                slot.reader.stop()
        deadline = self._clock.monotonic_ns() + round(self._close_timeout_s * NS_PER_S)
        for camera_id, slot in slots.items():
            left_s = max(0.0, (deadline - self._clock.monotonic_ns()) / NS_PER_S)
            if not slot.reader.join(left_s):
                log.warning("camera %s: the reader did not end within the time allowed", camera_id)

    def missing(self) -> tuple[CameraId, ...]:
        """Return the cameras whose reader's thread has ended without a word; any thread."""
        with self._lock:
            return tuple(
                camera_id for camera_id, slot in self._slots.items() if slot.running and slot.reader.join(0.0)
            )

    def _reconcile(self, camera_id: CameraId) -> None:
        """Take one camera one step towards what is wanted; the end of its reader calls again."""
        slot, camera = self._slots.get(camera_id), self._wanted.get(camera_id)
        if self._closed:
            return
        if slot is not None and not slot.stopping and _serves(slot, camera):
            return
        if slot is not None and slot.running:
            if not slot.stopping:
                slot.stopping = True
                slot.reader.stop()
            return
        self._slots.pop(camera_id, None)
        self._settle(camera_id, camera)

    def _settle(self, camera_id: CameraId, camera: Camera | None) -> None:
        """Nothing reads the camera: start a reader, or say why there is none."""
        if camera is None:
            self._off.discard(camera_id)
            self._known.discard(camera_id)
            self._unstarted.discard(camera_id)
            self._on_gone(camera_id)
            return
        self._known.add(camera_id)
        if camera.enabled:
            self._off.discard(camera_id)
            self._start(camera)
        elif camera_id not in self._off:
            self._off.add(camera_id)
            self._unstarted.discard(camera_id)
            self._on_report(CameraReport(camera_id, CameraState.DISABLED, "switched off by its owner"))

    def _start(self, camera: Camera) -> None:
        slot = _Slot(camera, self._make_reader(camera))
        self._slots[camera.id] = slot
        try:
            slot.reader.start(lambda: self._ended(slot))
        except TemporaryFailure as err:
            del self._slots[camera.id]
            self._not_started(camera.id, err)
        else:
            self._unstarted.discard(camera.id)

    def _not_started(self, camera_id: CameraId, err: TemporaryFailure) -> None:
        if camera_id not in self._unstarted:
            self._unstarted.add(camera_id)
            log.error("camera %s is not read, tried again: %s", camera_id, err)
            self._on_report(CameraReport(camera_id, CameraState.OFFLINE, f"{err}; tried again"))

    def _ended(self, slot: _Slot) -> None:
        """Note on the ending reader's thread that it has ended, and start its successor."""
        with self._lock:
            slot.running = False
            if self._slots.get(slot.camera.id) is slot:
                self._reconcile(slot.camera.id)


def _serves(slot: _Slot, camera: Camera | None) -> bool:
    """Return whether the slot's reader, running or at the end of its file, is the one that is wanted."""
    return camera is not None and _identity(slot.camera) == _identity(camera)


def _identity(camera: Camera) -> tuple[str, Credentials | None, bool, bool, float, DecodePolicy]:
    """Return what a reader depends on; the second address has a reader of its own."""
    return camera.url, camera.credentials, camera.loop, camera.enabled, camera.detect_fps, camera.decode


def _nothing(_camera_id: CameraId) -> None:
    """Do nothing about a camera that is gone."""
