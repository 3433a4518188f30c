"""Recording, joined: all cameras' recorders, the disks, the book, and what tells them when to record."""

import asyncio
import functools
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from pathlib import Path

import msgspec

from appliance.bus.bus import Bus
from appliance.bus.filter import Filter
from appliance.bus.message import Channel, Message
from appliance.commit.committer import Committer
from appliance.domain.camera import Camera, CameraReport, CameraState
from appliance.domain.footage import Volume as VolumeRow
from appliance.domain.ids import CameraId, EventId, VolumeId
from appliance.domain.time import US_PER_S, WallUs
from appliance.packets.ring import PacketRing
from appliance.recordings.book import Book
from appliance.recordings.disks.footage_writer import FootageWriter
from appliance.recordings.disks.os_files import SystemFiles
from appliance.recordings.disks.recovery import Recovery, Remembered, remembered
from appliance.recordings.disks.volume import Register, Volume
from appliance.recordings.keeping.keeper import Keeper
from appliance.recordings.keeping.storage import Storage
from appliance.recordings.recorder import Recorder
from appliance.recordings.recordings import Recordings
from appliance.recordings.settings import Settings, StoragePath
from appliance.runtime.allowance import Allowance
from appliance.runtime.clock import Clock
from appliance.runtime.health import Health
from appliance.runtime.kernel_clock import is_synchronised
from appliance.runtime.metrics import Metrics
from appliance.runtime.queue_state import QueueState
from appliance.runtime.supervisor import Supervisor
from appliance.store import footage as statements
from appliance.store.reader import Reader

log = logging.getLogger(__name__)

RECOVERY = "footage recovery"
LAST_LOOK_S = 1.0
"""At an end: for what the recovery has not come to. What is left is the next start's."""
EVENTS = Filter(channels=frozenset({Channel.EVENTS}), types=frozenset({"event_created", "event_updated"}))


class _Event(msgspec.Struct):
    """What a message says of an event, as far as the recording needs it."""

    id: str
    camera_id: str
    state: str
    started_at: datetime
    last_seen_at: datetime
    rested_at: datetime | None


class _EventMessage(msgspec.Struct):
    data: _Event


@dataclass(frozen=True, slots=True)
class Past:
    """What the database knows of footage when the service starts.

    Attributes:
        accounted: up to when each camera's rows tell what was recorded.
    """

    volumes: Sequence[VolumeRow]
    remembered: Remembered
    accounted: Mapping[CameraId, WallUs]


class Footage:
    """All that records: made once the database is open, started and closed by the composition root.

    Args:
        past: what the database knows of footage.
    """

    def __init__(
        self,
        past: Past,
        paths: Sequence[StoragePath],
        settings: Settings,
        reader: Reader,
        committer: Committer,
        bus: Bus,
        clock: Clock,
        health: Health,
        metrics: Metrics,
        zone: tzinfo,
    ) -> None:
        self._past = past
        self._committer = committer
        self._bus = bus
        self._clock = clock
        self._loop = asyncio.get_running_loop()
        files = SystemFiles()
        register = Register(past.volumes, self._enrolled)
        volumes = [Volume(path, register, files, clock, health, settings, self._needs_room) for path in paths]
        self.volumes = volumes
        self.book = Book(committer, clock, self._is_pending)
        self.disks = FootageWriter(volumes, files, self.book, clock, metrics, settings)
        self.recordings = Recordings(self.disks, self.book, settings, zone)
        self.recovery = Recovery(
            *(volumes, past.remembered, self.disks.is_writing, files, committer, clock),
            on_restored=self.book.restored,
        )
        self.storage = Storage(volumes, reader, clock, settings)
        self.keeper = Keeper(volumes, files, reader, committer, clock, health, settings, is_synchronised)

    def start(self, parts: Supervisor) -> None:
        """Let the disks write and the book be kept; cameras are recorded from now on."""
        self.book.resume(self._past.accounted)
        self.disks.start()
        parts.start(RECOVERY, self.recovery.run)
        parts.start("footage keeper", self.keeper.run)
        parts.start("footage ledger", self.book.keep)
        parts.start("footage book", self.book.run)
        parts.start("footage triggers", self._follow_events)

    def apply(self, cameras: Sequence[Camera]) -> None:
        """Record these cameras, as their owner wants it now."""
        self.recordings.apply(cameras)

    def recorder(self, camera: Camera, ring: PacketRing) -> Recorder:
        """Return a camera's recorder, about to get the packets of another reader, which are in that ring."""
        recorder = self.recordings.recorder(camera)
        recorder.begin(ring)
        return recorder

    def reached_us(self, camera_id: CameraId) -> WallUs | None:
        """Return up to when there is footage of a camera: its next picture is later, whatever the clock."""
        return self.book.reached_us(camera_id)

    def doing(self, camera_id: CameraId) -> str | None:
        """Return what becomes of a camera's packets just now; ``None`` for one that is not known."""
        recorder = self.recordings.known(camera_id)
        if recorder is None:
            return None
        cause = recorder.cause(self._clock.wall_us()) or self.disks.why_not(camera_id)
        return "recording" if cause is None else cause.value

    def on_report(self, report: CameraReport) -> None:
        """Hear that a camera's connection may be over; on its reader's thread."""
        if report.state not in {CameraState.ONLINE, CameraState.CONNECTING}:
            self.recordings.disconnected(report.camera_id)

    def queues(self) -> list[QueueState]:
        """Return what waits for the disks, and for the database."""
        return [*self.disks.queues(), *self.book.queues()]

    def folders(self) -> list[Path]:
        """Return the storage paths whose disks answer."""
        return [volume.path for volume in self.volumes if volume.state.space is not None]

    async def close(self, parts: Supervisor, patience: Allowance) -> None:
        """Write what waits, close the files and, within that patience, write the last rows.

        The readers have ended.
        """
        self.recordings.close()
        await asyncio.to_thread(self.disks.close)
        await self.book.close(patience)
        # A service that ends right after its start would leave files that no row names.
        look = Allowance(self._clock, LAST_LOOK_S).wait_for(self.recovery.go_through())
        await patience.wait_for(look)
        await parts.stop(RECOVERY)
        # What it restored meanwhile the ledger has to account for as well.
        await self.book.close(patience)

    def _needs_room(self, volume_id: VolumeId, missing: int) -> None:
        self.keeper.needs_room(volume_id, missing)

    def _is_pending(self, camera_id: CameraId) -> bool:
        return self.disks.pending(camera_id)

    def _enrolled(self, row: VolumeRow) -> None:
        """Make a storage path that is new, or lies elsewhere than before, a row; on a disk's thread."""
        unit = functools.partial(statements.save_volume, volume=row)
        self._loop.call_soon_threadsafe(self._committer.post, unit)

    async def _follow_events(self) -> None:
        """Tell the recorders of events, until cancelled."""
        with self._bus.subscribe(EVENTS) as messages:
            while True:
                await messages.wait()
                for message in messages.take():
                    self._event(message)
                # What was missed meanwhile is made good by the next update: an open event is said to go on.
                messages.catch_up()

    def _event(self, message: Message) -> None:
        event = msgspec.json.decode(message.text, type=_EventMessage).data
        # While a car is parked nothing happens: that is recorded again once it leaves.
        seen_at = event.last_seen_at if event.rested_at is None else event.rested_at
        self.recordings.event(
            CameraId(event.camera_id),
            EventId(event.id),
            _wall_us(event.started_at),
            _wall_us(seen_at),
            ended=event.state != "open" or event.rested_at is not None,
        )


async def recollect(reader: Reader) -> Past:
    """Ask the database, before anything is recorded."""
    async with reader.read() as connection:
        return Past(
            await connection.run_sync(statements.volumes),
            await connection.run_sync(remembered),
            await connection.run_sync(statements.accounted_until),
        )


def _wall_us(at: datetime) -> WallUs:
    return WallUs(round(at.timestamp() * US_PER_S))
