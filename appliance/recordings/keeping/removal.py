"""Deletes footage in two phases, so that a crash in between loses neither a file nor the word of one."""

import asyncio
import functools
import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Protocol, TypeVar

from sqlalchemy import Connection

from appliance.domain.footage import Segment
from appliance.domain.ids import SegmentId, VolumeId
from appliance.domain.time import US_PER_S, WallUs
from appliance.recordings.disks.files import Files
from appliance.runtime.clock import Clock
from appliance.store import footage

log = logging.getLogger(__name__)

PORTION = 100
"""Segments in one transaction at most, and their files removed in one go."""
PAUSE_S = 0.05
QUIET_DAYS = 2
"""A day's folder is removed when it is that far from today: nobody begins a file in it any more."""


T = TypeVar("T")


class Writer(Protocol):
    """The one who writes the database."""

    async def commit(self, unit: Callable[[Connection], T]) -> T:
        """Commit the unit and return what it returned, once it is durable."""
        ...


class Shelf(Protocol):
    """A storage path, as far as whoever moves or removes footage needs it; any thread."""

    @property
    def id(self) -> VolumeId | None:
        """Who it is; ``None`` before it was right for the first time."""
        ...

    @property
    def path(self) -> Path:
        """Where it is."""
        ...

    @property
    def is_usable(self) -> bool:
        """Whether it is the right disk and may be written."""
        ...

    def expect_same(self) -> None:
        """Make sure that what is done there is done on this very disk.

        Raises:
            OSError: it would not be.
        """
        ...


class Remover:
    """Deletes segments: their rows are marked and their time becomes a gap, files go, then the rows go."""

    def __init__(self, files: Files, committer: Writer, clock: Clock) -> None:
        self._files = files
        self._committer = committer
        self._clock = clock

    async def delete(self, ids: Sequence[SegmentId], shelves: Mapping[VolumeId, Shelf]) -> int:
        """Delete segments in portions; return how many files went, fewer if a disk fails.

        One that is protected or being moved meanwhile stays.
        """
        count = 0
        for begin in range(0, len(ids), PORTION):
            portion = ids[begin : begin + PORTION]
            unit = functools.partial(footage.mark_deleting, segment_ids=portion)
            marked = await self._committer.commit(unit)
            removed = await self.remove(marked, shelves)
            count += removed
            if removed < len(marked):
                break
            await self._clock.sleep(PAUSE_S)
        return count

    async def remove(self, marked: Sequence[Segment], shelves: Mapping[VolumeId, Shelf]) -> int:
        """Remove the files of marked segments and then their rows; return how many went.

        What lies on a disk that is not there, or fails, waits for the next time.
        """
        count = 0
        for volume_id, shelf in shelves.items():
            here = [segment for segment in marked if segment.volume_id == volume_id]
            if not here:
                continue
            try:
                await asyncio.to_thread(self._remove, shelf, [segment.path for segment in here])
            except OSError as err:
                log.warning("%s: %d files could not be removed: %s", shelf.path, len(here), err)
                continue
            ids = [segment.id for segment in here]
            await self._committer.commit(functools.partial(footage.forget_segments, segment_ids=ids))
            count += len(here)
        return count

    def _remove(self, shelf: Shelf, paths: Sequence[str]) -> None:
        # Before and after: on another disk that is mounted meanwhile the files would seem to be gone already.
        shelf.expect_same()
        remove_files(self._files, shelf.path, paths, self._clock.wall_us())
        shelf.expect_same()


def remove_files(files: Files, root: Path, paths: Sequence[str], now_us: WallUs) -> None:
    """Remove files, sync the folders that held them, and remove those of past days that are empty.

    Raises:
        OSError: the disk failed; doing it again does the rest.
    """
    for path in paths:
        files.remove(root / path)
    folders = {(root / path).parent for path in paths}
    for folder in sorted(folders):
        sync_if_there(files, folder)
    for folder in sorted(folders):
        if is_past(folder.name, now_us):
            files.remove_folder(folder)
            sync_if_there(files, folder.parent)


def sync_if_there(files: Files, folder: Path) -> None:
    """Sync the names in a folder, unless the folder is gone, from a former attempt."""
    try:
        files.sync_folder(folder)
    except FileNotFoundError:
        return


def is_past(day: str, now_us: WallUs) -> bool:
    """Return whether a folder's name is a day far enough from today, in either direction."""
    try:
        named = date.fromisoformat(day)
    except ValueError:
        return False
    today = (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=now_us / US_PER_S)).date()
    return abs(today - named) >= timedelta(days=QUIET_DAYS)
