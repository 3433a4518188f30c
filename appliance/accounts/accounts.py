"""Who shows a session or a token, as the rows are now; and what is left when their time is over."""

import asyncio
import contextlib
import hmac
from collections.abc import Callable
from typing import Protocol, Self, TypeVar

from sqlalchemy import Connection

from appliance.accounts.caller import Caller
from appliance.accounts.doors import Doors
from appliance.accounts.secret import hash_of, is_secret, parts_of
from appliance.accounts.settings import AccountsSettings
from appliance.accounts.steady_time import SteadyTime
from appliance.domain.ids import SessionId
from appliance.domain.time import WallUs, wall_after
from appliance.errors import Overloaded
from appliance.runtime.allowance import Allowance
from appliance.runtime.clock import Clock
from appliance.store import callers, logins, users
from appliance.store.callers import KnownToken, OpenSession
from appliance.store.reader import Reader

T = TypeVar("T")

DAY_S = 24 * 3600.0
EVERY_S = 60.0
"""How often it is written down who was seen, and sessions that are over are deleted."""


class Writer(Protocol):
    """The one who writes."""

    async def commit(self, unit: Callable[[Connection], T]) -> T:
        """Commit the unit and return what it returned, once it is durable."""
        ...

    async def request(self, unit: Callable[[Connection], T]) -> T:
        """Commit the unit for somebody who waits for an answer.

        Raises:
            StoreUnavailable: the database could not be written in time; nothing was changed.
        """
        ...


class Accounts:
    """Knows who shows what; use as ``async with``, with ``run`` as a supervised part.

    Each answer is read from the rows, so that a change of rights counts from the next request on, whoever
    made it. When somebody was seen last is noted in memory and written once a minute.

    Args:
        doors: are told of sessions that end by themselves.
        patience: at the end, for the last look at who was there.
    """

    def __init__(
        self,
        reader: Reader,
        writer: Writer,
        clock: Clock,
        settings: AccountsSettings,
        doors: Doors,
        patience: Allowance,
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._clock = clock
        self._time = SteadyTime(clock)
        self._settings = settings
        self._doors = doors
        self._patience = patience
        self._is_claimed = False
        self._sessions: dict[str, WallUs] = {}
        self._tokens: dict[str, WallUs] = {}

    async def __aenter__(self) -> Self:
        self._is_claimed = await self._reader.ask(callers.has_users)
        return self

    async def __aexit__(self, *_exc: object) -> None:
        """Write down who was seen since the last time, if the database can be written in time."""
        with contextlib.suppress(Overloaded):
            await self._patience.wait_for(self.run_once())

    @property
    def is_claimed(self) -> bool:
        """Whether there is a user, so that one must log in."""
        return self._is_claimed

    def claimed(self) -> None:
        """Note that there is a user now: whoever came in without a login is out."""
        if not self._is_claimed:
            self._is_claimed = True
            self._doors.claimed()

    def now_us(self) -> WallUs:
        """Return the time by which logins begin and end."""
        return self._time.now_us()

    async def by_session(self, secret: str) -> Caller | None:
        """Return whose session that is; ``None`` when it is none, or has ended."""
        if not is_secret(secret):
            return None
        return self._holder(await self._reader.ask(lambda c: callers.session_of(c, hash_of(secret))))

    async def by_token(self, text: str) -> Caller | None:
        """Return whose API token that is, as it is in the header; ``None`` when it is none, or has ended."""
        parts = parts_of(text)
        if parts is None:
            return None
        found = await self._reader.ask(lambda c: callers.token_of(c, parts[0]))
        if found is None or not hmac.compare_digest(found.secret_hash, hash_of(parts[1])):
            return None
        return self._bearer(found)

    async def run(self) -> None:
        """Write down who was seen, and delete sessions that are over, once a minute until cancelled."""
        while True:
            await self._clock.sleep(EVERY_S)
            await self.run_once()

    async def run_once(self) -> None:
        """Do both now."""
        seen, self._sessions = self._sessions, {}
        used, self._tokens = self._tokens, {}
        now_us = self.now_us()
        idle_since_us = wall_after(now_us, -self._settings.idle_days * DAY_S)

        def unit(connection: Connection) -> list[SessionId]:
            users.note_seen(connection, seen, used)
            return logins.end_old_sessions(connection, now_us, idle_since_us)

        for session_id in await asyncio.shield(self._writer.commit(unit)):
            self._doors.changed(session_id=session_id)

    def _holder(self, found: OpenSession | None) -> Caller | None:
        if found is None:
            return None
        now_us = self.now_us()
        seen_us = max(found.seen_us, self._sessions.get(found.id, found.seen_us))
        if now_us >= min(found.expires_us, wall_after(seen_us, self._settings.idle_days * DAY_S)):
            return None
        self._sessions[found.id] = now_us
        owner = found.owner
        return Caller(found.id, owner.id, owner.name, owner.role, None, owner.sight)

    def _bearer(self, found: KnownToken) -> Caller | None:
        now_us = self.now_us()
        if found.expires_us is not None and now_us >= found.expires_us:
            return None
        self._tokens[found.id] = now_us
        owner = found.owner
        name = f"{found.name} ({owner.name})"
        return Caller(found.id, owner.id, name, owner.role, found.scope, owner.sight.and_also(found.sight))
