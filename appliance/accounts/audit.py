"""What somebody did → a row of the audit log, before the answer if the database is quick enough."""

import asyncio
import logging
from collections.abc import Sequence

from appliance.accounts.accounts import Writer
from appliance.errors import Overloaded, StoreUnavailable
from appliance.runtime.health import Health, Level
from appliance.runtime.metrics import Metrics
from appliance.runtime.queue_state import QueueState
from appliance.store import audit
from appliance.store.audit import Entry, Kept, Sought
from appliance.store.reader import Reader

log = logging.getLogger(__name__)

MOST_WAITING = 256
MOST_OF_NOBODY = 64
"""Of these that are of people without a login: they leave room for all others."""
PATIENCE_S = 0.5
PART = "audit log"


class AuditLog:
    """Adds to the log, and reads it.

    An answer waits for its row, so that who was told that something is done finds it there; but not longer
    than half a second, for a database that cannot be written must not stop people from looking.
    """

    def __init__(self, reader: Reader, writer: Writer, health: Health, metrics: Metrics) -> None:
        self._reader = reader
        self._writer = writer
        self._health = health
        self._waiting: set[asyncio.Task[None]] = set()
        self._of_nobody: set[asyncio.Task[None]] = set()
        self._lost = 0
        lost = metrics.counter("nightjar_audit_lost_total", "Rows of the audit log that could not be kept.")
        self._count_lost = lost.add

    async def note(self, entry: Entry) -> None:
        """Add a row; wait for it for a moment."""
        is_nobody = entry.kind == "nobody"
        if len(self._waiting) >= MOST_WAITING or (is_nobody and len(self._of_nobody) >= MOST_OF_NOBODY):
            self._lose()
            return
        task = asyncio.ensure_future(self._add(entry))
        for waiting in (self._waiting, self._of_nobody) if is_nobody else (self._waiting,):
            waiting.add(task)
            task.add_done_callback(waiting.discard)
        await asyncio.wait({task}, timeout=PATIENCE_S)

    async def entries(self, sought: Sought) -> Sequence[Kept]:
        """Return rows, the newest first."""
        return await self._reader.ask(lambda c: audit.entries(c, sought))

    def queues(self) -> list[QueueState]:
        """Return what waits to be written down."""
        text = "Rows of the audit log that wait to be stored"
        return [
            QueueState(
                *("audit", text, "rows", "one more is left out"), len(self._waiting), MOST_WAITING, self._lost
            )
        ]

    async def _add(self, entry: Entry) -> None:
        try:
            await self._writer.commit(lambda c: audit.add(c, entry))
        except (Overloaded, StoreUnavailable):
            self._lose()
            return
        if self._lost:
            self._health.report(PART, Level.OK)

    def _lose(self) -> None:
        self._lost += 1
        self._count_lost()
        self._health.report(PART, Level.DEGRADED, f"{self._lost} rows could not be kept")
        log.error("the audit log could not be written: %d rows are lost since the start", self._lost)
