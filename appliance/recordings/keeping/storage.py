"""How the storage paths are doing: their disks, what lies in them, and how long the room will last."""

from collections import Counter
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import AsyncConnection

from appliance.domain.footage import KeepClass, Volume
from appliance.domain.ids import CameraId, VolumeId
from appliance.domain.time import MonotonicNs, WallUs, seconds_between, wall_after
from appliance.recordings.disks.files import Space
from appliance.recordings.disks.volume import Condition, State
from appliance.recordings.keeping.forecast import NextToGo, next_to_go
from appliance.recordings.keeping.retention import Rules, rules_of
from appliance.recordings.settings import Role, Settings, StoragePath
from appliance.runtime.clock import Clock, seconds_since
from appliance.store import footage
from appliance.store.footage import Kept, Total
from appliance.store.reader import Reader

RATE_S = 3600.0
"""So much of the past tells the pace of recording,"""
LEAST_RATE_S = 120.0
"""of which at least so much must be there."""
DAY_S = 86_400.0
COUNT_EVERY_S = 5.0
"""So old what lies in the storage paths may be when it is told."""
OLDEST = 200
"""Segments of each class and storage path among which it is looked for what goes next."""
IN_USE = frozenset({Condition.OK, Condition.SLOW, Condition.FULL})
"""Disks of which something can be deleted."""


class Watched(Protocol):
    """A storage path, as far as it is reported; any thread."""

    @property
    def id(self) -> VolumeId | None:
        """Who it is; ``None`` before it was right for the first time."""
        ...

    @property
    def place(self) -> StoragePath:
        """What its owner wants of it."""
        ...

    @property
    def state(self) -> State:
        """What the last look found."""
        ...

    def reserve(self, space: Space) -> int:
        """Return how many bytes should stay free."""
        ...


@dataclass(frozen=True, slots=True)
class StoredFootage:
    """One storage path and what lies in it; what is not known is ``None``.

    Attributes:
        sizes: bytes of footage by what they are kept for; under ``None`` what is too new to be told.
        bytes_s: the pace of recording to it over the last hour.
        days_left: until the free room above the reserve is used up at that pace; then footage makes room.
        next: what goes first, as far as that can be told.
    """

    id: VolumeId | None
    path: Path
    role: Role
    state: State
    reserve: int | None
    sizes: Mapping[KeepClass | None, int]
    protected_size: int
    bytes_s: float | None
    days_left: float | None
    next: NextToGo | None = None


@dataclass(frozen=True, slots=True)
class CameraFootage:
    """What lies of one camera on all disks that are there.

    Attributes:
        size: bytes, protected footage included.
        bytes_s: the pace of the last hour.
        oldest_us: when its oldest footage was recorded.
    """

    id: CameraId
    size: int
    protected_size: int
    bytes_s: float | None
    oldest_us: WallUs


@dataclass(frozen=True, slots=True)
class AbsentFootage:
    """What lies on a disk that none of the storage paths is now: it cannot be played.

    Attributes:
        path: where the disk was seen last.
        size: bytes of footage, protected footage included.
    """

    id: VolumeId
    path: str
    size: int
    protected_size: int


class Storage:
    """Reports on the storage paths; asks the database, but no disk."""

    def __init__(self, shelves: Sequence[Watched], reader: Reader, clock: Clock, settings: Settings) -> None:
        self._shelves = shelves
        self._reader = reader
        self._clock = clock
        self._settings = settings
        self._totals: list[Total] = []
        self._counted: MonotonicNs | None = None

    async def _count(self, connection: AsyncConnection) -> list[Total]:
        """Return how much footage there is of each kind; counted anew only every few seconds."""
        if self._counted is None or seconds_since(self._clock, self._counted) > COUNT_EVERY_S:
            self._totals = await connection.run_sync(footage.totals)
            self._counted = self._clock.monotonic_ns()
        return self._totals

    async def read(self) -> list[StoredFootage]:
        """Return every storage path that is configured."""
        now_us = self._clock.wall_us()
        async with self._reader.read() as connection:
            totals = await self._count(connection)
            written = await connection.run_sync(footage.written_since, wall_after(now_us, -RATE_S))
            rules = rules_of(self._settings, await connection.run_sync(footage.keep_limits))
            oldest = await connection.run_sync(self._oldest)
        reports = [
            report_of(shelf, totals, None if shelf.id is None else pace_of(written.get(shelf.id), now_us))
            for shelf in self._shelves
        ]
        return [
            replace(report, next=self._next(shelf, report, oldest.get(shelf.id, []), rules, now_us))
            for shelf, report in zip(self._shelves, reports, strict=True)
        ]

    async def cameras(self) -> list[CameraFootage]:
        """Return what lies of each camera on the disks that are there."""
        now_us = self._clock.wall_us()
        there = {shelf.id for shelf in self._shelves}
        async with self._reader.read() as connection:
            totals = await self._count(connection)
            written = await connection.run_sync(footage.written_by_camera, wall_after(now_us, -RATE_S))
            oldest = await connection.run_sync(footage.oldest_of_cameras)
        return cameras_of([one for one in totals if one.volume_id in there], written, oldest, now_us)

    async def absent(self) -> list[AbsentFootage]:
        """Return the disks with footage that none of the storage paths is."""
        async with self._reader.read() as connection:
            totals = await self._count(connection)
            known = await connection.run_sync(footage.volumes)
        return absent_from(totals, known, {shelf.id for shelf in self._shelves})

    def _oldest(self, connection: Connection) -> dict[VolumeId | None, list[Kept]]:
        """Return of each storage path the oldest footage of each class that may go."""
        return {
            shelf.id: [
                kept
                for keep_class in (*KeepClass, None)
                for kept in footage.oldest_kept(connection, shelf.id, keep_class, OLDEST)
            ]
            for shelf in self._shelves
            if shelf.id is not None
        }

    def _next(
        self, shelf: Watched, report: StoredFootage, oldest: list[Kept], rules: Rules, now_us: WallUs
    ) -> NextToGo | None:
        if report.state.condition not in IN_USE:
            return None
        can_move = shelf.place.role is Role.HOT and any(
            other.place.role is Role.COLD and other.state.condition in IN_USE for other in self._shelves
        )
        return next_to_go(oldest, rules, now_us, room_s(report, shelf.place.most_bytes), can_move)


def cameras_of(
    totals: Sequence[Total],
    written: Mapping[CameraId, footage.Written],
    oldest: Mapping[CameraId, WallUs],
    now_us: WallUs,
) -> list[CameraFootage]:
    """Return what lies of each camera, the most first."""
    sizes: Counter[CameraId] = Counter()
    protected: Counter[CameraId] = Counter()
    for total in totals:
        sizes[total.camera_id] += total.size
        protected[total.camera_id] += total.size if total.is_protected else 0
    return [
        CameraFootage(
            camera_id, size, protected[camera_id], pace_of(written.get(camera_id), now_us), since_us
        )
        for camera_id, size in sizes.most_common()
        if (since_us := oldest.get(camera_id)) is not None
    ]


def room_s(report: StoredFootage, most_bytes: int | None) -> float | None:
    """Return how long the room of a storage path lasts at its pace, its own limit counted."""
    if report.days_left is None or not report.bytes_s:
        return None
    lasts_s = report.days_left * DAY_S
    if most_bytes is None:
        return lasts_s
    return min(lasts_s, max(0, most_bytes - sum(report.sizes.values())) / report.bytes_s)


def absent_from(
    totals: Sequence[Total], known: Sequence[Volume], there: AbstractSet[VolumeId | None]
) -> list[AbsentFootage]:
    """Return what lies on known disks of which none is there."""
    found = []
    for volume in known:
        mine = [total for total in totals if total.volume_id == volume.id]
        if mine and volume.id not in there:
            protected = sum(total.size for total in mine if total.is_protected)
            found.append(AbsentFootage(volume.id, volume.path, sum(total.size for total in mine), protected))
    return found


def pace_of(written: footage.Written | None, now_us: WallUs) -> float | None:
    """Return bytes a second; ``None`` when too little is known of the last hour."""
    if written is None:
        return None
    lasted_s = seconds_between(written.since_us, now_us)
    return written.size / min(lasted_s, RATE_S) if lasted_s >= LEAST_RATE_S else None


def report_of(shelf: Watched, totals: Sequence[Total], bytes_s: float | None) -> StoredFootage:
    """Return the report on one storage path."""
    mine = [total for total in totals if total.volume_id == shelf.id]
    sizes: dict[KeepClass | None, int] = {}
    for total in mine:
        sizes[total.keep_class] = sizes.get(total.keep_class, 0) + total.size
    space = shelf.state.space
    reserve = None if space is None else shelf.reserve(space)
    days_left = None
    if space is not None and reserve is not None and bytes_s:
        days_left = max(0, space.free - reserve) / bytes_s / DAY_S
    return StoredFootage(
        shelf.id,
        shelf.place.path,
        shelf.place.role,
        shelf.state,
        reserve,
        sizes,
        sum(total.size for total in mine if total.is_protected),
        bytes_s,
        days_left,
    )
