"""Who shows a session or a token, as the rows are now."""

import hmac
from typing import Self

from appliance.accounts.caller import Caller
from appliance.accounts.secret import hash_of, is_secret, parts_of
from appliance.accounts.settings import AccountsSettings
from appliance.accounts.steady_time import SteadyTime
from appliance.domain.time import wall_after
from appliance.runtime.clock import Clock
from appliance.store import callers
from appliance.store.reader import Reader

DAY_S = 24 * 3600.0


class Accounts:
    """Knows the users; use as ``async with``."""

    def __init__(self, reader: Reader, clock: Clock, settings: AccountsSettings) -> None:
        self._reader = reader
        self._time = SteadyTime(clock)
        self._settings = settings
        self._is_claimed = False

    async def __aenter__(self) -> Self:
        self._is_claimed = await self._reader.ask(callers.has_users)
        return self

    async def __aexit__(self, *_exc: object) -> None:
        pass

    @property
    def is_claimed(self) -> bool:
        """Whether there is a user, so that one must log in."""
        return self._is_claimed

    async def by_session(self, secret: str) -> Caller | None:
        """Return whose session that is; ``None`` when it is none, or has ended."""
        if not is_secret(secret):
            return None
        found = await self._reader.ask(lambda c: callers.session_of(c, hash_of(secret)))
        if found is None:
            return None
        ends_us = min(found.expires_us, wall_after(found.seen_us, self._settings.idle_days * DAY_S))
        if self._time.now_us() >= ends_us:
            return None
        owner = found.owner
        return Caller(found.id, owner.id, owner.name, owner.role, None, owner.sight)

    async def by_token(self, text: str) -> Caller | None:
        """Return whose API token that is, as it is in the header; ``None`` when it is none, or has ended."""
        parts = parts_of(text)
        if parts is None:
            return None
        found = await self._reader.ask(lambda c: callers.token_of(c, parts[0]))
        if found is None or not hmac.compare_digest(found.secret_hash, hash_of(parts[1])):
            return None
        if found.expires_us is not None and self._time.now_us() >= found.expires_us:
            return None
        owner = found.owner
        name = f"{found.name} ({owner.name})"
        return Caller(found.id, owner.id, name, owner.role, found.scope, owner.sight.and_also(found.sight))
