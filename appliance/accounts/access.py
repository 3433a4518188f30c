"""Access control, joined: who shows what, logins, users, and the audit log."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from appliance.accounts.accounts import Accounts, Writer
from appliance.accounts.audit import AuditLog
from appliance.accounts.doors import Doors
from appliance.accounts.logins import Logins
from appliance.accounts.password import Passwords, Work
from appliance.accounts.settings import AccountsSettings
from appliance.accounts.setup_token import SetupToken
from appliance.accounts.users import Users
from appliance.runtime.allowance import Allowance
from appliance.runtime.clock import Clock
from appliance.runtime.health import Health
from appliance.runtime.metrics import Metrics
from appliance.runtime.queue_state import QueueState
from appliance.store.reader import Reader


@dataclass(frozen=True, slots=True)
class Access:
    """What the web server works with.

    Attributes:
        token: with which the box can be claimed over the network; ``None`` where that is not possible.
    """

    accounts: Accounts
    logins: Logins
    users: Users
    audit: AuditLog
    passwords: Passwords
    setup: SetupToken
    token: str | None

    def queues(self) -> list[QueueState]:
        """Return what waits here."""
        return [*self.passwords.queues(), *self.audit.queues()]


@asynccontextmanager
async def access(
    data_dir: Path,
    reader: Reader,
    writer: Writer,
    clock: Clock,
    health: Health,
    metrics: Metrics,
    settings: AccountsSettings,
    doors: Doors,
    patience: Allowance,
    *,
    is_local: bool,
    work: Work | None = None,
) -> AsyncIterator[Access]:
    """Join the parts until the block ends.

    A box that nobody has claimed and that others than this machine reach gets a setup token.

    Raises:
        StoreUnavailable: the database cannot be read.
    """
    setup = SetupToken(data_dir, clock)
    async with (
        Accounts(reader, writer, clock, settings, doors, patience) as accounts,
        Passwords(settings.waiting, work) as passwords,
    ):
        token = None
        if accounts.is_claimed or is_local:
            await asyncio.to_thread(setup.forget)
        else:
            token = await asyncio.to_thread(setup.make)
        try:
            yield Access(
                accounts,
                Logins(accounts, passwords, reader, writer, settings, setup, doors, metrics),
                Users(accounts, passwords, reader, writer, doors),
                AuditLog(reader, writer, health, metrics),
                passwords,
                setup,
                token,
            )
        finally:
            await asyncio.to_thread(setup.forget)
