"""How the storage paths are doing: their disks, what lies in them, and how long the room will last."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from appliance.domain.footage import KeepClass, Volume
from appliance.domain.ids import VolumeId
from appliance.domain.time import WallUs, seconds_between, wall_after
from appliance.recordings.disks.files import Space
from appliance.recordings.disks.volume import State
from appliance.recordings.settings import Role, StoragePath
from appliance.runtime.clock import Clock
from appliance.store import footage
from appliance.store.footage import Total
from appliance.store.reader import Reader

RATE_S = 3600.0
"""So much of the past tells the pace of recording,"""
LEAST_RATE_S = 120.0
"""of which at least so much must be there."""
DAY_S = 86_400.0


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

    def __init__(self, shelves: Sequence[Watched], reader: Reader, clock: Clock) -> None:
        self._shelves = shelves
        self._reader = reader
        self._clock = clock

    async def read(self) -> list[StoredFootage]:
        """Return every storage path that is configured."""
        now_us = self._clock.wall_us()
        async with self._reader.read() as connection:
            totals = await connection.run_sync(footage.totals)
            written = await connection.run_sync(footage.written_since, wall_after(now_us, -RATE_S))
        return [
            report_of(shelf, totals, None if shelf.id is None else pace_of(written.get(shelf.id), now_us))
            for shelf in self._shelves
        ]

    async def absent(self) -> list[AbsentFootage]:
        """Return the disks with footage that none of the storage paths is."""
        async with self._reader.read() as connection:
            totals = await connection.run_sync(footage.totals)
            known = await connection.run_sync(footage.volumes)
        return absent_from(totals, known, {shelf.id for shelf in self._shelves})


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
