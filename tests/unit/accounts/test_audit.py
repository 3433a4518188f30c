"""What waits to be written into the audit log, and what is said of what could not be."""

import asyncio
from typing import Any, cast

from appliance.accounts.audit import MOST_OF_NOBODY, AuditLog
from appliance.domain.time import WallUs
from appliance.errors import StoreUnavailable
from appliance.runtime.health import Health, Level
from appliance.runtime.metrics import Metrics
from appliance.store.audit import Entry, KindWord
from appliance.store.reader import Reader


class HeldWriter:
    """Stores nothing until it is let go; and nothing at all while it is broken."""

    def __init__(self) -> None:
        self.let_go = asyncio.Event()
        self.is_broken = False
        self.stored = 0

    async def commit(self, _unit: Any) -> Any:
        """Wait, and then count a row or fail."""
        await self.let_go.wait()
        if self.is_broken:
            raise StoreUnavailable("full")
        self.stored += 1

    request = commit


def audit_log(writer: HeldWriter, health: Health) -> AuditLog:
    """Return a log that is only written."""
    return AuditLog(cast("Reader", None), writer, health, Metrics())


def entry(kind: KindWord) -> Entry:
    """Return a row by somebody of that kind."""
    return Entry(WallUs(1), "", kind, "192.0.2.1", "login", "", "refused", {})


async def test_who_has_no_login_leaves_room_for_all_others() -> None:
    """However many of them come at once, what an admin does then is written down."""
    writer, health = HeldWriter(), Health()
    log = audit_log(writer, health)
    strangers = [asyncio.ensure_future(log.note(entry("nobody"))) for _ in range(400)]
    await asyncio.sleep(0)
    admin = asyncio.ensure_future(log.note(entry("user")))
    await asyncio.sleep(0)
    writer.let_go.set()
    await asyncio.gather(admin, *strangers)
    assert writer.stored == MOST_OF_NOBODY + 1
    assert log.queues()[0].dropped == 400 - MOST_OF_NOBODY


async def test_the_log_is_well_again_once_a_row_is_written() -> None:
    """What was lost stays counted."""
    writer, health = HeldWriter(), Health()
    log = audit_log(writer, health)
    writer.let_go.set()
    await log.note(entry("user"))
    assert health.parts() == ()
    writer.is_broken = True
    await log.note(entry("user"))
    assert health.level() is Level.DEGRADED
    writer.is_broken = False
    await log.note(entry("user"))
    assert health.level() is Level.OK
    assert log.queues()[0].dropped == 1
