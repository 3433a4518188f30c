"""Footage that the last run left: files are cut back to what is whole, and the database is told of them.

Beside the recording, which waits for none of this: files that are being written are left alone.
"""

import asyncio
import dataclasses
import functools
import hashlib
import logging
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

from sqlalchemy import Connection

from appliance.commit.committer import Committer
from appliance.domain.footage import Cause, Gap, Place, Segment, SegmentState
from appliance.domain.ids import CAMERA_ID, CameraId, SegmentId, VolumeId
from appliance.domain.time import US_PER_S, WallUs
from appliance.packets.fmp4 import FileLayout, layout_of
from appliance.packets.sample_entry import tracks_of
from appliance.recordings.disks.files import Files
from appliance.recordings.disks.segment_file import start_of
from appliance.recordings.disks.volume import Volume
from appliance.runtime.clock import Clock
from appliance.store import footage, footage_book

log = logging.getLogger(__name__)

LOOK_EVERY_S = 1.0
"""How often it is asked whether a volume that was not usable is so now."""
PAUSE_S = 0.01
"""Between two files: the disk belongs to the recording."""
MARGIN_US = 600 * US_PER_S
"""So much before a camera's newest row files are looked for that have none."""
MOST_TORN_BYTES = 16 * 1024 * 1024
"""A file without a whole fragment is removed up to this size; a crash leaves no larger one."""
JOINED_WITHIN_US = 1_000
"""Files that end and begin within this time follow each other without a break: a file counts in 11 us."""
READ_BYTES = 1024 * 1024
PAGE = bytes(4096)
"""What a power cut leaves where a page was not written; no coded picture or sound holds so many zeros."""
DAY = re.compile(r"^\d{4}-\d{2}-\d{2}$")


@dataclass(frozen=True, slots=True)
class Remembered:
    """What the database knows of footage when the service starts.

    Attributes:
        unfinished: the segments that the last run was writing.
        newest: the newest segment of each camera.
        run: the number of this run.
        looked_through: the storage paths that the last run went through, so that only what it left is looked
            for. On any other lie files of which nobody may know: the database is new, or the disk was away.
        doubted: those of which a restored database tells what was there once; each row's file is looked for.
    """

    unfinished: tuple[Segment, ...]
    newest: Mapping[CameraId, Segment]
    run: int
    looked_through: AbstractSet[VolumeId]
    doubted: AbstractSet[VolumeId] = frozenset()


def remembered(connection: Connection) -> Remembered:
    """Ask the database, before anything is recorded."""
    last = footage.recovery_run(connection)
    return Remembered(
        tuple(footage.open_segments(connection)),
        footage.newest_segments(connection),
        last + 1,
        footage.looked_through(connection, last),
        footage.doubted_volumes(connection),
    )


@dataclass(frozen=True, slots=True)
class Candidate:
    """A file to be looked at.

    Attributes:
        path: relative to the storage path.
        row: what the database says of it, if anything.
        trusted_bytes: so much of it was synced before it was said to be there.
        is_old: it is of a time that an older database knew, not of the last run.
    """

    path: str
    row: Segment | None = None
    trusted_bytes: int = 0
    is_old: bool = False


class Recovery:
    """Goes through the volumes once, each as soon as it is usable; in portions of one file.

    Attributes:
        found: how many files were restored or found so far.
        missing: how many a restored database names that are not there.

    Args:
        is_writing: whether a file is the recording's own.
        on_restored: is told of each segment that was found or ends elsewhere now, once its row is written.
    """

    def __init__(
        self,
        volumes: Sequence[Volume],
        past: Remembered,
        is_writing: Callable[[SegmentId], bool],
        files: Files,
        committer: Committer,
        clock: Clock,
        on_restored: Callable[[Segment], None] = lambda _segment: None,
    ) -> None:
        self._on_restored = on_restored
        self._waiting = list(volumes)
        self._past = past
        self._rows = list(past.unfinished)
        self._is_writing = is_writing
        self._files = files
        self._committer = committer
        self._clock = clock
        self._unread: set[VolumeId] = set()
        self._going = asyncio.Lock()
        self.found = 0
        self.missing = 0

    async def run(self) -> None:
        """Return when every volume was gone through."""
        await self._committer.commit(lambda connection: footage.save_recovery_run(connection, self._past.run))
        while self._waiting:
            await self.go_through()
            if self._waiting:
                await self._clock.sleep(LOOK_EVERY_S)

    async def go_through(self) -> None:
        """Go through the volumes that are usable now and were not gone through yet."""
        async with self._going:
            done = [volume for volume in self._waiting if volume.is_usable and await self._recover(volume)]
            for volume in done:
                # Only now: what one volume seems to have lost may have moved to another.
                await self._compare(volume)
                self._waiting.remove(volume)

    async def _recover(self, volume: Volume) -> bool:
        """Go through one volume, and return whether it stayed usable to the end."""
        volume_id = volume.known_id
        count = 0
        for row in [row for row in self._rows if row.volume_id == volume_id]:
            count += await self._restore(volume, Candidate(row.path, row, row.size))
            self._rows.remove(row)
        is_whole = volume_id not in self._past.looked_through
        for camera_id, day in await asyncio.to_thread(lambda: list(self._folders(volume.path, is_whole))):
            for candidate in await self._unknown(volume, camera_id, day, is_whole):
                count += await self._restore(volume, candidate)
                if not volume.is_usable:
                    return False
        if count:
            log.info("%s: %d files of former runs were restored", volume.part, count)
        self.found += count
        if volume.is_usable:
            await self._committer.commit(lambda connection: self._note(connection, volume_id, is_whole))
        return volume.is_usable

    async def _compare(self, volume: Volume) -> None:
        """Look for the file of each row of a volume, where the database was restored; without one it goes."""
        volume_id, after = volume.known_id, None
        if volume_id not in self._past.doubted:
            return
        while portion := await self._portion(volume_id, after):
            after = portion[-1].id
            closed = [row for row in portion if row.state is SegmentState.CLOSED]
            try:
                gone = await asyncio.to_thread(_without_file, self._files, volume, closed)
            except OSError as err:
                log.warning("the files of %s cannot be compared with the database: %s", volume.path, err)
                return
            await self._committer.commit(functools.partial(_lose, gone))
            self.missing += len(gone)
        if self.missing:
            log.warning("%s: %d files are not there any more", volume.part, self.missing)
        await self._committer.commit(lambda connection: footage.trust_volume(connection, volume_id))

    async def _portion(self, volume_id: VolumeId, after: SegmentId | None) -> list[Segment]:
        return await self._committer.commit(
            lambda connection: footage.segments_of_volume(connection, volume_id, after)
        )

    def _note(self, connection: Connection, volume_id: VolumeId, is_whole: bool) -> None:
        """Note that a volume was gone through, unless something could not be read: then it is again."""
        if is_whole:
            # Later than what was known to this start lies what the last run left, and this one's own book.
            newest = {} if volume_id in self._past.doubted else self._past.newest
            until = {camera_id: segment.start_us for camera_id, segment in newest.items()}
            footage_book.fill_holes(connection, until)
        if volume_id not in self._unread:
            footage.save_looked_through(connection, volume_id, self._past.run)

    def _folders(self, root: Path, is_whole: bool) -> Iterator[tuple[CameraId, str]]:
        """Yield camera and day of every folder that may hold files without a row, the newest day first."""
        cameras = [CameraId(name) for name in self._files.names(root) if re.match(CAMERA_ID, name)]
        found = [
            (day, camera_id)
            for camera_id in cameras
            for day in self._files.names(root / camera_id)
            if DAY.match(day) and (is_whole or day >= self._first_day(camera_id))
        ]
        for day, camera_id in sorted(found, reverse=True):
            yield camera_id, day

    def _first_day(self, camera_id: CameraId) -> str:
        since_us = self._since_us(camera_id)
        return f"{datetime.fromtimestamp(since_us / US_PER_S, UTC):%Y-%m-%d}" if since_us else ""

    def _since_us(self, camera_id: CameraId) -> int:
        newest = self._past.newest.get(camera_id)
        return max(0, newest.start_us - MARGIN_US) if newest is not None else 0

    async def _unknown(
        self, volume: Volume, camera_id: CameraId, day: str, is_whole: bool
    ) -> list[Candidate]:
        """Return the files of a folder that no row knows and nobody is writing, the newest first."""
        folder = PurePosixPath(camera_id, day)
        names = await asyncio.to_thread(self._files.names, volume.path / folder)
        # What a restored database, or one without a row of the camera, does not know may be older.
        is_known = camera_id in self._past.newest and volume.known_id not in self._past.doubted
        since_us = self._since_us(camera_id)
        found: dict[SegmentId, Candidate] = {}
        for path in (str(folder / name) for name in reversed(names)):
            facts = start_of(path)
            if facts is not None and (is_whole or facts[1] >= since_us):
                is_left = is_known and facts[1] >= since_us
                found[facts[0]] = Candidate(path, is_old=is_whole and not is_left)
        known = await self._committer.commit(lambda connection: self._known(connection, volume, found))
        return [candidate for id_, candidate in found.items() if id_ not in known]

    def _known(
        self, connection: Connection, volume: Volume, found: Mapping[SegmentId, Candidate]
    ) -> set[SegmentId]:
        """Return which of these files have a row, which says from now on that they lie here."""
        known = footage.known_segments(connection, found)
        if volume.known_id in self._past.doubted:
            places = {id_: Place(volume.known_id, found[id_].path) for id_ in known}
            footage.relocate_segments(connection, places)
        return known

    async def _restore(self, volume: Volume, candidate: Candidate) -> bool:
        """Restore one file and its row; return whether it went."""
        facts = start_of(candidate.path)
        if facts is None or self._is_writing(facts[0]):
            return False
        if candidate.is_old:
            size = await asyncio.to_thread(self._files.size, volume.path / candidate.path)
            candidate = dataclasses.replace(candidate, trusted_bytes=size or 0)
        try:
            found = await asyncio.to_thread(restore, self._files, volume.path, volume.known_id, candidate)
        except OSError as err:
            log.warning("%s is left as it is: %s", volume.path / candidate.path, err)
            self._unread.add(volume.known_id)
            return False
        telling = asyncio.ensure_future(self._tell(candidate, found))
        try:
            await asyncio.shield(telling)
        except asyncio.CancelledError:
            # The row may be written already: whoever keeps the ledger has to hear of it.
            await telling
            raise
        await self._clock.sleep(PAUSE_S)
        return found is not None

    async def _tell(self, candidate: Candidate, found: Segment | None) -> None:
        for segment in await self._committer.commit(lambda connection: _write(connection, candidate, found)):
            self._on_restored(segment)


def _without_file(files: Files, volume: Volume, rows: Sequence[Segment]) -> list[Segment]:
    """Return those of some rows whose files are not in the listings of their folders; blocks.

    Raises:
        OSError: the disk does not say, or is not the right one any more.
    """
    folders = {PurePosixPath(row.path).parent for row in rows}
    names = {folder: frozenset(files.names(volume.path / folder)) for folder in folders}
    places = [(row, PurePosixPath(row.path)) for row in rows]
    gone = [row for row, place in places if place.name not in names[place.parent]]
    volume.expect_same()
    return gone


def _lose(rows: Sequence[Segment], connection: Connection) -> None:
    for row in rows:
        now = footage.segment(connection, row.id)
        if now is not None and (now.volume_id, now.path) == (row.volume_id, row.path):
            footage.lose_segment(connection, row.id)


def _write(connection: Connection, candidate: Candidate, found: Segment | None) -> list[Segment]:
    """Write what became of a file, and return the segments whose rows are other than they were."""
    row = candidate.row
    if found is None:
        if row is not None:
            footage.lose_segment(connection, row.id)
        return []
    save = footage.adopt_segments if candidate.is_old else footage.save_segments
    save(connection, [found])
    footage.cut_gaps(connection, found.camera_id, found.start_us, found.end_us)
    if not candidate.is_old:
        # The book says so too, a second later: a kill meanwhile would leave a hole for good.
        footage.fill_around(connection, found, Cause.SERVICE_DOWN)
    joined = footage.join_ends(connection, found, JOINED_WITHIN_US)
    if row is not None and row.end_us > found.end_us:
        footage.add_gap(connection, Gap(row.camera_id, found.end_us, row.end_us, Cause.LOST))
    return [found, *joined]


def restore(files: Files, root: Path, volume_id: VolumeId, candidate: Candidate) -> Segment | None:
    """Cut a file back to its last whole fragment, and return what it is then; blocks.

    A file without a whole fragment is removed; then, and when there was none, there is no segment.

    Raises:
        OSError: the disk fails.
    """
    path = root / candidate.path
    size = files.size(path)
    facts = start_of(candidate.path)
    if size is None or facts is None:
        return None
    layout = layout_of(lambda offset, count: files.read(path, offset, count), size)
    layout = _without_holes(layout, _first_hole(files, path, candidate.trusted_bytes, layout.whole_size))
    row = candidate.row or _row_of(files, path, volume_id, candidate.path, layout)
    if not layout.fragments or row is None:
        _clear_away(files, path, size)
        return None
    if candidate.trusted_bytes < size or layout.whole_size < size:
        _cut(files, path, layout.whole_size)
    return dataclasses.replace(
        row,
        end_us=_end_us(row, layout),
        size=layout.whole_size,
        sha256=_hash_of(files, path),
        state=SegmentState.CLOSED,
    )


def _end_us(row: Segment, layout: FileLayout) -> WallUs:
    """Return where a file ends: as it was said to, where it is as long as it was said to be."""
    if row.size == layout.whole_size:
        return row.end_us
    return WallUs(row.start_us + layout.duration_us)


def _row_of(files: Files, path: Path, volume_id: VolumeId, name: str, layout: FileLayout) -> Segment | None:
    """Return what a file says of itself; ``None`` where that is not readable."""
    facts = start_of(name)
    tracks = tracks_of(files.read(path, 0, layout.init_size))
    if facts is None or tracks is None:
        return None
    return Segment(
        id=facts[0],
        camera_id=CameraId(PurePosixPath(name).parts[0]),
        volume_id=volume_id,
        path=name,
        start_us=facts[1],
        end_us=facts[1],
        size=0,
        sha256=None,
        codecs=tracks.codecs,
        width=tracks.width,
        height=tracks.height,
    )


def _first_hole(files: Files, path: Path, begin: int, end: int) -> int:
    """Return where the first page from ``begin`` on lies that was never written; ``end`` if none does."""
    at = begin - begin % len(PAGE)
    while at < end:
        data = files.read(path, at, min(READ_BYTES, end - at))
        hole = data.find(PAGE)
        if hole >= 0 or not data:
            return max(begin, at + max(hole, 0))
        at += len(data)
    return end


def _without_holes(layout: FileLayout, hole: int) -> FileLayout:
    """Return what lies before a hole."""
    fragments = tuple(place for place in layout.fragments if place.offset + place.size <= hole)
    if len(fragments) == len(layout.fragments):
        return layout
    whole = fragments[-1].offset + fragments[-1].size if fragments else layout.init_size
    return FileLayout(layout.init_size, whole, fragments)


def _cut(files: Files, path: Path, size: int) -> None:
    """Cut a file to a size, and bring it and its name to the disk for good."""
    file = files.open(path)
    try:
        file.cut(size)
        file.sync()
    finally:
        file.close()
    for folder in (path.parent, path.parent.parent, path.parent.parent.parent):
        files.sync_folder(folder)


def _clear_away(files: Files, path: Path, size: int) -> None:
    if size > MOST_TORN_BYTES:
        log.warning("%s holds nothing that can be played, in %d bytes: it is left as it is", path, size)
        return
    log.info("%s holds no whole fragment and is removed", path)
    files.remove(path)


def _hash_of(files: Files, path: Path) -> str:
    found, at = hashlib.sha256(), 0
    while data := files.read(path, at, READ_BYTES):
        found.update(data)
        at += len(data)
    return found.hexdigest()
