"""One subscriber's bounded queue."""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Self

from appliance.bus.filter import Filter
from appliance.bus.message import Message


class Subscription:
    """Holds what a subscriber has not taken yet.

    That is a bounded number of durable messages, and of each kind of ephemeral message only the newest. When
    it is full it keeps nothing durable any more and says so by ``behind``: the subscriber reads what it
    missed from the outbox, or fetches the state anew. Used from the event loop's thread only.
    """

    def __init__(self, wanted: Filter, capacity: int, on_close: Callable[["Subscription"], None]) -> None:
        self.wanted = wanted
        self.at_once: Callable[[Message], bool] | None = None
        """Takes a message without queueing it, if the subscriber can; never asked past queued ones."""
        self.behind = False
        self.overruns = 0
        self.capacity = capacity
        self._on_close = on_close
        self._durable: deque[Message] = deque()
        self._latest: dict[tuple[str, str | None], Message] = {}
        self._arrived = asyncio.Event()

    @property
    def waiting(self) -> int:
        """Durable messages that are queued; of one that is behind none is."""
        return len(self._durable)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()

    def close(self) -> None:
        """Hear nothing any more."""
        self._on_close(self)

    def offer(self, message: Message) -> None:
        """Take the message if it is wanted; never blocks."""
        if not self.wanted.passes(message):
            return
        if self.at_once is not None and not (self.behind or self._durable) and self.at_once(message):
            return
        if message.cursor is None:
            self._latest[message.type, message.camera_id] = message
        elif self.behind:
            return
        elif len(self._durable) >= self.capacity:
            self.fall_behind()
            self.overruns += 1
        else:
            self._durable.append(message)
        self._arrived.set()

    def fall_behind(self) -> None:
        """Drop what is queued and queue nothing durable until ``catch_up``."""
        self.behind = True
        self._durable.clear()

    def catch_up(self) -> None:
        """Queue durable messages again: the subscriber has everything up to the bus's last cursor."""
        self.behind = False

    def wake(self) -> None:
        """Let a waiting subscriber look, although nothing arrived."""
        self._arrived.set()

    async def wait(self) -> None:
        """Wait until something has arrived since the last call of ``take``."""
        await self._arrived.wait()

    def take(self) -> list[Message]:
        """Return and forget all that is queued: the durable messages in order, then the ephemeral ones."""
        self._arrived.clear()
        taken = [*self._durable, *self._latest.values()]
        self._durable.clear()
        self._latest.clear()
        return taken
