"""Users and their tokens, as an admin or their owner changes them; whoever loses a right is told at once."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from appliance.accounts.accounts import Accounts, Writer
from appliance.accounts.doors import Doors
from appliance.accounts.name import key_of
from appliance.accounts.password import Passwords, expect_password
from appliance.accounts.secret import hash_of, new_secret, token_text
from appliance.domain.access import Role, Scope
from appliance.domain.ids import SessionId, TokenId, UserId, new_id
from appliance.domain.time import WallUs
from appliance.errors import InvalidInput
from appliance.store import logins, users
from appliance.store.reader import Reader
from appliance.store.statements import Values
from appliance.store.users import Asker, SessionRow, TokenRow, UserRow


@dataclass(frozen=True, slots=True)
class NewToken:
    """An API token that has just been made; ``secret`` is shown once."""

    row: TokenRow
    secret: str


class Users:
    """Reads and changes users, and what they have."""

    def __init__(
        self, accounts: Accounts, passwords: Passwords, reader: Reader, writer: Writer, doors: Doors
    ) -> None:
        self._accounts = accounts
        self._passwords = passwords
        self._reader = reader
        self._writer = writer
        self._doors = doors

    async def list(self) -> list[UserRow]:
        """Return every user, by name."""
        return await self._reader.ask(users.users)

    async def add(
        self, name: str, password: str, role: Role, cameras: Sequence[str] | None, asker: Asker
    ) -> UserRow:
        """Add a user.

        Raises:
            Refused: whoever asks may not any more.
            InvalidInput: the password is none, or an admin was not to see all cameras.
            Conflict: one has that name, there are as many as may be, or the first one is no admin.
        """
        expect_password(name, password)
        _expect_all_cameras(role, cameras)
        now_us = self._accounts.now_us()
        values = {
            "id": UserId(new_id(now_us)),
            "name": name,
            "name_key": key_of(name),
            "role": role.value,
            "cameras": cameras,
            "password_hash": await self._passwords.hash(password),
            "password_us": now_us,
            "created_us": now_us,
        }

        def unit(connection: Connection) -> UserRow:
            users.expect_admin_asks(connection, asker)
            return users.add_user(connection, values)

        row = await self._writer.request(unit)
        self._accounts.claimed()
        return row

    async def change(self, user_id: UserId, values: Values, password: str | None, asker: Asker) -> UserRow:
        """Change a user; another password, or not to be enabled any more, ends the sessions.

        Args:
            user_id: whom.
            values: columns of the user.
            password: the new one, if there is one.
            asker: who asks, whose session goes on.

        Raises:
            Refused: whoever asks may not any more.
            NotFound: there is no such user.
            InvalidInput: the password is none, or an admin was not to see all cameras.
            Conflict: another one has that name, or no admin would be left who may log in.
        """
        present = await self._reader.ask(lambda c: users.user(c, user_id))
        role = Role(values.get("role", present.role))
        if "cameras" in values:
            _expect_all_cameras(role, values["cameras"])
        elif role is Role.ADMIN:
            values = {**values, "cameras": None}
        if "name" in values:
            values = {**values, "name_key": key_of(values["name"])}
        if password is not None:
            expect_password(values.get("name", present.name), password)
            password_hash = await self._passwords.hash(password)
            values |= {"password_hash": password_hash, "password_us": self._accounts.now_us()}

        def unit(connection: Connection) -> UserRow:
            users.expect_admin_asks(connection, asker)
            row = users.change_user(connection, user_id, values)
            if not row.enabled:
                logins.end_sessions(connection, user_id)
            elif password is not None:
                logins.end_sessions(connection, user_id, but=SessionId(asker.session_id))
            return row

        row = await self._writer.request(unit)
        self._doors.changed(user_id=user_id)
        return row

    async def delete(self, user_id: UserId, asker: Asker) -> None:
        """Delete a user with all sessions and tokens.

        Raises:
            Refused: whoever asks may not any more.
            NotFound: there is no such user.
            Conflict: no admin would be left who may log in.
        """

        def unit(connection: Connection) -> None:
            users.expect_admin_asks(connection, asker)
            users.delete_user(connection, user_id)

        await self._writer.request(unit)
        self._doors.changed(user_id=user_id)

    async def sessions(self, user_id: UserId | None) -> Sequence[SessionRow]:
        """Return a user's sessions, or all with ``None``; the one that was used last comes first."""
        return await self._reader.ask(lambda c: users.sessions(c, user_id))

    async def end_session(self, session_id: SessionId, user_id: UserId | None) -> None:
        """End a session, of that user alone unless it is ``None``.

        Raises:
            NotFound: there is none of that id, or it is somebody else's.
        """
        await self._writer.request(lambda c: users.end_session(c, session_id, user_id))
        self._doors.changed(session_id=session_id)

    async def tokens(self, user_id: UserId | None) -> Sequence[TokenRow]:
        """Return a user's API tokens, or all with ``None``; the newest first."""
        return await self._reader.ask(lambda c: users.tokens(c, user_id))

    async def add_token(
        self,
        user_id: UserId,
        name: str,
        scope: Scope,
        cameras: Sequence[str] | None,
        expires_us: WallUs | None,
    ) -> NewToken:
        """Make an API token.

        Raises:
            InvalidInput: it would be over already, or an admin's was not to see all cameras.
            Conflict: the user has as many as may be.
        """
        now_us = self._accounts.now_us()
        if expires_us is not None and expires_us <= now_us:
            raise InvalidInput("expires_at: expected a time to come, got one that is over")
        if scope is Scope.ADMIN and cameras is not None:
            # Who may make users could make one who sees all of them.
            raise InvalidInput("cameras: expected null, since a token of scope admin sees all cameras")
        token_id, secret = TokenId(new_id(now_us)), new_secret()
        row = TokenRow(
            *(token_id, user_id, name, scope, None if cameras is None else list(cameras)),
            *(now_us, None, expires_us),
        )
        values = {**row._asdict(), "scope": scope.value, "secret_hash": hash_of(secret)}
        await self._writer.request(lambda c: users.add_token(c, values))
        return NewToken(row, token_text(token_id, secret))

    async def delete_token(self, token_id: TokenId, user_id: UserId | None) -> None:
        """Delete an API token, of that user alone unless it is ``None``.

        Raises:
            NotFound: there is none of that id, or it is somebody else's.
        """
        await self._writer.request(lambda c: users.delete_token(c, token_id, user_id))
        self._doors.changed(token_id=token_id)


def _expect_all_cameras(role: Role, cameras: Sequence[str] | None) -> None:
    if role is Role.ADMIN and cameras is not None:
        raise InvalidInput("cameras: expected null, since an admin sees all cameras")
