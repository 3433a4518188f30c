"""Fragments → files of one storage path, on a thread of its own.

Order: write, sync on a cadence, then say so. What was said to be synced is on the disk for good; what was not
is cut off again after a failure, so that the database and the disk agree.
"""

import logging
import threading
from collections import Counter, deque
from collections.abc import Callable, Iterable

from appliance.domain.footage import Cause
from appliance.domain.ids import CameraId, SegmentId
from appliance.domain.time import NS_PER_S, MonotonicNs, WallUs
from appliance.errors import NotRecordable
from appliance.recordings.disks.disk_queue import DiskQueue, Waiting
from appliance.recordings.disks.files import Files
from appliance.recordings.disks.segment_file import Leftover, SegmentFile, begin, mend
from appliance.recordings.disks.volume import Volume
from appliance.recordings.fragment import Fragment
from appliance.recordings.reports import Dropped, Listener
from appliance.recordings.settings import Settings
from appliance.runtime.clock import Clock, seconds_since
from appliance.runtime.metrics import Metrics
from appliance.runtime.supervisor import Failure, attempt

log = logging.getLogger(__name__)

STALLED_S = 3.0
"""A disk that has been busy with one thing for so long is said to be slow, and not chosen for new files."""

MOST_LEFTOVERS = 1000

IdFor = Callable[[Fragment], SegmentId]
"""Gives a file that begins with a fragment its id."""


class DiskWriter:
    """Writes one volume's files. ``submit``, ``finish`` and the questions are for any thread.

    Args:
        listener: hears what lies on the disk and what was dropped, on this disk's thread or the caller's.
    """

    def __init__(
        self,
        volume: Volume,
        files: Files,
        listener: Listener,
        id_for: IdFor,
        clock: Clock,
        metrics: Metrics,
        settings: Settings,
    ) -> None:
        self.volume = volume
        self._system = files
        self._listener = listener
        self._id_for = id_for
        self._clock = clock
        self._settings = settings
        self._queue = DiskQueue(settings.queue_bytes)
        self._files: dict[CameraId, SegmentFile] = {}
        self._leftovers: deque[Leftover] = deque(maxlen=MOST_LEFTOVERS)
        self._writing: set[SegmentId] = set()
        self._why: dict[CameraId, Cause] = {}
        self._unsettled = _Unsettled()
        self._check_at = clock.monotonic_ns()
        self._sync_at: MonotonicNs | None = None
        self._busy_since: MonotonicNs | None = None
        self._wake = threading.Event()
        self._stop = threading.Event()
        self._close_by: MonotonicNs | None = None
        self._thread = threading.Thread(target=self._run, name=f"disk {volume.path}", daemon=True)
        self._written = metrics.counter(
            "nightjar_recording_written_bytes_total", "Bytes of footage written to a storage path.", "path"
        )
        self._dropped = metrics.counter(
            "nightjar_recording_dropped_fragments_total",
            "Fragments of footage that were not written, by cause.",
            "camera",
            "cause",
        )
        queued = metrics.gauge(
            "nightjar_recording_queue_bytes", "Bytes of footage that wait for a storage path.", "path"
        )
        metrics.on_collect(lambda: queued.set(self._queue.waiting_bytes, str(volume.path)))

    # Any thread

    @property
    def waiting_bytes(self) -> int:
        """Bytes that wait for the disk."""
        return self._queue.waiting_bytes

    @property
    def is_missing(self) -> bool:
        """Whether its thread has ended although nobody asked for the end."""
        return self._thread.ident is not None and not self._thread.is_alive() and not self._stop.is_set()

    @property
    def is_stalled(self) -> bool:
        """Whether the disk has been busy with one thing for too long."""
        since = self._busy_since
        return since is not None and seconds_since(self._clock, since) > STALLED_S

    def pending(self, camera_id: CameraId) -> bool:
        """Return whether something of a camera was submitted of which is not yet said what became of it."""
        return self._unsettled.has(camera_id)

    def is_writing(self, segment_id: SegmentId) -> bool:
        """Return whether a file is open, or was left by a failure and waits to be mended."""
        return segment_id in self._writing

    def submit(self, fragment: Fragment) -> None:
        """Have a fragment written, in order; never blocks.

        When too much waits, the oldest fragments are dropped up to a GOP's start.
        """
        self._unsettled.add(fragment.camera_id)
        dropped = self._queue.put(fragment)
        if dropped or self.is_stalled:
            self.volume.slow(f"{self.volume.path} does not keep up with what is recorded to it")
        self._drop(dropped, Cause.DISK_SLOW)
        self._wake.set()

    def finish(self, camera_id: CameraId) -> None:
        """End a camera's file, after what waits of it."""
        self._queue.end(camera_id)
        self._wake.set()

    # Life

    def start(self) -> None:
        """Begin to write."""
        self._thread.start()

    def stop(self, close_by: MonotonicNs) -> None:
        """Ask for the end: what waits is written until that time, then all files are closed."""
        self._close_by = close_by
        self._stop.set()
        self._wake.set()

    def join(self, seconds: float) -> bool:
        """Wait for the end, and return whether it came; a disk that hangs keeps its thread."""
        self._thread.join(max(0.0, seconds))
        return not self._thread.is_alive()

    def _run(self) -> None:
        while not self._stop.is_set():
            self._wake.clear()
            pause_s = attempt(self.run_once)
            if isinstance(pause_s, Failure):
                log.error("%s failed: %s", self._thread.name, pause_s.error, exc_info=pause_s.error)
                attempt(lambda: self._unusable(Cause.DISK_UNAVAILABLE))
                pause_s = self._settings.retry_s
            self._busy_since = None
            self._clock.wait(self._wake, pause_s)
        self.close()

    # The disk's thread

    def run_once(self) -> float:
        """Do what is due: check the volume, write what waits, sync; return the seconds until the next."""
        self._check_if_due()
        while (item := self._queue.take()) is not None:
            self._handle(item)
            self._check_if_due()
            self._sync_if_due()
        self._sync_if_due()
        self._busy_since = None
        due = self._check_at if self._sync_at is None else min(self._check_at, self._sync_at)
        return max(0.0, (due - self._clock.monotonic_ns()) / NS_PER_S)

    def close(self) -> None:
        """Write what waits, as long as there is time, and close every file."""
        while (item := self._queue.take()) is not None:
            is_late = self._close_by is not None and self._clock.monotonic_ns() > self._close_by
            if is_late and item.fragment is not None:
                self._drop([item.fragment], Cause.DISK_SLOW)
            else:
                self._handle(item)
        for camera_id in list(self._files):
            self._end(camera_id)

    def _check_if_due(self) -> None:
        if self._clock.monotonic_ns() < self._check_at:
            return
        self._begin_work()
        if self.volume.check():
            self._mend_leftovers()
        else:
            self._unusable(self.volume.state.condition.cause)
        pause_s = self._settings.check_every_s if self.volume.is_usable else self._settings.retry_s
        self._check_at = self._after(pause_s)

    def _handle(self, item: Waiting) -> None:
        fragment = item.fragment
        if fragment is None:
            self._end(item.camera_id)
            return
        file = self._files.get(item.camera_id)
        if file is not None and (item.is_after_gap or file.wanted_id != fragment.segment_id):
            self._end(item.camera_id)
        if item.is_after_gap:
            self._why[item.camera_id] = Cause.DISK_SLOW
        if not self.volume.is_usable:
            self._why[item.camera_id] = self.volume.state.condition.cause
            self._drop([fragment], self._why[item.camera_id])
            return
        self._begin_work()
        # A stream that the muxer stumbles over must not cost the other cameras of this disk anything.
        outcome = attempt(lambda: self._write(fragment))
        if isinstance(outcome, Failure):
            self._write_failed(fragment, outcome.error)

    def _write(self, fragment: Fragment) -> None:
        """Append a fragment to its camera's file, which is begun where need be and possible."""
        camera_id = fragment.camera_id
        if camera_id not in self._files:
            if not fragment.is_gop_start:
                self._drop([fragment], self._why.get(camera_id, Cause.DISK_UNAVAILABLE))
                return
            self._files[camera_id] = self._begin(fragment)
        size = self._files[camera_id].append(fragment)
        self.volume.wrote(size)
        self._written.add(size, str(self.volume.path))
        self._why.pop(camera_id, None)
        if self._sync_at is None:
            self._sync_at = self._after(self._settings.sync_every_s)

    def _begin(self, fragment: Fragment) -> SegmentFile:
        id_ = self._id_for(fragment)
        self._writing.add(id_)  # before the file is there: the recovery lets it alone
        file = attempt(lambda: begin(self._system, self.volume, fragment, id_))
        if isinstance(file, Failure):
            self._writing.discard(id_)
            raise file.error
        return file

    def _write_failed(self, fragment: Fragment, err: Exception) -> None:
        camera_id = fragment.camera_id
        if isinstance(err, OSError):
            self._why[camera_id] = self._failed(err)
            self._drop([fragment], self._why[camera_id])
            return
        if self._why.get(camera_id) is not Cause.NOT_RECORDABLE:
            unforeseen = None if isinstance(err, NotRecordable) else err
            log.error("%s is not recorded: %s", camera_id, err, exc_info=unforeseen)
        self._end(camera_id)
        self._why[camera_id] = Cause.NOT_RECORDABLE
        self._drop([fragment], Cause.NOT_RECORDABLE)

    def _sync_if_due(self) -> None:
        if self._sync_at is None or self._clock.monotonic_ns() < self._sync_at:
            return
        self._begin_work()
        self._sync_at = None
        for file in list(self._files.values()):
            if not file.unsynced:
                continue
            count = len(file.unsynced)
            try:
                segment = file.sync()
            except OSError as err:
                self._failed(err)
                return
            self._listener.synced(segment)
            self._unsettled.remove(segment.camera_id, count)

    def _end(self, camera_id: CameraId) -> None:
        """Close a camera's file, if it has one."""
        file = self._files.pop(camera_id, None)
        if file is None:
            return
        self._begin_work()
        err = self._close(file)
        if err is not None:
            self._leave(file, self._failed(err))

    def _close(self, file: SegmentFile) -> OSError | None:
        """Close a file and say so, or return why that did not go."""
        count = len(file.unsynced)
        try:
            segment = file.close()
        except OSError as err:
            return err
        self._writing.discard(file.segment.id)
        if segment is not None:
            self._listener.synced(segment)
            self._unsettled.remove(segment.camera_id, count)
        return None

    # Trouble

    def _failed(self, err: OSError) -> Cause:
        """Take note of a failure, let go of every file, and return what it means for the footage."""
        self.volume.failed(err)
        cause = self.volume.state.condition.cause
        self._check_at = self._after(self._settings.retry_s)
        self._unusable(cause)
        return cause

    def _unusable(self, cause: Cause) -> None:
        """Close every file as well as it goes; what then follows of a camera begins another one."""
        files, self._files = self._files, {}
        self._sync_at = None
        for camera_id, file in files.items():
            self._why[camera_id] = cause
            if self._close(file) is not None:
                self._leave(file, cause)

    def _leave(self, file: SegmentFile, cause: Cause) -> None:
        self._leftovers.append(file.leave())
        self._drop(file.unsynced, cause)
        file.unsynced.clear()

    def _mend_leftovers(self) -> None:
        """Cut the files that a failure left back to what was said of them, now that the disk works.

        Where that fails it is tried again at the next check; beyond ``MOST_LEFTOVERS`` at the next start.
        """
        leftovers, self._leftovers = self._leftovers, deque(maxlen=MOST_LEFTOVERS)
        for leftover in leftovers:
            try:
                segment = mend(self._system, self.volume.path, leftover)
            except OSError as err:
                log.debug("%s cannot be mended yet: %s", leftover.segment.path, err)
                self._leftovers.append(leftover)
                continue
            self._writing.discard(leftover.segment.id)
            if segment is not None:
                self._listener.synced(segment)

    def _drop(self, fragments: Iterable[Fragment], cause: Cause) -> None:
        for run in _runs(fragments):
            camera_id = run[0].camera_id
            self._dropped.add(len(run), camera_id, cause.value)
            start, end = min(f.start_us for f in run), max(f.end_us for f in run)
            self._listener.dropped(Dropped(camera_id, WallUs(start), WallUs(end), cause))
            self._unsettled.remove(camera_id, len(run))

    def _begin_work(self) -> None:
        self._busy_since = self._clock.monotonic_ns()

    def _after(self, seconds: float) -> MonotonicNs:
        return MonotonicNs(self._clock.monotonic_ns() + round(seconds * NS_PER_S))


def _runs(fragments: Iterable[Fragment]) -> list[list[Fragment]]:
    """Return fragments in runs of one camera that follow each other without a gap."""
    runs: list[list[Fragment]] = []
    for fragment in fragments:
        last = runs[-1][-1] if runs else None
        if last is not None and (last.camera_id, last.end_us) == (fragment.camera_id, fragment.start_us):
            runs[-1].append(fragment)
        else:
            runs.append([fragment])
    return runs


class _Unsettled:
    """How many fragments of each camera wait for what becomes of them. Thread-safe."""

    def __init__(self) -> None:
        self._counts: Counter[CameraId] = Counter()
        self._lock = threading.Lock()

    def add(self, camera_id: CameraId) -> None:
        """Count one more."""
        with self._lock:
            self._counts[camera_id] += 1

    def remove(self, camera_id: CameraId, count: int) -> None:
        """Count so many less."""
        with self._lock:
            self._counts[camera_id] -= count
            if self._counts[camera_id] <= 0:
                del self._counts[camera_id]

    def has(self, camera_id: CameraId) -> bool:
        """Return whether there are any."""
        with self._lock:
            return self._counts[camera_id] > 0
