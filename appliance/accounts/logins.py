"""From a name and a password to a session, and its end; and the claim of a box that nobody has."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from appliance.accounts import throttle
from appliance.accounts.accounts import DAY_S, Accounts, Writer
from appliance.accounts.caller import Caller
from appliance.accounts.doors import Doors
from appliance.accounts.name import key_of
from appliance.accounts.password import Passwords, expect_password
from appliance.accounts.secret import hash_of, new_secret
from appliance.accounts.settings import AccountsSettings
from appliance.accounts.setup_token import SetupToken
from appliance.accounts.throttle import Bucket
from appliance.domain.access import Role
from appliance.domain.ids import SessionId, UserId, new_id
from appliance.domain.time import wall_after
from appliance.errors import LoginNeeded, NotFound, Overloaded, Throttled
from appliance.runtime.metrics import Metrics
from appliance.store import callers, logins, users
from appliance.store.logins import Account
from appliance.store.reader import Reader
from appliance.store.statements import Values

LONGEST_AGENT = 200


class WrongPassword(LoginNeeded):
    """The name or the password is wrong; ``name`` is the user's where there is one, for the audit log."""

    def __init__(self, name: str) -> None:
        super().__init__("the name or the password is wrong")
        self.name = name


@dataclass(frozen=True, slots=True)
class From:
    """Where a try to log in comes from.

    Attributes:
        agent: the browser, in its own words.
        secret: of the session that the browser has until now; empty where it has none.
    """

    address: str
    agent: str
    secret: str = ""


@dataclass(frozen=True, slots=True)
class Login:
    """A session that has just begun.

    Attributes:
        secret: for the browser's cookie; it is nowhere else.
        lasts_s: how long it holds at most.
    """

    caller: Caller
    secret: str
    lasts_s: float


class Logins:
    """Begins and ends sessions."""

    def __init__(
        self,
        accounts: Accounts,
        passwords: Passwords,
        reader: Reader,
        writer: Writer,
        settings: AccountsSettings,
        setup: SetupToken,
        doors: Doors,
        metrics: Metrics,
    ) -> None:
        self._accounts = accounts
        self._passwords = passwords
        self._reader = reader
        self._writer = writer
        self._settings = settings
        self._setup = setup
        self._doors = doors
        self._tried = metrics.counter("nightjar_logins_total", "Tries to log in.", "outcome")

    async def login(self, name: str, password: str, origin: From) -> Login:
        """Begin a session for whoever knows the password; the browser's former one ends.

        An unknown name, a wrong password and a user who may not log in cannot be told apart, by the answer or
        by its time.

        Raises:
            WrongPassword: one of them is wrong.
            Throttled: too many tries from there, or of that name.
            Overloaded: too many passwords wait to be looked at.
        """
        name_key = key_of(name)
        buckets = [throttle.of_address(origin.address)]
        present = await self._accounts.by_session(origin.secret)
        known = await self._reader.ask(lambda c: logins.account(c, name_key))
        if known is None or present is None or present.user_id != known.id:
            # Nobody else's tries keep out whoever has logged in already.
            buckets.append(throttle.of_account(name_key))
        await self._take(buckets)
        try:
            fits = await self._passwords.fits(password, None if known is None else known.password_hash)
        except Overloaded:
            self._tried.add(1, "overloaded")
            raise
        if known is None or not fits or not known.enabled:
            self._tried.add(1, "refused")
            raise WrongPassword("" if known is None else known.name)
        begun = await self._begin(known, origin, buckets)
        self._tried.add(1, "done")
        return begun

    async def claim(self, name: str, password: str, token: str | None, origin: From) -> Login:
        """Make the first user, an admin, and begin a session.

        Args:
            name: of the user.
            password: of the user.
            token: the setup token; ``None`` for whoever sits at the box and needs none.
            origin: where this comes from.

        Raises:
            NotFound: somebody has claimed the box already.
            Refused: the setup token is another one, or has expired.
            Throttled: too many tries from there.
            BadPassword: the password is none.
        """
        self._expect_unclaimed()
        if token is not None:
            await self._take([throttle.of_address(origin.address)])
            self._setup.expect(token)
        expect_password(name, password)
        password_hash = await self._passwords.hash(password)
        now_us = self._accounts.now_us()
        user_id = UserId(new_id(now_us))
        values: Values = {
            "id": user_id,
            "name": name,
            "name_key": key_of(name),
            "cameras": None,
            "role": Role.ADMIN.value,
            "password_hash": password_hash,
            "password_us": now_us,
            "created_us": now_us,
        }

        def unit(connection: Connection) -> None:
            if callers.has_users(connection):
                raise _claimed()
            users.add_user(connection, values)

        if token is not None:
            self._setup.expect(token)  # Its time may have ended while the password was hashed.
        await self._writer.request(unit)
        self._setup.forget()
        self._accounts.claimed()
        return await self._begin(Account(user_id, name, password_hash, True), origin, [])

    async def logout(self, session_id: SessionId) -> None:
        """End a session."""
        for ended in await self._writer.request(lambda c: logins.end_session(c, session_id)):
            self._doors.changed(session_id=ended)

    async def change_password(self, session_id: SessionId, user_id: UserId, current: str, new: str) -> None:
        """Let somebody who has logged in choose another password; all other sessions of that user end.

        Raises:
            WrongPassword: the current one is another.
            Throttled: too many tries in this session.
            BadPassword: the new one is none.
        """
        await self._take([throttle.of_session(session_id)])
        known = await self._reader.ask(lambda c: logins.account_of(c, user_id))
        if known is None or not await self._passwords.fits(current, known.password_hash):
            raise WrongPassword("")
        expect_password(known.name, new)
        password_hash = await self._passwords.hash(new)
        now_us = self._accounts.now_us()

        def unit(connection: Connection) -> list[SessionId]:
            if not logins.is_still(connection, known):
                raise WrongPassword(known.name)
            logins.set_password(connection, known.id, password_hash, now_us)
            logins.give_back(connection, [throttle.of_session(session_id)], now_us)
            return logins.end_sessions(connection, known.id, but=session_id)

        for ended in await self._writer.request(unit):
            self._doors.changed(session_id=ended)

    async def _take(self, buckets: Sequence[Bucket]) -> None:
        now_us = self._accounts.now_us()
        wait_s = await self._writer.request(lambda c: logins.take_try(c, buckets, now_us))
        if wait_s > 0:
            self._tried.add(1, "throttled")
            after_s = max(1, math.ceil(wait_s))
            raise Throttled(f"too many tries; the next one is looked at in {after_s} s", after_s)

    async def _begin(self, known: Account, origin: From, buckets: Sequence[Bucket]) -> Login:
        secret, now_us = new_secret(), self._accounts.now_us()
        lasts_s = self._settings.session_days * DAY_S
        values: Values = {
            "id": SessionId(new_id(now_us)),
            "token_hash": hash_of(secret),
            "user_id": known.id,
            "created_us": now_us,
            "seen_us": now_us,
            "expires_us": wall_after(now_us, lasts_s),
            "address": origin.address,
            "agent": origin.agent[:LONGEST_AGENT],
        }

        def unit(connection: Connection) -> list[SessionId]:
            if not logins.is_still(connection, known):
                raise WrongPassword(known.name)
            logins.give_back(connection, buckets, now_us)
            return logins.add_session(connection, values, hash_of(origin.secret) if origin.secret else None)

        for ended in await self._writer.request(unit):
            self._doors.changed(session_id=ended)
        caller = await self._accounts.by_session(secret)
        if caller is None:
            raise WrongPassword(known.name)
        return Login(caller, secret, lasts_s)

    def _expect_unclaimed(self) -> None:
        if self._accounts.is_claimed:
            raise _claimed()


def _claimed() -> NotFound:
    return NotFound("this box has been claimed")
