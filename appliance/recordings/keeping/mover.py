"""Moves footage to another storage path: copy, compare, commit, remove; a crash undoes or completes it."""

import asyncio
import hashlib
import logging
import threading
from collections.abc import Mapping
from pathlib import Path

from appliance.domain.footage import Place, Segment
from appliance.domain.ids import SegmentId, VolumeId
from appliance.recordings.disks.files import Files, OpenFile
from appliance.recordings.keeping.removal import Shelf, Writer, remove_files, sync_if_there
from appliance.runtime.clock import Clock
from appliance.store import footage

log = logging.getLogger(__name__)

CHUNK_BYTES = 1024 * 1024
SYNC_BYTES = 16 * CHUNK_BYTES
"""So much is handed to the disk at a time, so that a sync of the recording beside it does not wait long."""
UNFINISHED = ".part"


class Stopped(Exception):
    """The copy was called off."""


class Mover:
    """Moves one segment at a time."""

    def __init__(self, files: Files, committer: Writer, clock: Clock, bytes_s: int) -> None:
        self._files = files
        self._committer = committer
        self._clock = clock
        self._bytes_s = bytes_s
        self._unfinished: set[VolumeId] | None = None

    def is_ready(self, target: Shelf) -> bool:
        """Return whether nothing is left in a storage path of a copy that was begun there before."""
        return self._unfinished is not None and target.id not in self._unfinished

    async def move(self, segment: Segment, source: Shelf, target: Shelf, is_urgent: bool = False) -> bool:
        """Move a closed segment to a storage path that is ready; with ``is_urgent`` as fast as the disks can.

        Returns:
            False when it could not be moved, since its bytes are not those that were written.

        Raises:
            OSError: one of the disks failed; ``finish`` undoes or completes the move.
        """
        if target.id is None or self._unfinished is None or target.id in self._unfinished:
            raise ValueError(f"{target.path} is not ready for a copy")
        place = Place(target.id, segment.path)
        self._unfinished.add(target.id)
        await self._committer.commit(lambda c: footage.intend_move(c, place))
        if not await self._copied(segment, source, target, is_urgent):
            log.error("%s/%s is not what was written: it stays where it is", source.path, segment.path)
            await self._undo(place, target)
            return False
        if not await self._committer.commit(lambda c: footage.move_segment(c, segment.id, place)):
            await self._undo(place, target)
            return True
        self._unfinished.discard(target.id)
        await self._remove_former(segment.id, source, segment.path)
        return True

    async def finish(self, shelves: Mapping[VolumeId, Shelf]) -> None:
        """Undo copies that were begun, and remove what was moved and not removed yet.

        What lies on a storage path that is not usable now waits.

        Raises:
            OSError: one of the disks failed.
        """
        intended, moving = await self._committer.commit(
            lambda c: (footage.intended_moves(c), footage.moving_segments(c))
        )
        self._unfinished = {place.volume_id for place in intended}
        for place in intended:
            if place.volume_id in shelves:
                await self._undo(place, shelves[place.volume_id])
        for segment, former in moving:
            source, target = shelves.get(former.volume_id), shelves.get(segment.volume_id)
            if source is None or target is None:
                continue
            if await asyncio.to_thread(self._files.size, target.path / segment.path) != segment.size:
                log.error("%s/%s is not whole: its former file stays", target.path, segment.path)
                continue
            await self._remove_former(segment.id, source, former.path)

    async def _copied(self, segment: Segment, source: Shelf, target: Shelf, is_urgent: bool) -> bool:
        stop = threading.Event()
        bytes_s = None if is_urgent else self._bytes_s
        try:
            return await asyncio.to_thread(self._copy, segment, source, target, bytes_s, stop)
        finally:
            stop.set()  # a cancelled copy ends soon, and the next start undoes it

    def _copy(
        self, segment: Segment, source: Shelf, target: Shelf, bytes_s: int | None, stop: threading.Event
    ) -> bool:
        """Copy a file under another name, read it back, and give it its name; return whether it is right."""
        target.expect_same()
        final = target.path / segment.path
        part = final.with_name(final.name + UNFINISHED)
        self._files.make_folder(final.parent)
        file = self._files.open(part)
        try:
            file.cut(0)
            self._fill(file, source.path / segment.path, bytes_s, stop)
            file.sync()
        finally:
            file.close()
        # What was copied is read back from the copy: that finds a bad source and a bad copy alike.
        if self._hash(part, stop) != segment.sha256:
            return False
        target.expect_same()
        self._files.rename(part, final)
        for folder in (final.parent, final.parent.parent, target.path):
            self._files.sync_folder(folder)
        target.expect_same()
        return True

    def _fill(self, file: OpenFile, source: Path, bytes_s: int | None, stop: threading.Event) -> None:
        offset = 0
        while data := self._files.read(source, offset, CHUNK_BYTES):
            file.append(data)
            offset += len(data)
            if offset % SYNC_BYTES == 0:
                file.sync()
            if bytes_s is not None:
                self._clock.wait(stop, len(data) / bytes_s)
            if stop.is_set():
                raise Stopped

    def _hash(self, path: Path, stop: threading.Event) -> str:
        found, offset = hashlib.sha256(), 0
        while data := self._files.read(path, offset, CHUNK_BYTES):
            if stop.is_set():
                raise Stopped
            found.update(data)
            offset += len(data)
        return found.hexdigest()

    async def _undo(self, place: Place, target: Shelf) -> None:
        """Remove what is left of a copy that no row names, and forget that it was begun."""
        final = target.path / place.path

        def remove() -> None:
            target.expect_same()
            for path in (final.with_name(final.name + UNFINISHED), final):
                self._files.remove(path)
            sync_if_there(self._files, final.parent)

        await asyncio.to_thread(remove)
        await self._committer.commit(lambda c: footage.forget_intended_move(c, place.volume_id))
        if self._unfinished is not None:
            self._unfinished.discard(place.volume_id)

    async def _remove_former(self, segment_id: SegmentId, source: Shelf, path: str) -> None:
        now_us = self._clock.wall_us()

        def remove() -> None:
            source.expect_same()
            remove_files(self._files, source.path, [path], now_us)
            source.expect_same()

        await asyncio.to_thread(remove)
        await self._committer.commit(lambda c: footage.forget_former(c, segment_id))
