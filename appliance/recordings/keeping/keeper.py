"""The keeper of footage: looks every minute, and when a disk needs room, for what goes and what moves."""

import asyncio
import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy import Connection

from appliance.domain.footage import KeepClass
from appliance.domain.ids import SegmentId, VolumeId
from appliance.domain.time import US_PER_S, WallUs, wall_after
from appliance.recordings.disks.files import Files, Space
from appliance.recordings.keeping.mover import Mover
from appliance.recordings.keeping.removal import PAUSE_S, Remover, Shelf, Writer
from appliance.recordings.keeping.retention import (
    DAY_S,
    Due,
    Excess,
    Rules,
    Scope,
    cannot,
    choose,
    due,
    excesses,
    limits,
    rules_of,
)
from appliance.recordings.keeping.retention_clock import Reading, RetentionClock
from appliance.recordings.settings import Settings, StoragePath
from appliance.runtime.clock import Clock
from appliance.runtime.health import Health, Level
from appliance.store import footage
from appliance.store.footage import Kept, Total
from appliance.store.reader import Reader

log = logging.getLogger(__name__)

PART = "footage kept"
DUE = 500
"""Segments of a class that are looked at together when they are over,"""
OFFERED = 500
"""and when room is needed."""
DAY_US = round(DAY_S) * US_PER_S
URGENT_RATIO = 0.5
"""Below this part of its reserve a disk has to be relieved at the full pace of the disks,"""
DELETE_RATIO = 0.25
"""and below this one footage is deleted that could have been moved: there is no time for it any more."""


class KeptShelf(Shelf, Protocol):
    """A storage path as the keeper needs it; any thread."""

    @property
    def place(self) -> StoragePath:
        """What its owner wants of it."""
        ...

    @property
    def is_hot(self) -> bool:
        """Whether it is recorded to."""
        ...

    def reserve(self, space: Space) -> int:
        """Return how many bytes should stay free."""
        ...


@dataclass(frozen=True, slots=True)
class _Need:
    """A storage path that is short of room, and how much of its reserve is left."""

    shelf: KeptShelf
    id: VolumeId
    missing: int
    reserve_ratio: float


class Keeper:
    """Applies the retention: classes, ages, limits, the reserve of each disk, and moves to cold storage.

    Args:
        shelves: every storage path that is configured.
        is_synchronised: whether the kernel says that the wall clock is kept right.
    """

    def __init__(
        self,
        shelves: Sequence[KeptShelf],
        files: Files,
        reader: Reader,
        committer: Writer,
        clock: Clock,
        health: Health,
        settings: Settings,
        is_synchronised: Callable[[], bool],
    ) -> None:
        self._all = shelves
        self._files = files
        self._reader = reader
        self._committer = committer
        self._clock = clock
        self._health = health
        self._settings = settings
        self._is_synchronised = is_synchronised
        self._remover = Remover(files, committer, clock)
        self._mover = Mover(files, committer, clock, settings.move_bytes_s)
        self._called = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self._retention_clock: RetentionClock | None = None
        self._last_us: WallUs | None = None
        self._floor_us = WallUs(0)
        self._damaged: set[SegmentId] = set()
        self._over_limits: list[str] = []

    def needs_room(self, _volume_id: VolumeId, _missing: int) -> None:
        """Hear that a disk is below its reserve; on its thread."""
        self._loop.call_soon_threadsafe(self._called.set)

    async def run(self) -> None:
        """Look until cancelled; when a disk calls only for the room. The disks have a moment to be found."""
        await self._clock.sleep(self._settings.check_every_s)
        await self.run_once()
        while True:
            if await self._is_called_within(self._settings.keep_every_s):
                await self.make_room()
                await self._clock.sleep(self._settings.check_every_s)
            else:
                await self.run_once()

    async def run_once(self) -> None:
        """Look for everything that is to be done, and do it."""
        now_us = await self._settle()
        steady_us = self._now()[1]
        await self._finish()
        rules = await self._rules()
        for over in due(rules, now_us):
            await self._delete_due(over)
        self._over_limits = await self._keep_limits(rules, steady_us)
        self._report(await self._relieve(rules, steady_us))
        await self._move_due(rules, now_us)
        await self._forget_gaps(now_us)

    async def make_room(self) -> None:
        """Free what is missing to each disk's reserve."""
        rules = await self._rules()
        self._report(await self._relieve(rules, self._now()[1]))

    # Time and classes

    async def _settle(self) -> WallUs:
        """Settle what new segments are kept for, and return the time that footage has aged to."""
        if self._retention_clock is None:
            async with self._reader.read() as connection:
                last_us = await connection.run_sync(footage.retention_us)
            self._retention_clock, self._last_us = RetentionClock(last_us, self._reading()), last_us
            self._retention_clock.adopt(self._reading())
        else:
            await self._adopt(self._retention_clock)
        if not self._retention_clock.has_adopted:
            self._floor_us = self._retention_clock.began_us
        now_us, steady_us = self._now()
        wall_us = self._clock.wall_us()
        by = footage.Settling(
            before_us=wall_after(wall_us, -self._settings.settle_s),
            ahead_us=WallUs(wall_us + DAY_US),
            roll_us=round(self._settings.event_roll_s * US_PER_S),
            oldest_us=WallUs(max(self._floor_us, (self._last_us or 0) - DAY_US)),
            newest_us=steady_us,
        )
        while await self._committer.commit(lambda c: footage.settle(c, by)):
            await self._clock.sleep(PAUSE_S)
        await self._committer.commit(lambda c: footage.save_retention_us(c, steady_us))
        self._last_us = steady_us
        return now_us

    async def _adopt(self, clock: RetentionClock) -> None:
        """Take over the time of a wall clock that was set right while footage was recorded.

        That goes forward as well: it is no older for the time that the box was off, or knew no date.
        """
        began_us = clock.began_us
        jump_us = clock.adopt(self._reading())
        if not jump_us:
            return
        last_us = WallUs((self._last_us or began_us) + jump_us)

        def unit(connection: Connection) -> None:
            footage.shift_ages(connection, began_us, jump_us)
            footage.save_retention_us(connection, last_us)

        await self._committer.commit(unit)
        self._last_us, self._floor_us = last_us, clock.began_us

    def _now(self) -> tuple[WallUs, WallUs]:
        """Return the time that footage has aged to, and that which the next run goes on from.

        By the first one footage is over; by the second one it is told what is the older: where the wall clock
        was set back, everything would lie in the future of the first.
        """
        now = self._reading()
        if self._retention_clock is None:
            return WallUs(0), WallUs(0)  # nothing is old before the first look
        return self._retention_clock.at(now), self._retention_clock.steady_at(now)

    def _reading(self) -> Reading:
        return Reading(self._clock.wall_us(), self._clock.monotonic_ns(), self._is_synchronised())

    async def _rules(self) -> Rules:
        async with self._reader.read() as connection:
            return rules_of(self._settings, await connection.run_sync(footage.keep_limits))

    # What was begun

    async def _finish(self) -> None:
        """Complete what a crash left: deletions, moves, and copies."""
        try:
            await self._mover.finish(self._usable())
        except OSError as err:
            log.warning("a move of footage cannot be finished: %s", err)
        async with self._reader.read() as connection:
            marked = await connection.run_sync(footage.deleting_segments)
        await self._remover.remove(marked, self._usable())

    def _usable(self) -> dict[VolumeId, KeptShelf]:
        return {shelf.id: shelf for shelf in self._all if shelf.id is not None and shelf.is_usable}

    # Deletion

    async def _delete(self, kept: Sequence[Kept]) -> int:
        return await self._remover.delete([one.id for one in kept], self._usable())

    async def _delete_due(self, over: Due) -> None:
        for volume_id in self._usable():
            while True:
                found = await self._ask(volume_id, [over.scope.keep_class], DUE, over.before_us, over.scope)
                if await self._delete(found) < len(found) or len(found) < DUE:
                    break

    async def _keep_limits(self, rules: Rules, now_us: WallUs) -> list[str]:
        """Delete what is over a limit in bytes; return what could not be kept."""
        all_ = limits(rules, {volume_id: shelf.place for volume_id, shelf in self._usable().items()})
        if not all_:
            return []
        stuck: dict[Scope, str] = {}
        while True:
            totals = await self._totals()
            left = [excess for excess in excesses(all_, totals) if excess.scope not in stuck]
            if not left:
                return list(filter(None, stuck.values()))
            first = left[0]
            chosen = choose(await self._offers(first.scope), first.size, rules, now_us)
            if not await self._delete(chosen):
                # If there was something to delete, its disk failed, and says so itself.
                stuck[first.scope] = "" if chosen else cannot(first, totals)

    async def _relieve(self, rules: Rules, now_us: WallUs) -> list[str]:
        """Free what is missing to the reserve of each disk, once; return what could not be freed."""
        complaints = []
        for need in await self._needs():
            scope = Scope(volume_id=need.id)
            if need.reserve_ratio >= DELETE_RATIO and await self._move_instead(need, rules, now_us):
                continue
            chosen = choose(await self._offers(scope), need.missing, rules, now_us)
            if chosen:
                await self._delete(chosen)
            elif not await self._move_instead(need, rules, now_us):
                name = f"the reserve of {need.shelf.path}"
                complaints.append(cannot(Excess(scope, need.missing, name), await self._totals()))
        return complaints

    async def _needs(self) -> list[_Need]:
        needs = []
        for volume_id, shelf in self._usable().items():
            space = await self._space(shelf)
            reserve = 0 if space is None else shelf.reserve(space)
            if space is not None and space.free < reserve:
                needs.append(_Need(shelf, volume_id, reserve - space.free, space.free / reserve))
        return needs

    async def _space(self, shelf: KeptShelf) -> Space | None:
        try:
            return await asyncio.to_thread(self._files.space, shelf.path)
        except OSError as err:
            log.warning("%s: nobody can tell its room: %s", shelf.path, err)
            return None

    async def _totals(self) -> list[Total]:
        """Return how much footage lies on the disks that are there: for another one's nothing has to go."""
        usable = self._usable()
        async with self._reader.read() as connection:
            totals = await connection.run_sync(footage.totals)
        return [total for total in totals if total.volume_id in usable]

    async def _offers(self, scope: Scope, is_to_move: bool = False) -> list[Kept]:
        """Return the segments of a scope that may go, the oldest of each class in each storage path."""
        classes = [*KeepClass, None] if scope.keep_class is None else [scope.keep_class]
        found: list[Kept] = []
        for volume_id in self._usable():
            if scope.volume_id in {None, volume_id}:
                found += await self._ask(volume_id, classes, OFFERED, None, scope, is_to_move)
        return found

    async def _ask(
        self,
        volume_id: VolumeId,
        classes: Iterable[KeepClass | None],
        limit: int,
        before_us: WallUs | None,
        scope: Scope,
        is_to_move: bool = False,
    ) -> list[Kept]:
        def ask(connection: Connection) -> list[Kept]:
            return [
                kept
                for keep_class in classes
                for kept in footage.oldest_kept(
                    connection, volume_id, keep_class, limit, before_us, scope.camera_id, is_to_move
                )
            ]

        async with self._reader.read() as connection:
            return await connection.run_sync(ask)

    # Moves

    async def _move_instead(self, need: _Need, rules: Rules, now_us: WallUs) -> bool:
        """Move what would have to be deleted, and what is protected, if there is a cold disk with room."""
        if not need.shelf.is_hot or await self._cold_for(0) is None:
            return False
        offered = await self._offers(Scope(volume_id=need.id), is_to_move=True)
        count = 0
        for kept in choose(offered, need.missing, rules, now_us):
            if kept.id in self._damaged:
                continue
            if not await self._move(kept, need.shelf, is_urgent=need.reserve_ratio < URGENT_RATIO):
                break
            count += 1
        return count > 0

    async def _move_due(self, rules: Rules, now_us: WallUs) -> None:
        """Move what is old enough from each hot storage path that says so."""
        for volume_id, shelf in self._usable().items():
            days = shelf.place.move_after_days
            if days is None:
                continue
            before_us = wall_after(now_us, -days * DAY_S)
            offered = await self._ask(volume_id, KeepClass, DUE, before_us, Scope(), is_to_move=True)
            for kept in sorted(offered, key=lambda one: -rules.age_ratio(one, now_us)):
                if kept.id in self._damaged:
                    continue
                if not await self._move(kept, shelf, is_urgent=False):
                    break

    async def _move(self, kept: Kept, source: KeptShelf, is_urgent: bool) -> bool:
        """Move a segment to a cold storage path that has room; return False when nothing can be moved now."""
        target = await self._cold_for(kept.size)
        if target is None:
            return False
        async with self._reader.read() as connection:
            segment = await connection.run_sync(footage.segment, kept.id)
        try:
            if segment is not None and not await self._mover.move(segment, source, target, is_urgent):
                self._damaged.add(kept.id)
        except OSError as err:
            log.warning("%s cannot be moved to %s: %s", kept.place.path, target.path, err)
            return False
        return True

    async def _cold_for(self, size: int) -> KeptShelf | None:
        for volume_id, shelf in self._usable().items():
            if shelf.is_hot or not self._mover.is_ready(shelf):
                continue
            space = await self._space(shelf)
            if space is None or space.free - shelf.reserve(space) < size:
                continue
            most = shelf.place.most_bytes
            if most is None or await self._used(volume_id) + size <= most:
                return shelf
        return None

    async def _used(self, volume_id: VolumeId) -> int:
        return sum(total.size for total in await self._totals() if total.volume_id == volume_id)

    # The rest

    async def _forget_gaps(self, now_us: WallUs) -> None:
        before_us = wall_after(now_us, -self._settings.keep_gaps_days * DAY_S)
        while await self._committer.commit(lambda c: footage.forget_gaps(c, before_us)):
            await self._clock.sleep(PAUSE_S)

    def _report(self, room: Sequence[str]) -> None:
        complaints = [*self._over_limits, *room]
        level = Level.DEGRADED if complaints else Level.OK
        self._health.report(PART, level, "; ".join(complaints))

    async def _is_called_within(self, seconds: float) -> bool:
        """Wait until a disk calls, or the time has passed; return whether one did."""
        waits = [
            asyncio.ensure_future(self._called.wait()),
            asyncio.ensure_future(self._clock.sleep(seconds)),
        ]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
        is_called = self._called.is_set()
        self._called.clear()
        return is_called
