"""A bounded mailbox: every queue of the appliance has a bound, a policy for when it is full, and a count."""

import asyncio
import threading
from collections import deque
from enum import StrEnum
from typing import Generic, TypeVar

from appliance.runtime.queue_state import QueueState

T = TypeVar("T")


class Policy(StrEnum):
    """What a full mailbox does with one more item."""

    DROP_OLDEST = "drop_oldest"
    LATEST_ONLY = "latest_only"
    REFUSE = "refuse"


_WHEN_FULL = {
    Policy.DROP_OLDEST: "the oldest is left out",
    Policy.LATEST_ONLY: "only the newest is kept",
    Policy.REFUSE: "one more is refused",
}


class Mailbox(Generic[T]):
    """Hands items from any thread to one task of the event loop.

    Args:
        name: for reports.
        capacity: items held at most; 1 with ``LATEST_ONLY``.
        policy: what happens to one more item when it is full.
    """

    def __init__(self, name: str, capacity: int, policy: Policy) -> None:
        if capacity < 1:
            raise ValueError(f"a mailbox holds at least 1 item, not {capacity}")
        self.name = name
        self.capacity = 1 if policy is Policy.LATEST_ONLY else capacity
        self.policy = policy
        self.dropped = 0
        self._items: deque[T] = deque()
        self._lock = threading.Lock()
        self._arrived = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None

    def __len__(self) -> int:
        return len(self._items)

    def state(self, key: str, name: str, unit: str) -> QueueState:
        """Return what is told of it; ``name`` and ``unit`` are for a person."""
        return QueueState(
            key, name, unit, _WHEN_FULL[self.policy], len(self._items), self.capacity, self.dropped
        )

    def bind(self) -> None:
        """Name the running loop as the one whose task receives; call before another thread puts."""
        self._loop = asyncio.get_running_loop()

    def put(self, item: T) -> bool:
        """Add an item; may be called from any thread and never blocks.

        Returns:
            False when the mailbox was full and ``REFUSE`` turned the item away; it is counted as dropped.
        """
        with self._lock:
            if len(self._items) >= self.capacity:
                self.dropped += 1
                if self.policy is Policy.REFUSE:
                    return False
                self._items.popleft()
            self._items.append(item)
            was_empty = len(self._items) == 1
        if was_empty:
            self._wake()
        return True

    async def get(self) -> T:
        """Wait for the next item. Only one task may wait."""
        while True:
            item = self.get_nowait()
            if item is not None:
                return item
            self._loop = asyncio.get_running_loop()
            self._arrived.clear()
            if not self._items:
                await self._arrived.wait()

    def get_nowait(self) -> T | None:
        """Return the next item, or ``None`` when there is none."""
        with self._lock:
            return self._items.popleft() if self._items else None

    def drain(self, at_most: int | None = None) -> list[T]:
        """Take up to ``at_most`` items (all by default) without waiting."""
        with self._lock:
            n = len(self._items) if at_most is None else min(at_most, len(self._items))
            return [self._items.popleft() for _ in range(n)]

    def _wake(self) -> None:
        loop = self._loop
        if loop is None:
            self._arrived.set()
            return
        try:
            running = asyncio.get_running_loop()
        except RuntimeError:
            running = None
        if running is loop:
            self._arrived.set()
        elif not loop.is_closed():
            loop.call_soon_threadsafe(self._arrived.set)
