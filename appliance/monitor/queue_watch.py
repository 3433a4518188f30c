"""Watches the bounded queues: how full they are, and how much was dropped in the last hour."""

from collections import deque
from collections.abc import Callable, Sequence
from typing import Literal

import msgspec

from appliance.domain.time import NS_PER_S, MonotonicNs
from appliance.runtime.clock import Clock
from appliance.runtime.queue_state import QueueKind, QueueState

HOUR_S = 3600.0
LOOK_EVERY_S = 60.0


class QueueReport(msgspec.Struct, frozen=True):
    """A bounded queue, a number of connections, or a count of what was left out; null is what does not apply.

    ``dropped`` counts since the start of the service. ``unit`` is what is counted: bytes, or a plural noun;
    ``when_full`` says what becomes of one more.
    """

    key: str
    kind: Literal["queue", "counter", "connections"]
    name: str
    unit: str
    when_full: str
    length: int | None
    capacity: int | None
    dropped: int | None
    dropped_last_hour: int | None


class QueueWatch:
    """Remembers the counts of the last hour, one a minute; used from the event loop.

    Args:
        read: returns all queues as they are now.
    """

    def __init__(self, clock: Clock, read: Callable[[], Sequence[QueueState]]) -> None:
        self._clock = clock
        self._read = read
        self._past: deque[tuple[MonotonicNs, dict[str, int]]] = deque()

    async def run(self) -> None:
        """Look every minute until cancelled."""
        while True:
            self.remember()
            await self._clock.sleep(LOOK_EVERY_S)

    def remember(self) -> None:
        """Note the counts of now, and forget those that are no longer needed."""
        now = self._clock.monotonic_ns()
        counts = {queue.key: queue.dropped for queue in self._read() if queue.dropped is not None}
        self._past.append((now, counts))
        # One that is older than an hour stays: the hour began after it.
        while len(self._past) > 1 and now - self._past[1][0] >= HOUR_S * NS_PER_S:
            self._past.popleft()

    def report(self) -> list[QueueReport]:
        """Return every queue, with what was dropped since an hour ago or since the start."""
        before = self._past[0][1] if self._past else {}
        return [_report(queue, before) for queue in self._read()]


def _report(queue: QueueState, before: dict[str, int]) -> QueueReport:
    # A count that went back is that of a camera which was deleted meanwhile.
    lately = None if queue.dropped is None else max(0, queue.dropped - before.get(queue.key, 0))
    kind: dict[QueueKind, Literal["queue", "counter", "connections"]] = {
        QueueKind.QUEUE: "queue",
        QueueKind.COUNTER: "counter",
        QueueKind.CONNECTIONS: "connections",
    }
    return QueueReport(
        queue.key,
        kind[queue.kind],
        queue.name,
        queue.unit,
        queue.when_full,
        queue.length,
        queue.capacity,
        queue.dropped,
        lately,
    )
