"""The supervisor: the only place that starts long-lived tasks, and the only one with a broad ``except``.

A part that ends with an exception is started again after a back-off; five times within 60 s is the brake:
the part is then reported as ``degraded`` and tried once a minute.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Self, TypeVar

from appliance.domain.time import NS_PER_S
from appliance.runtime.backoff import Backoff
from appliance.runtime.clock import Clock
from appliance.runtime.health import Health, Level

log = logging.getLogger(__name__)

T = TypeVar("T")

BRAKE_FAILURES = 5
BRAKE_WINDOW_S = 60.0
BRAKED_RETRY_S = 60.0


@dataclass(frozen=True, slots=True)
class Failure:
    """What a piece of somebody else's work raised."""

    error: Exception


def attempt(work: Callable[[], T]) -> T | Failure:
    """Do a piece of work that must fail alone, and return what it raised instead of raising it."""
    try:
        return work()
    except Exception as err:  # noqa: BLE001 - the caller decides what becomes of it
        return Failure(err)


class Supervisor:
    """Runs named parts until it is closed; use as ``async with``."""

    def __init__(self, clock: Clock, health: Health) -> None:
        self._clock = clock
        self._health = health
        self._tasks: dict[str, asyncio.Task[None]] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_exc: object) -> None:
        for task in reversed(list(self._tasks.values())):
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        self._tasks.clear()

    def start(self, name: str, run: Callable[[], Awaitable[None]]) -> None:
        """Run ``run()`` as a task of that name and start it again whenever it fails.

        A part that returns has done its work and is not started again.

        Raises:
            ValueError: a part of that name is running.
        """
        running = self._tasks.get(name)
        if running is not None and not running.done():
            raise ValueError(f"the part {name!r} is running already")
        self._tasks[name] = asyncio.create_task(self._keep(name, run), name=name)

    async def stop(self, name: str) -> None:
        """Cancel that part, wait until it has ended, and forget it; nothing happens if there is none."""
        task = self._tasks.pop(name, None)
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        self._health.forget(name)

    def running(self) -> tuple[str, ...]:
        """Return the names of the parts that have not ended."""
        return tuple(name for name, task in self._tasks.items() if not task.done())

    async def _keep(self, name: str, run: Callable[[], Awaitable[None]]) -> None:
        failures: deque[int] = deque(maxlen=BRAKE_FAILURES)
        backoff = Backoff(first_s=0.2, longest_s=5.0)
        while True:
            self._health.report(name, Level.OK)
            started = self._clock.monotonic_ns()
            try:
                await run()
                return
            except Exception as err:
                log.error("%s failed and is started again: %s", name, err, exc_info=err)
                reason = f"{type(err).__name__}: {err}"
            now = self._clock.monotonic_ns()
            if now - started > BRAKE_WINDOW_S * NS_PER_S:
                backoff.reset()
            failures.append(now)
            braked = len(failures) == BRAKE_FAILURES and now - failures[0] <= BRAKE_WINDOW_S * NS_PER_S
            self._health.report(name, Level.DEGRADED if braked else Level.FAILED, reason)
            await self._clock.sleep(BRAKED_RETRY_S if braked else backoff.next_s())
