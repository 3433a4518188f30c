"""The one writer: gathers units of change and commits them in groups; a unit that fails, fails alone."""

import asyncio
import contextlib
import heapq
import itertools
import logging
from collections import deque
from collections.abc import Callable, Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Generic, Self, TypeVar

from sqlalchemy import Connection, Engine

from appliance.commit.settings import CommitSettings
from appliance.errors import Overloaded, StoreUnavailable
from appliance.runtime.backoff import Backoff
from appliance.runtime.clock import Clock, seconds_since
from appliance.runtime.health import Health, Level
from appliance.runtime.latencies import Latencies
from appliance.runtime.metrics import Metrics
from appliance.runtime.queue_state import QueueState
from appliance.runtime.supervisor import Failure, attempt
from appliance.store.engine import says_unavailable, translated

log = logging.getLogger(__name__)

T = TypeVar("T")
R = TypeVar("R")

Unit = Callable[[Connection], T]
"""A change: runs on the writer's thread inside a transaction.

It may run again when the disk was full, the database locked, or another unit of its group failed, so it
does nothing but read and write through the connection it is given. What it returns is handed over after the
commit.
"""

_Way = Callable[[Connection, Sequence[Unit[Any]]], list[Any]]


@dataclass(frozen=True, slots=True)
class Row(Generic[R]):
    """A unit that adds one row of many: those next to each other in a group are added together.

    Attributes:
        add: adds any number of rows of this kind.
    """

    add: Callable[[Connection, Sequence[R]], None]
    row: R

    def __call__(self, connection: Connection) -> None:
        """Add this row alone."""
        self.add(connection, [self.row])


@dataclass(slots=True, eq=False)
class _Pending(Generic[T]):
    order: int
    unit: Unit[T]
    done: asyncio.Future[T] | None
    is_withdrawn: bool = False

    def __lt__(self, other: "_Pending[Any]") -> bool:
        return self.order < other.order


class Committer:
    """Takes units from the event loop and commits them on a thread of its own.

    While one commit is on its way to the disk the next group gathers, so that a busy box pays for few
    ``fsync`` and a quiet one waits for none. When the database cannot be written (full, locked by another
    program, read-only), everything waits in bounded queues and is tried again.

    Args:
        engine: the write engine; its single connection is used on this committer's thread only.
        on_commit: called on the loop after each commit.
    """

    def __init__(
        self,
        engine: Engine,
        clock: Clock,
        health: Health,
        metrics: Metrics,
        settings: CommitSettings,
        on_commit: Callable[[], None] = lambda: None,
    ) -> None:
        self._engine = engine
        self._clock = clock
        self._health = health
        self._settings = settings
        self._on_commit = on_commit
        self._prompt: deque[_Pending[Any]] = deque()
        self._relaxed: deque[_Pending[Any]] = deque()
        self._group: list[_Pending[Any]] = []
        self._committed: list[Any] | None = None  # the group's outcomes, from its commit until they are told
        self._is_writing = False
        self._taken = 0
        self._arrived = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="writer")
        self.latencies = Latencies(clock)
        """How long commits took, from the first try on."""
        self._commits = metrics.counter("nightjar_commits_total", "Commits of the database.")
        self._units = metrics.counter("nightjar_commit_units_total", "Units of change committed.")
        self._dropped = metrics.counter(
            "nightjar_commit_dropped_total", "Analysed frames not stored because the database was behind."
        )
        waiting = metrics.gauge("nightjar_commit_waiting", "Units of change that wait for their commit.")
        metrics.on_collect(lambda: waiting.set(self.waiting))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_exc: object) -> None:
        self._thread.shutdown(wait=True)

    @property
    def waiting(self) -> int:
        """Units that are not committed yet."""
        return len(self._prompt) + len(self._relaxed) + len(self._group)

    @property
    def dropped(self) -> int:
        """Analysed frames that were dropped since the start."""
        return round(self._dropped.value())

    def queues(self) -> list[QueueState]:
        """Return what waits to be stored."""
        settings, group = self._settings, len(self._group)
        return [
            QueueState(
                *("changes", "Changes that wait to be stored", "changes", "one more is refused"),
                len(self._prompt) + group,
                settings.queue_units + settings.group_units,
            ),
            QueueState(
                *("analysed", "Analysed frames that wait to be stored", "frames", "the oldest are left out"),
                len(self._relaxed),
                settings.queue_relaxed_units,
                self.dropped,
            ),
        ]

    async def commit(self, unit: Unit[T]) -> T:
        """Commit a unit and return what it returned, once it is durable.

        Cancelling the caller does not undo the unit; should it fail later, that is logged.

        Raises:
            Overloaded: too many units wait.
            Exception: whatever the unit raised; its own changes, and no others, are rolled back.
        """
        done: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._enqueue_prompt(unit, done)
        return await done

    async def request(self, unit: Unit[T]) -> T:
        """Commit a unit for somebody who waits for an answer: it is not left waiting for ever.

        One that cannot be stored in time is withdrawn, as is that of a caller who is cancelled; so an answer
        that nothing was changed is true. A try that is under way is waited for.

        Raises:
            StoreUnavailable: the database could not be written in time; nothing was changed.
            Overloaded: too many units wait.
            Exception: whatever the unit raised; its own changes, and no others, are rolled back.
        """
        done: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        pending = self._enqueue_prompt(unit, done)
        try:
            await asyncio.wait({done}, timeout=self._settings.request_s)
            if not done.done():
                self._withdraw(pending)
            return await done
        except asyncio.CancelledError:
            done.cancel()
            self._withdraw(pending)
            raise

    def post(self, unit: Unit[Any]) -> None:
        """Hand over a unit whose result nobody waits for; an error of its own is logged.

        Raises:
            Overloaded: too many units wait.
        """
        self._enqueue_prompt(unit, None)

    def post_relaxed(self, unit: Unit[Any]) -> None:
        """Hand over an analysed frame: it may wait for company, and the oldest are dropped in need."""
        if len(self._relaxed) >= self._settings.queue_relaxed_units:
            self._relaxed.popleft()
            self._dropped.add()
        self._relaxed.append(_Pending(self._number(), unit, None))
        self._wake()

    async def drain(self) -> None:
        """Wait until everything that was handed over is committed."""
        self._arrived.set()
        await self._idle.wait()

    async def run(self) -> None:
        """Commit what arrives until cancelled; the group in flight is then finished first."""
        while True:
            if not self._group:
                await self._gather()
            await self._commit_group()

    async def _gather(self) -> None:
        while not (self._prompt or self._relaxed):
            self._idle.set()
            self._arrived.clear()
            await self._arrived.wait()
        if not self._prompt and len(self._relaxed) < self._settings.group_units:
            self._arrived.clear()
            await _first(self._arrived.wait(), self._clock.sleep(self._settings.relaxed_wait_s))
        merged = heapq.merge(self._prompt, self._relaxed)
        self._group = list(itertools.islice(merged, self._settings.group_units))
        for pending in self._group:
            source = self._prompt if self._prompt and self._prompt[0] is pending else self._relaxed
            source.popleft()

    async def _commit_group(self) -> None:
        backoff = Backoff(self._settings.retry_first_s, self._settings.retry_longest_s)
        began = self._clock.monotonic_ns()
        while True:
            try:
                outcomes = await self._written()
            except StoreUnavailable as err:
                # Also a group of which all is withdrawn is tried again: so it is known when it works again.
                for pending in [one for one in self._group if one.is_withdrawn]:
                    self._withdraw(pending)
                self._health.report("database", Level.FAILED, f"{err}; {self.waiting} changes wait")
                await self._clock.sleep(backoff.next_s())
                continue
            self._tell(outcomes)
            self.latencies.add(seconds_since(self._clock, began))
            self._health.report("database", Level.OK)
            return

    async def _written(self) -> list[Any]:
        """Have the writer's thread write the group."""
        written = asyncio.get_running_loop().run_in_executor(self._thread, self._write, self._group)
        self._is_writing = True
        try:
            return await asyncio.shield(written)
        except asyncio.CancelledError:
            # A commit cannot be called back: its outcome is told before this task ends.
            with contextlib.suppress(StoreUnavailable):
                self._tell(await written)
            raise
        finally:
            self._is_writing = False

    def _withdraw(self, pending: _Pending[Any]) -> None:
        """Take out a unit that nobody waits for any more, now or after the try that is under way."""
        pending.is_withdrawn = True
        if pending in self._prompt:
            self._prompt.remove(pending)
        elif pending in self._group and not self._is_writing and self._committed is None:
            self._group = [one for one in self._group if one is not pending]
        else:
            return
        if pending.done is not None and not pending.done.done():
            within_s = self._settings.request_s
            text = f"the database could not be written within {within_s:g} s; nothing was changed"
            pending.done.set_exception(StoreUnavailable(text))

    def _tell(self, outcomes: list[Any]) -> None:
        """Tell what became of the group; it is no more from the first line on, whatever fails after it."""
        group, self._group, self._committed = self._group, [], None
        self._commits.add()
        self._units.add(len(group))
        for pending, outcome in zip(group, outcomes, strict=True):
            if pending.done is None or pending.done.cancelled():
                if isinstance(outcome, Failure):
                    log.error("a change could not be stored: %s", outcome.error, exc_info=outcome.error)
            elif isinstance(outcome, Failure):
                pending.done.set_exception(outcome.error)
            else:
                pending.done.set_result(outcome)
        self._on_commit()

    def _write(self, group: list[_Pending[Any]]) -> list[Any]:
        """Write a group in one transaction; runs on the writer's thread.

        First as if no unit could fail. If one does, all of it is undone and done again, each unit in a
        savepoint: those double the cost of a row with a trigger, since SQLite then keeps every page's state
        before each row. What fails after the commit, in here or on the way back to the loop, does not have it
        written twice: its outcomes are kept until they are told.
        """
        outcome = self._attempted(group, _straight)
        if isinstance(outcome, Failure) and not says_unavailable(outcome.error):
            outcome = self._attempted(group, _each_in_a_savepoint)
        if isinstance(outcome, Failure) and says_unavailable(outcome.error):
            with translated():
                raise outcome.error
        return [outcome] * len(group) if isinstance(outcome, Failure) else outcome

    def _attempted(self, group: list[_Pending[Any]], way: _Way) -> list[Any] | Failure:
        """Write the group in that way unless it is written, and return its outcomes or why there are none."""
        if self._committed is not None:
            return self._committed
        outcome = attempt(lambda: self._transaction(group, way))
        return outcome if self._committed is None else self._committed

    def _transaction(self, group: list[_Pending[Any]], way: _Way) -> list[Any]:
        with self._engine.connect() as connection:
            with connection.begin():
                outcomes = way(connection, [pending.unit for pending in group])
            self._committed = outcomes
            return outcomes

    def _enqueue_prompt(self, unit: Unit[T], done: asyncio.Future[T] | None) -> _Pending[T]:
        if len(self._prompt) >= self._settings.queue_units:
            raise Overloaded(f"{len(self._prompt)} changes wait for the database already; try again later")
        pending = _Pending(self._number(), unit, done)
        self._prompt.append(pending)
        self._wake()
        return pending

    def _number(self) -> int:
        self._taken += 1
        return self._taken

    def _wake(self) -> None:
        self._idle.clear()
        if self._prompt or len(self._relaxed) in {1, self._settings.group_units}:
            self._arrived.set()


def _straight(connection: Connection, units: Sequence[Unit[Any]]) -> list[Any]:
    """Run the units, rows of a kind that are next to each other together."""
    outcomes: list[Any] = []
    for add, run in itertools.groupby(units, _add_of):
        if add is None:
            outcomes += [unit(connection) for unit in run]
        else:
            rows = [unit.row for unit in run if isinstance(unit, Row)]
            add(connection, rows)
            outcomes += [None] * len(rows)
    return outcomes


def _add_of(unit: Unit[Any]) -> Callable[[Connection, Sequence[Any]], None] | None:
    return unit.add if isinstance(unit, Row) else None


def _each_in_a_savepoint(connection: Connection, units: Sequence[Unit[Any]]) -> list[Any]:
    return [_in_savepoint(connection, unit) for unit in units]


def _in_savepoint(connection: Connection, unit: Unit[Any]) -> Any:
    connection.exec_driver_sql("SAVEPOINT unit")
    outcome = attempt(lambda: unit(connection))
    if isinstance(outcome, Failure):
        if says_unavailable(outcome.error):
            raise outcome.error
        connection.exec_driver_sql("ROLLBACK TO unit")
    connection.exec_driver_sql("RELEASE unit")
    return outcome


async def _first(*waits: Coroutine[None, None, object]) -> None:
    """Wait until the first of these has ended, and end the others."""
    tasks = [asyncio.ensure_future(wait) for wait in waits]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
