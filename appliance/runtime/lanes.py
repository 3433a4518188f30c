"""Lanes: work that comes in pieces, done by a few threads for many, each lane in order and in turn."""

import asyncio
import logging
import threading
from collections import deque
from collections.abc import Callable
from typing import Self

from appliance.runtime.supervisor import Failure, attempt

log = logging.getLogger(__name__)

CLOSE_S = 2.0
"""How long closing waits for the pieces that are being done."""


class Lane:
    """One user's work: a piece at a time, never two at once, on whichever thread is free.

    Made by ``Lanes.lane``. All methods may be called from any thread.
    """

    def __init__(self, lanes: "Lanes", name: str, step: Callable[[], bool]) -> None:
        self.name = name
        self._lanes = lanes
        self._step = step
        self._wanted = False
        self._running = False
        self._closed = False

    def wake(self) -> None:
        """Have ``step`` called soon; while it runs, have it called once more afterwards."""
        self._lanes.wake(self)

    def close(self) -> None:
        """Have it called no more. A piece that is being done now is done to its end; nobody waits for it."""
        self._closed = True

    @property
    def is_idle(self) -> bool:
        """Whether nothing is being done and nothing is to be done."""
        return not (self._wanted or self._running)

    def begins(self) -> bool:
        """Note that a piece begins; for ``Lanes``, under its lock."""
        self._wanted, self._running = False, not self._closed
        return self._running

    def wants(self) -> bool:
        """Note that a piece is wanted and return whether that is news; for ``Lanes``, under its lock."""
        is_new = not (self._wanted or self._closed)
        self._wanted = not self._closed
        return is_new and not self._running

    def ended(self, more: bool) -> bool:
        """Note that a piece has ended and return whether another is due; for ``Lanes``, under its lock."""
        self._running = False
        self._wanted = (self._wanted or more) and not self._closed
        return self._wanted

    def do(self) -> bool:
        """Do one piece and return whether there is more; what it raises is logged and ends this turn."""
        outcome = attempt(self._step)
        if isinstance(outcome, Failure):
            log.error("%s failed: %s", self.name, outcome.error, exc_info=outcome.error)
            return False
        return outcome


class Lanes:
    """Some threads that take the lanes with work in turn; use as ``async with``, or ``start`` and ``close``.

    As many threads as cores decode for any number of cameras: more would only compete with each other, with
    the event loop and with the readers, whose packets must not wait.

    Args:
        threads: 1 or more.
        name: of the threads.
    """

    def __init__(self, threads: int, name: str) -> None:
        self._due: deque[Lane] = deque()
        self._changed = threading.Condition()
        self._closed = False
        self._threads = [
            threading.Thread(target=self._work, name=f"{name}-{i}", daemon=True) for i in range(threads)
        ]

    async def __aenter__(self) -> Self:
        self.start()
        return self

    async def __aexit__(self, *_exc: object) -> None:
        await asyncio.to_thread(self.close, CLOSE_S)

    def start(self) -> None:
        """Start the threads."""
        for thread in self._threads:
            thread.start()

    def lane(self, name: str, step: Callable[[], bool]) -> Lane:
        """Return a lane whose ``step`` does a short piece of work and returns whether there is more."""
        return Lane(self, name, step)

    def wake(self, lane: Lane) -> None:
        """Take a lane up among those with work; any thread."""
        with self._changed:
            if lane.wants():
                self._due.append(lane)
                self._changed.notify()

    def close(self, timeout_s: float) -> None:
        """End the threads after the pieces that they are doing; work that waits is not done."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        for thread in self._threads:
            if thread.ident is not None:
                thread.join(timeout_s)

    def _work(self) -> None:
        while (lane := self._next()) is not None:
            more = lane.do()
            with self._changed:
                if lane.ended(more):
                    self._due.append(lane)
                    self._changed.notify()

    def _next(self) -> Lane | None:
        with self._changed:
            while not self._closed:
                if not self._due:
                    self._changed.wait()
                elif (lane := self._due.popleft()).begins():
                    return lane
            return None
