"""Exports: asked for by range or event, made one after the other, kept until somebody deletes them."""

import asyncio
import functools
import logging
import os
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

import av.error
from sqlalchemy import Connection

from appliance.commit.committer import Committer
from appliance.domain.footage import Export, ExportState, Missing
from appliance.domain.ids import EventId, ExportId, IdSource
from appliance.errors import Conflict, NightjarError, NotFound, Overloaded
from appliance.recordings.playback.catalogue import Catalogue, Range
from appliance.recordings.playback.export import JOINED_US, Cut, Observer, expect_one_kind, join
from appliance.recordings.playback.footage_file import FootageFile
from appliance.recordings.playback.settings import PlaybackSettings
from appliance.recordings.playback.timeline import missing_of
from appliance.runtime.clock import Clock
from appliance.runtime.supervisor import Failure, attempt
from appliance.store import footage
from appliance.store.reader import Reader

log = logging.getLogger(__name__)

FOLDER = "exports"
STOPPED = "Nightjar was stopped while this was made; export it again"
GONE = "its file is not there any more"
ACTIVE = (ExportState.WAITING, ExportState.RUNNING)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody asked for.

    Attributes:
        event_id: the event whose clip it is, if it is one.
    """

    range: Range
    is_exact: bool = False
    event_id: EventId | None = None


@dataclass(slots=True)
class _Job:
    """The export that is being made: ``ratio`` and ``cancelled`` are shared with its thread."""

    id: ExportId
    cancelled: threading.Event
    ratio: float = 0.0


class Exporter:
    """Makes exports on a thread of its own; use as ``async with``, with ``run`` as a supervised part.

    A file is written beside its place, synced and renamed; then its row says that it is done. Whatever was
    being made when the service ended is said to have failed at the next start, and its file is removed.
    """

    def __init__(
        self,
        data_dir: Path,
        catalogue: Catalogue,
        reader: Reader,
        committer: Committer,
        clock: Clock,
        new_id: IdSource,
        settings: PlaybackSettings,
    ) -> None:
        self._folder = data_dir / FOLDER
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._catalogue = catalogue
        self._reader = reader
        self._committer = committer
        self._clock = clock
        self._new_id = new_id
        self._settings = settings
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="export")
        self._arrived = asyncio.Event()
        self._job: _Job | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_exc: object) -> None:
        if self._job is not None:
            self._job.cancelled.set()
        self._thread.shutdown(wait=True, cancel_futures=True)

    async def run(self) -> None:
        """Set right what a former run left, then make what is asked for until cancelled."""
        await self._set_right()
        while True:
            self._arrived.clear()
            waiting = await self._in_states((ExportState.WAITING,))
            if waiting:
                await self._make(waiting[-1])
            else:
                await self._arrived.wait()

    async def add(self, wanted: Wanted) -> Export:
        """Queue an export and return its row; its size is an estimate until it is done.

        Raises:
            NotFound: there is no such camera, or nothing was recorded in the range.
            Conflict: the pictures change within the range, or the disk has no room.
            Overloaded: too many exports wait.
            StoreUnavailable: the database could not be written in time; there is no such export.
        """
        waiting = await self._in_states((ExportState.WAITING,))
        if len(waiting) >= self._settings.exports_waiting:
            raise Overloaded(f"{len(waiting)} exports wait already; try again later")
        files = await self._catalogue.files(wanted.range)
        if not files:
            raise NotFound("nothing was recorded in this range")
        expect_one_kind(files)
        size = estimate(files, wanted.range)
        await asyncio.to_thread(self._expect_room, size)
        now = self._clock.wall_us()
        export = Export(
            id=ExportId(self._new_id(now)),
            camera_id=wanted.range.camera_id,
            start_us=wanted.range.from_us,
            end_us=wanted.range.to_us,
            is_exact=wanted.is_exact,
            created_us=now,
            event_id=wanted.event_id,
            size=size,
            gaps=await self._gaps(wanted.range),
        )
        await self._committer.request(functools.partial(footage.save_export, export=export))
        self._arrived.set()
        return export

    async def every(self) -> list[Export]:
        """Return every export, newest first."""
        return await self._in_states(tuple(ExportState))

    async def read(self, export_id: ExportId) -> Export:
        """Return one export.

        Raises:
            NotFound: there is none of that id.
        """
        async with self._reader.read() as connection:
            export = await connection.run_sync(footage.export, export_id)
        if export is None:
            raise NotFound(f"there is no export {export_id!r}")
        return export

    def progress(self, export: Export) -> float:
        """Return which part of an export is made, 0 to 1."""
        if export.state is ExportState.DONE:
            return 1.0
        return self._job.ratio if self._job is not None and self._job.id == export.id else 0.0

    def path(self, export: Export) -> Path:
        """Return where the file of an export lies.

        Raises:
            Conflict: it is not done.
        """
        if export.state is not ExportState.DONE:
            raise Conflict(f"this export is {export.state.value}; it has a file once it is done")
        return self._path(export.id)

    async def delete(self, export_id: ExportId) -> None:
        """Cancel an export that waits or runs; delete any other one with its file.

        Raises:
            NotFound: there is none of that id.
        """
        cancelled = await self._committer.request(functools.partial(_cancel_or_delete, export_id=export_id))
        if self._job is not None and self._job.id == export_id:
            self._job.cancelled.set()
        if not cancelled:
            await asyncio.to_thread(self._path(export_id).unlink, missing_ok=True)

    async def _make(self, export: Export) -> None:
        self._job = _Job(export.id, threading.Event())
        try:
            await self._make_as(export, self._job)
        finally:
            self._job.cancelled.set()
            self._job = None

    async def _make_as(self, export: Export, job: _Job) -> None:
        running = replace(export, state=ExportState.RUNNING)
        if not await self._pass_on(running, ExportState.WAITING):
            return
        wanted = Range(export.camera_id, export.start_us, export.end_us)
        files = await self._catalogue.files(wanted)
        gaps = await self._gaps(wanted)
        work = functools.partial(self._write, files, export, job)
        outcome = await asyncio.get_running_loop().run_in_executor(self._thread, attempt, work)
        if isinstance(outcome, Failure):
            log.warning("the export %s failed: %s", export.id, outcome.error)
            ended = replace(running, state=ExportState.FAILED, reason=_words(outcome.error))
        elif outcome is None:
            return
        else:
            ended = replace(running, state=ExportState.DONE, size=outcome, gaps=gaps)
        if not await self._pass_on(ended, ExportState.RUNNING):
            await asyncio.to_thread(self._path(export.id).unlink, missing_ok=True)

    def _write(self, files: Sequence[FootageFile], export: Export, job: _Job) -> int | None:
        """Write the file and return its size; ``None`` when it was cancelled. Runs on the export's thread."""
        if not files:
            raise NotFound("nothing is left of this range; it has expired meanwhile")
        wanted = Range(export.camera_id, export.start_us, export.end_us)
        expect_one_kind(files)
        self._expect_room(estimate(files, wanted))
        path = self._path(export.id)
        part = path.with_suffix(".part")

        def told(ratio: float) -> None:
            job.ratio = ratio

        try:
            cut = Cut(export.start_us, export.end_us, export.is_exact)
            if not join(files, cut, part, Observer(told, job.cancelled.is_set)):
                return None
            _sync(part)
            part.replace(path)
            _sync(self._folder)
            return path.stat().st_size
        finally:
            part.unlink(missing_ok=True)

    def _expect_room(self, size: int) -> None:
        space = os.statvfs(self._folder)
        free = space.f_bavail * space.f_frsize
        if free < size + self._settings.reserve_bytes:
            raise Conflict(
                f"the disk has no room for this: it takes about {size >> 20} MiB, {free >> 20} MiB are free, "
                f"and {self._settings.reserve_bytes >> 20} MiB stay free"
            )

    async def _set_right(self) -> None:
        for export in await self._in_states((ExportState.RUNNING,)):
            failed = replace(export, state=ExportState.FAILED, reason=STOPPED)
            await self._pass_on(failed, ExportState.RUNNING)
        done = await self._in_states((ExportState.DONE,))
        there = await asyncio.to_thread(self._sweep, {self._path(export.id).name for export in done})
        for export in done:
            if self._path(export.id).name not in there:
                await self._pass_on(replace(export, state=ExportState.FAILED, reason=GONE), ExportState.DONE)

    def _sweep(self, wanted: set[str]) -> set[str]:
        """Remove what no row names, and return the names that are there."""
        names = {path.name for path in self._folder.iterdir()}
        for name in names - wanted:
            (self._folder / name).unlink(missing_ok=True)
        return names & wanted

    async def _gaps(self, wanted: Range) -> tuple[Missing, ...]:
        """Return what is missing of a range, less the moments that nobody notices."""
        return missing_of(await self._catalogue.timeline(wanted), JOINED_US)

    async def _in_states(self, states: Sequence[ExportState]) -> list[Export]:
        async with self._reader.read() as connection:
            return await connection.run_sync(footage.exports, states)

    async def _pass_on(self, export: Export, before: ExportState) -> bool:
        """Store an export's next state unless it has left the state before; return whether it was stored."""
        return await self._committer.commit(functools.partial(_pass_on, export=export, before=before))

    def _path(self, export_id: ExportId) -> Path:
        return self._folder / f"{export_id}.mp4"


def estimate(files: Sequence[FootageFile], wanted: Range) -> int:
    """Return about how many bytes an export takes: each file's share of the range."""
    return round(sum(_share(file, wanted) * file.segment.size for file in files))


def _share(file: FootageFile, wanted: Range) -> float:
    segment = file.segment
    shown_us = min(segment.end_us, wanted.to_us) - max(segment.start_us, wanted.from_us)
    return min(1.0, max(0, shown_us) / max(1, segment.end_us - segment.start_us))


def _pass_on(connection: Connection, export: Export, before: ExportState) -> bool:
    present = footage.export(connection, export.id)
    if present is None or present.state is not before:
        return False
    footage.save_export(connection, export)
    return True


def _cancel_or_delete(connection: Connection, export_id: ExportId) -> bool:
    present = footage.export(connection, export_id)
    if present is None:
        raise NotFound(f"there is no export {export_id!r}")
    if present.state in ACTIVE:
        footage.save_export(connection, replace(present, state=ExportState.CANCELLED))
        return True
    footage.delete_export(connection, export_id)
    return False


def _sync(path: Path) -> None:
    number = os.open(path, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


def _words(error: Exception) -> str:
    """Return why an export failed, for a person."""
    if isinstance(error, NightjarError):
        return str(error)
    if isinstance(error, av.error.FFmpegError):
        return f"the footage could not be joined: {error.strerror}"
    if isinstance(error, OSError):
        return f"the disk: {error.strerror}"
    return f"{type(error).__name__}: {error}"
