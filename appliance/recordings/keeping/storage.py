"""How the storage paths are doing: their disks, what lies in them, and how long the room will last."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol, TypeVar

from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import AsyncConnection

from appliance.domain.access import ALL_CAMERAS, Sight
from appliance.domain.footage import KeepClass, Volume
from appliance.domain.ids import CameraId, VolumeId
from appliance.domain.time import MonotonicNs, WallUs, seconds_between, wall_after
from appliance.recordings.disks.files import Space
from appliance.recordings.disks.volume import Condition, State
from appliance.recordings.keeping.forecast import NextToGo, Room, next_to_go
from appliance.recordings.keeping.retention import Rules, Scope, limits, rules_of, size_of
from appliance.recordings.settings import Role, Settings, StoragePath
from appliance.runtime.clock import Clock, seconds_since
from appliance.store import footage
from appliance.store.footage import Kept, Total, Written
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


Kind = TypeVar("Kind", Total, Written)


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
        days_left: until the room above the reserve, or within the limits of the path and of all footage, is
            used up at that pace; then footage makes room.
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

    async def read(self, sight: Sight = ALL_CAMERAS) -> list[StoredFootage]:
        """Return every storage path that is configured, with what lies there of the cameras that are seen.

        How long its room lasts and what goes next depends on all cameras, and is told to those who see them.
        """
        now_us = self._clock.wall_us()
        async with self._reader.read() as connection:
            totals = await self._count(connection)
            written = await connection.run_sync(footage.written_since, wall_after(now_us, -RATE_S))
            if sight.cameras is not None:
                mine = _of(sight, totals), _of(sight, written)
                return [report_of(shelf, *mine, (), now_us) for shelf in self._shelves]
            rules = rules_of(self._settings, await connection.run_sync(footage.keep_limits))
            offered = await connection.run_sync(self._offered)
        rooms = rooms_of(self._shelves, rules, totals, written, now_us)
        next_ = next_to_go(offered, rules, now_us, rooms)
        return [
            replace(report, next=next_.get(report.id) if report.id else None)
            for report in (report_of(shelf, totals, written, rooms, now_us) for shelf in self._shelves)
        ]

    async def cameras(self, sight: Sight = ALL_CAMERAS) -> list[CameraFootage]:
        """Return what lies of each camera that is seen on the disks that are there."""
        now_us = self._clock.wall_us()
        there = {shelf.id for shelf in self._shelves}
        async with self._reader.read() as connection:
            totals = await self._count(connection)
            written = await connection.run_sync(footage.written_since, wall_after(now_us, -RATE_S))
            oldest = await connection.run_sync(footage.oldest_of_cameras)
        seen = _of(sight, totals)
        return cameras_of([one for one in seen if one.volume_id in there], written, oldest, now_us)

    async def absent(self, sight: Sight = ALL_CAMERAS) -> list[AbsentFootage]:
        """Return the disks with footage of cameras that are seen that none of the storage paths is."""
        async with self._reader.read() as connection:
            totals = await self._count(connection)
            known = await connection.run_sync(footage.volumes)
        return absent_from(_of(sight, totals), known, {shelf.id for shelf in self._shelves})

    def _offered(self, connection: Connection) -> list[Kept]:
        """Return of each storage path that is in use the oldest footage of each class that may go."""
        return [
            kept
            for volume_id in in_use(self._shelves)
            for keep_class in (*KeepClass, None)
            for kept in footage.oldest_kept(connection, volume_id, keep_class, OLDEST)
        ]


def _of(sight: Sight, found: Sequence[Kind]) -> Sequence[Kind]:
    """Return what of it is of cameras that are seen."""
    return found if sight.cameras is None else [one for one in found if sight.sees(one.camera_id)]


def in_use(shelves: Iterable[Watched]) -> dict[VolumeId, Watched]:
    """Return the storage paths of which something can be deleted."""
    return {one.id: one for one in shelves if one.id is not None and one.state.condition in IN_USE}


def rooms_of(
    shelves: Sequence[Watched],
    rules: Rules,
    totals: Sequence[Total],
    written: Sequence[Written],
    now_us: WallUs,
) -> list[Room]:
    """Return for how long there is room: above each disk's reserve, and within each limit in bytes."""
    used = in_use(shelves)
    lying = [total for total in totals if total.volume_id in used]
    has_cold = any(shelf.place.role is Role.COLD for shelf in used.values())
    found = []
    for volume_id, shelf in used.items():
        scope, space = Scope(volume_id=volume_id), shelf.state.space
        pace = pace_of(written, scope, now_us)
        if space is not None and pace:
            is_moved = has_cold and shelf.place.role is Role.HOT
            found.append(Room(scope, max(0, space.free - shelf.reserve(space)) / pace, is_moved))
    for limit in limits(rules, {volume_id: shelf.place for volume_id, shelf in used.items()}):
        pace = pace_of(written, limit.scope, now_us)
        if pace:
            found.append(Room(limit.scope, max(0, limit.most_bytes - size_of(limit.scope, lying)) / pace))
    return found


def cameras_of(
    totals: Sequence[Total],
    written: Sequence[Written],
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
            *(camera_id, size, protected[camera_id]),
            pace_of(written, Scope(camera_id=camera_id), now_us),
            since_us,
        )
        for camera_id, size in sizes.most_common()
        if (since_us := oldest.get(camera_id)) is not None
    ]


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


def pace_of(written: Sequence[Written], scope: Scope, now_us: WallUs) -> float | None:
    """Return bytes a second of a scope; ``None`` when too little is known of the last hour.

    Some classes are seldom recorded: their time is that of all footage.
    """
    mine = [one for one in written if scope.holds(one)]
    since_us = min((one.since_us for one in (written if scope.keep_class else mine)), default=now_us)
    lasted_s = seconds_between(since_us, now_us)
    return size_of(scope, mine) / min(lasted_s, RATE_S) if lasted_s >= LEAST_RATE_S else None


def report_of(
    shelf: Watched,
    totals: Sequence[Total],
    written: Sequence[Written],
    rooms: Sequence[Room],
    now_us: WallUs,
) -> StoredFootage:
    """Return the report on one storage path."""
    mine = [total for total in totals if total.volume_id == shelf.id]
    sizes: dict[KeepClass | None, int] = {}
    for total in mine:
        sizes[total.keep_class] = sizes.get(total.keep_class, 0) + total.size
    space, own = shelf.state.space, Scope(volume_id=shelf.id)
    bytes_s = None if shelf.id is None else pace_of(written, own, now_us)
    lasts_s = min((room.lasts_s for room in rooms if room.scope in {own, Scope()}), default=None)
    return StoredFootage(
        shelf.id,
        shelf.place.path,
        shelf.place.role,
        shelf.state,
        None if space is None else shelf.reserve(space),
        sizes,
        sum(total.size for total in mine if total.is_protected),
        bytes_s,
        lasts_s / DAY_S if lasts_s is not None and bytes_s else None,
    )
