"""The book of the footage: segments and gaps, from the disks' threads to the database, once a second."""

import logging
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Protocol

from sqlalchemy import Connection

from appliance.domain.footage import Cause, Gap, Segment
from appliance.domain.ids import CameraId, SegmentId
from appliance.domain.time import EARLIEST_US, WallUs, wall_after
from appliance.errors import Overloaded
from appliance.recordings.ledger import CameraLedger, Rewrite
from appliance.recordings.ledger_clock import LedgerClock
from appliance.recordings.reports import Dropped
from appliance.runtime.allowance import Allowance
from appliance.runtime.clock import Clock
from appliance.runtime.queue_state import QueueState
from appliance.store import footage, footage_book

log = logging.getLogger(__name__)

EVERY_S = 1.0

GROWTH_EVERY = 5
"""A gap that goes on is brought up to date in each so many-th look: a quiet box writes little."""

MOST_WAITING = 50_000
"""Segments whose rows wait for a database that cannot be written: a day of 32 cameras. More are left to the
next start, which finds their files."""

MOST_LATE = 2048
"""Reports of a disk that hung for so long that the ledger had settled their time."""

NOT_BELIEVED_S = 86_400.0
"""Rows that end later than a day after now were written under a clock that was wrong."""


class Committer(Protocol):
    """What the book needs of the writer."""

    async def commit(self, unit: Callable[[Connection], None]) -> None:
        """Commit a unit, once it can be."""
        ...


class Watched(Protocol):
    """What the book needs to know of a camera's recorder."""

    def cause(self, at_us: WallUs) -> Cause | None:
        """Return why nothing is recorded now, or ``None`` when it is."""
        ...


@dataclass(frozen=True, slots=True)
class _Page:
    """What one transaction writes."""

    segments: tuple[Segment, ...]
    rewrites: tuple[Rewrite, ...]
    late: tuple[Segment | Gap, ...]
    is_short: bool
    """Segments are missing that the next start has to look for."""

    def write(self, connection: Connection) -> None:
        """Write it; doing so again leaves the same."""
        footage.save_segments(connection, self.segments)
        for item in self.late:
            if isinstance(item, Segment):
                footage.cut_gaps(connection, item.camera_id, item.start_us, item.end_us)
            else:
                footage_book.restate_gaps(connection, item)
        if self.is_short:
            footage.forget_looked_through(connection)
        for rewrite in self.rewrites:
            footage_book.rewrite_gaps(connection, rewrite.camera_id, rewrite.from_us, rewrite.gaps)
            _leave_what_was_found(connection, rewrite.gaps)


def _leave_what_was_found(connection: Connection, gaps: Iterable[Gap]) -> None:
    """Take out of the time since the last run what recovery has found of it while the page waited."""
    for gap in gaps:
        if gap.cause is Cause.SERVICE_DOWN:
            for found in footage.segments_in(connection, gap.camera_id, gap.start_us, gap.end_us):
                footage.cut_gaps(connection, gap.camera_id, found.start_us, found.end_us)


class Book:
    """Hears what the disks say, keeps each camera's ledger, and writes both together about once a second.

    ``synced`` and ``dropped`` are for any thread; all else is for the event loop. A database that cannot be
    written makes it wait, with the newest state of each segment and nothing of what was before.

    Args:
        is_pending: says whether footage of a camera is on its way to a disk.
    """

    def __init__(self, committer: Committer, clock: Clock, is_pending: Callable[[CameraId], bool]) -> None:
        self._committer = committer
        self._clock = clock
        self._time = LedgerClock(clock)
        self._is_pending = is_pending
        self._watched: dict[CameraId, Watched] = {}
        self._ledgers: dict[CameraId, CameraLedger] = {}
        self._ends: dict[CameraId, WallUs] = {}
        self._firsts: dict[CameraId, WallUs] = {}
        self._is_resumed = False
        self._at_start: set[CameraId] | None = None
        self._began_us = self._time.now_us()
        self._waiting: dict[SegmentId, Segment] = {}
        self._news: list[Segment | Dropped] = []
        self._late: list[Segment | Gap] = []
        self._left_out = 0
        self._is_short = False
        self._looks = 0
        self._lock = threading.Lock()

    def queues(self) -> list[QueueState]:
        """Return what waits to be told to the database."""
        with self._lock:
            waiting, left_out = len(self._waiting), self._left_out
        return [
            QueueState(
                *("segments", "Files of footage that wait to be told to the database", "files"),
                "one more is told later, by a look through the disk",
                waiting,
                MOST_WAITING,
                left_out,
            )
        ]

    # Listener: any thread

    def synced(self, segment: Segment) -> None:
        """Take note that so much of a segment is on the disk for good."""
        with self._lock:
            if segment.id not in self._waiting and len(self._waiting) >= MOST_WAITING:
                self._left_out += 1
                return
            self._waiting[segment.id] = segment
            self._news.append(segment)

    def restored(self, segment: Segment) -> None:
        """Take note of a segment that a former run left, and whose row is written."""
        with self._lock:
            self._news.append(segment)

    def dropped(self, dropped: Dropped) -> None:
        """Take note that some time of a camera will be missing."""
        with self._lock:
            self._news.append(dropped)

    def reached_us(self, camera_id: CameraId) -> WallUs | None:
        """Return up to when there is footage of a camera, as far as is known; ``None`` where it is not."""
        ledger = self._ledgers.get(camera_id)
        return None if ledger is None else ledger.shown_us

    # The event loop

    def watch(self, recorders: Mapping[CameraId, Watched]) -> None:
        """Keep the ledgers of these cameras from now on, and of no others."""
        if self._at_start is None:
            self._at_start = set(recorders)
        before, self._watched = self._watched, dict(recorders)
        for camera_id in (before.keys() - recorders.keys()) & self._ledgers.keys():
            # It is kept until the disks and the database have what is left of it.
            self._ledgers[camera_id].tick(self._time.now_us(), Cause.OFF)
        self._begin_ledgers()

    def resume(self, accounted: Mapping[CameraId, WallUs]) -> None:
        """Go on from where the rows of a former run end; until then nothing is written.

        Args:
            accounted: for each camera that has rows, the moment up to which they tell what was recorded.
        """
        self._ends = dict(accounted)
        self._is_resumed = True
        self._begin_ledgers()

    async def keep(self) -> None:
        """Bring the ledgers up to now once a second, until cancelled, whatever the database does."""
        while True:
            self.tick()
            await self._clock.sleep(EVERY_S)

    async def run(self) -> None:
        """Write once a second, until cancelled."""
        while True:
            await self._clock.sleep(EVERY_S)
            await self.write()

    async def write(self, is_last: bool = False) -> None:
        """Bring the database up to the ledgers; returns once that is durable."""
        gone = self._ledgers.keys() - self._watched.keys()
        settled = [camera_id for camera_id in gone if not self._is_pending(camera_id)]
        self.tick()
        self._looks += 1
        page = self._page(with_growth=is_last or self._looks % GROWTH_EVERY == 0)
        if page is not None:
            try:
                await self._committer.commit(page.write)
            except Overloaded as err:
                log.warning("the rows of footage wait: %s", err)
                return
            self._written(page)
        self._let_go(settled)

    def tick(self) -> None:
        """Bring the ledgers up to now."""
        if not self._is_resumed:
            return
        with self._lock:
            news, self._news = self._news, []
        for item in news:
            self._enter(item)
        now_us = self._time.now_us()
        for camera_id, ledger in self._ledgers.items():
            if camera_id in self._watched:
                ledger.tick(now_us, self._watched[camera_id].cause(now_us))

    async def close(self, patience: Allowance) -> None:
        """Write what is left as long as it is allowed; the disks have said all that they will."""
        if not await patience.wait_for(self.write(is_last=True)):
            log.error("the last rows of footage could not be written in time; the next start finds the files")

    def _page(self, with_growth: bool) -> _Page | None:
        if not self._is_resumed:
            return None
        with self._lock:
            segments = tuple(self._waiting.values())
            left_out, self._left_out = self._left_out, 0
        self._is_short |= left_out > 0
        if left_out:
            log.error("%d reports of segments were left out: the database was behind for too long", left_out)
        changes = (ledger.rewrite(self._is_pending(id_)) for id_, ledger in self._ledgers.items())
        rewrites = tuple(one for one in changes if one is not None and (with_growth or not one.only_grows))
        late = tuple(self._late)
        return _Page(segments, rewrites, late, self._is_short) if segments or rewrites or late else None

    def _written(self, page: _Page) -> None:
        """Take note of what the database knows now; what has changed meanwhile is written the next time."""
        with self._lock:
            for segment in page.segments:
                if self._waiting.get(segment.id) is segment:
                    del self._waiting[segment.id]
        del self._late[: len(page.late)]
        self._is_short = False
        for rewrite in page.rewrites:
            if rewrite.camera_id in self._ledgers:
                self._ledgers[rewrite.camera_id].written(rewrite)

    def _let_go(self, camera_ids: Iterable[CameraId]) -> None:
        """Forget the ledgers of cameras that are gone, once all that they tell is written."""
        for camera_id in camera_ids:
            ledger = self._ledgers[camera_id]
            if camera_id not in self._watched and ledger.rewrite() is None:
                self._ends[camera_id] = ledger.told_us
                del self._ledgers[camera_id]
                self._firsts.pop(camera_id, None)

    def _enter(self, item: Segment | Dropped) -> None:
        ledger = self._ledgers.get(item.camera_id)
        if ledger is not None and self._firsts.get(item.camera_id) == ledger.base_us:
            # The last run was killed before its first row of this camera: only its file tells of it.
            ledger.begin_earlier(item.start_us, Cause.SERVICE_DOWN)
            self._firsts[item.camera_id] = ledger.base_us
        if ledger is not None and item.start_us < ledger.base_us and len(self._late) < MOST_LATE:
            self._late.append(_before(item, ledger.base_us))
        if ledger is None:
            self._ends[item.camera_id] = max(self._ends.get(item.camera_id, item.end_us), item.end_us)
        elif isinstance(item, Segment):
            ledger.recorded(item)
        else:
            ledger.missing(item.start_us, item.end_us, item.cause)

    def _begin_ledgers(self) -> None:
        """Begin the ledgers that are not kept yet, as soon as it is known what the rows tell of them."""
        if not self._is_resumed:
            return
        for camera_id in self._watched.keys() - self._ledgers.keys():
            ledger = self._ledgers[camera_id] = self._ledger(camera_id)
            ledger.tick(ledger.now_us, self._watched[camera_id].cause(ledger.now_us))

    def _ledger(self, camera_id: CameraId) -> CameraLedger:
        """Return a ledger that goes on where the camera's rows end.

        A camera that was there at the start was not recorded since a former run; one that was added while
        the service ran was not to be recorded before.
        """
        end_us = self._ends.pop(camera_id, None)
        is_of_start = self._at_start is not None and camera_id in self._at_start
        if self._at_start is not None:
            self._at_start.discard(camera_id)
        now_us = self._began_us if is_of_start else self._time.now_us()
        if end_us is None and is_of_start:
            self._firsts[camera_id] = now_us
        if end_us is None or (end_us > wall_after(now_us, NOT_BELIEVED_S) and now_us > EARLIEST_US):
            return CameraLedger(camera_id, now_us)
        ledger = CameraLedger(camera_id, end_us, shown_us=end_us)
        ledger.missing(end_us, now_us, Cause.SERVICE_DOWN if is_of_start else Cause.OFF)
        return ledger


def _before(item: Segment | Dropped, base_us: WallUs) -> Segment | Gap:
    """Return what a report says of the time before."""
    if isinstance(item, Segment):
        return replace(item, end_us=min(item.end_us, base_us))
    return Gap(item.camera_id, item.start_us, min(item.end_us, base_us), item.cause)
