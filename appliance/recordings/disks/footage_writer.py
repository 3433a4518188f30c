"""Fragments → the storage paths: which disk takes a file, and what becomes of it when no disk does."""

import logging
import threading
from collections.abc import Sequence
from dataclasses import dataclass

from appliance.domain.footage import Cause
from appliance.domain.ids import CameraId, SegmentId, VolumeId, new_id
from appliance.domain.time import NS_PER_S, MonotonicNs
from appliance.recordings.disks.disk_writer import DiskWriter
from appliance.recordings.disks.files import Files
from appliance.recordings.disks.volume import Condition, Volume
from appliance.recordings.fragment import Fragment
from appliance.recordings.reports import Dropped, Listener
from appliance.recordings.settings import Settings
from appliance.runtime.clock import Clock
from appliance.runtime.metrics import Metrics
from appliance.runtime.queue_state import QueueKind, QueueState

log = logging.getLogger(__name__)

EVEN_BYTES = 8 * 1024 * 1024
"""Disks whose queues differ by less are taken as equally fast, and get equally many cameras."""


@dataclass(slots=True)
class _Route:
    """Where a camera's fragments go; nowhere when no disk was usable at the last keyframe."""

    segment_id: SegmentId
    writer: DiskWriter | None


class FootageWriter:
    """Hands each camera's fragments to a disk. Thread-safe, and never blocks but in ``close``.

    A file goes to a usable hot volume, one with little to do and few cameras. When a volume fails, its
    cameras go on at their next keyframe on another one, or on the same one once it is well again.
    """

    def __init__(
        self,
        volumes: Sequence[Volume],
        files: Files,
        listener: Listener,
        clock: Clock,
        metrics: Metrics,
        settings: Settings,
    ) -> None:
        self.volumes = tuple(volumes)
        self._listener = listener
        self._clock = clock
        self._settings = settings
        ids = _FileIds()
        self._writers = [
            DiskWriter(volume, files, listener, ids.take, clock, metrics, settings) for volume in volumes
        ]
        self._dropped = metrics.counter(
            "nightjar_recording_dropped_fragments_total",
            "Fragments of footage that were not written, by cause.",
            "camera",
            "cause",
        )
        self._routes: dict[CameraId, _Route] = {}
        self._lock = threading.Lock()

    def start(self) -> None:
        """Begin to look after the volumes and to write."""
        for writer in self._writers:
            writer.start()

    def submit(self, fragment: Fragment) -> None:
        """Have a fragment written; what becomes of it is said to the listener."""
        writer = self._route(fragment)
        if writer is not None:
            writer.submit(fragment)
            return
        cause = self._why_not()
        self._dropped.add(1, fragment.camera_id, cause.value)
        self._listener.dropped(Dropped(fragment.camera_id, fragment.start_us, fragment.end_us, cause))

    def queues(self) -> list[QueueState]:
        """Return what waits for each disk, and how much was not written at all."""
        waiting = [
            QueueState(
                *(f"footage {writer.volume.path}", f"Footage that waits for {writer.volume.path}", "bytes"),
                "the oldest is left out, whole groups of pictures, and a gap says so",
                writer.waiting_bytes,
                self._settings.queue_bytes,
            )
            for writer in self._writers
        ]
        lost = QueueState(
            *("footage lost", "Pieces of footage that were not written", "pieces"),
            "the disk was too slow, full or not there; the gap says which",
            dropped=round(sum(count for _, count in self._dropped.samples())),
            kind=QueueKind.COUNTER,
        )
        return [*waiting, lost]

    def finish(self, camera_id: CameraId) -> None:
        """End a camera's file, after what waits of it: for now nothing more comes."""
        with self._lock:
            route = self._routes.pop(camera_id, None)
        if route is not None and route.writer is not None:
            route.writer.finish(camera_id)

    def pending(self, camera_id: CameraId) -> bool:
        """Return whether it is still to be said what became of something that was submitted of a camera."""
        return any(writer.pending(camera_id) for writer in self._writers)

    def missing(self) -> tuple[str, ...]:
        """Return the storage paths whose thread has ended without a word."""
        return tuple(str(writer.volume.path) for writer in self._writers if writer.is_missing)

    def why_not(self, camera_id: CameraId) -> Cause | None:
        """Return what is wrong with the disk that a camera is recorded to; ``None`` when all is well."""
        with self._lock:
            route = self._routes.get(camera_id)
        if route is None:
            return None
        if route.writer is None or not route.writer.volume.is_promising:
            return self._why_not()
        condition = route.writer.volume.state.condition
        return Cause.DISK_SLOW if route.writer.is_stalled or condition is Condition.SLOW else None

    def is_writing(self, segment_id: SegmentId) -> bool:
        """Return whether a file is open, or was left by a failure and waits to be mended."""
        return any(writer.is_writing(segment_id) for writer in self._writers)

    def volume(self, volume_id: VolumeId) -> Volume | None:
        """Return a volume by its id, or ``None`` when none of the storage paths is it."""
        return next((volume for volume in self.volumes if volume.id == volume_id), None)

    def close(self) -> None:
        """Write what waits, for ``close_s`` at most, and close all files; blocks so long."""
        close_by = MonotonicNs(self._clock.monotonic_ns() + round(self._settings.close_s * NS_PER_S))
        for writer in self._writers:
            writer.stop(close_by)
        for writer in self._writers:
            # One second more: for the files to be closed.
            left_s = (close_by - self._clock.monotonic_ns()) / NS_PER_S + 1.0
            if not writer.join(left_s):
                log.error("%s hangs; the next start looks after its files", writer.volume.path)

    def _route(self, fragment: Fragment) -> DiskWriter | None:
        camera_id = fragment.camera_id
        with self._lock:
            route = self._routes.get(camera_id)
            if route is not None and not self._must_choose(route, fragment):
                return route.writer
            chosen = self._choose(camera_id)
            self._routes[camera_id] = _Route(fragment.segment_id, chosen)
        if route is not None and route.writer is not None and route.writer is not chosen:
            route.writer.finish(camera_id)
        return chosen

    def _must_choose(self, route: _Route, fragment: Fragment) -> bool:
        if route.segment_id != fragment.segment_id:
            return True
        is_good = (
            route.writer is not None and route.writer.volume.is_promising and not route.writer.is_stalled
        )
        return fragment.is_gop_start and not is_good

    def _choose(self, camera_id: CameraId) -> DiskWriter | None:
        """Return the writer for a camera's next file, or ``None`` when no disk can take it."""
        others = [route.writer for camera, route in self._routes.items() if camera != camera_id]
        usable = [w for w in self._writers if w.volume.is_hot and w.volume.is_promising]
        return min(
            usable,
            key=lambda w: (w.is_stalled, w.waiting_bytes // EVEN_BYTES, others.count(w)),
            default=None,
        )

    def _why_not(self) -> Cause:
        conditions = {volume.state.condition for volume in self.volumes if volume.is_hot}
        return Cause.DISK_FULL if Condition.FULL in conditions else Cause.DISK_UNAVAILABLE


class _FileIds:
    """Gives each file an id: the recorder's, or one of its own when that is taken. Thread-safe.

    The recorder does not know of failures: after one the rest of its segment is another file.
    """

    def __init__(self) -> None:
        self._last: dict[CameraId, SegmentId] = {}
        self._lock = threading.Lock()

    def take(self, fragment: Fragment) -> SegmentId:
        """Return the id of a file that begins with a fragment."""
        with self._lock:
            if self._last.get(fragment.camera_id) != fragment.segment_id:
                self._last[fragment.camera_id] = fragment.segment_id
                return fragment.segment_id
        return SegmentId(new_id(fragment.start_us))
