"""Users and API tokens: what the API lists and changes. No hash of a secret comes out here."""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import Connection, Select, delete, func, insert, select, update

from appliance.domain.access import Role, Scope
from appliance.domain.ids import SessionId, TokenId, UserId
from appliance.domain.time import WallUs
from appliance.errors import Conflict, LoginNeeded, NotFound, Refused
from appliance.store.statements import Values
from appliance.store.tables import ApiToken, Session, User

MOST_USERS = 200
MOST_TOKENS = 64
"""Of one user."""


class Asker(NamedTuple):
    """Who asks for a change of users: by a session, by a token, or by neither at a box without users."""

    session_id: str = ""
    token_id: str = ""


class UserRow(NamedTuple):
    """A user as it may be shown."""

    id: UserId
    name: str
    role: Role
    cameras: list[str] | None
    enabled: bool
    created_us: WallUs
    seen_us: WallUs | None


class SessionRow(NamedTuple):
    """A session as it may be shown."""

    id: str
    user_id: str
    name: str
    created_us: int
    seen_us: int
    expires_us: int
    address: str
    agent: str


class TokenRow(NamedTuple):
    """An API token as it may be shown."""

    id: str
    user_id: str
    name: str
    scope: Scope
    cameras: list[str] | None
    created_us: int
    seen_us: int | None
    expires_us: int | None


def users(connection: Connection) -> list[UserRow]:
    """Return every user, by name."""
    rows = connection.execute(select(*_USER).order_by(User.name_key))
    return [_user(*row) for row in rows]


def user(connection: Connection, user_id: UserId) -> UserRow:
    """Return one user.

    Raises:
        NotFound: there is none of that id.
    """
    row = connection.execute(select(*_USER).where(User.id == user_id)).one_or_none()
    if row is None:
        raise NotFound(f"there is no user {user_id!r}")
    return _user(*row)


def expect_admin_asks(connection: Connection, asker: Asker) -> None:
    """Look, in the transaction that changes users, whether whoever asks still may.

    A password is hashed and the writer is waited for since that was looked at first.

    Raises:
        LoginNeeded: the session or the token is gone, its user may not log in, or the box has been claimed.
        Refused: its user is no admin any more.
    """
    role = connection.execute(_role_of(asker)).scalar_one_or_none()
    is_first = not any(asker) and connection.execute(select(User.id).limit(1)).first() is None
    if role is None and not is_first:
        raise LoginNeeded("this needs a login, and the one that this request began with has ended")
    if role is not None and role != Role.ADMIN:
        raise Refused("you are no admin any more")


def add_user(connection: Connection, values: Values) -> UserRow:
    """Add a user.

    Raises:
        Conflict: one has that name, there are as many as may be, or the first one is no admin.
    """
    count = connection.execute(select(func.count()).select_from(User)).scalar_one()
    if count >= MOST_USERS:
        raise Conflict(f"there are {MOST_USERS} users already; delete one first")
    if count == 0 and values["role"] != Role.ADMIN:
        raise Conflict("the first user must be an admin, or nobody could set up others")
    _expect_free_name(connection, UserId(values["id"]), values["name_key"], values["name"])
    connection.execute(insert(User).values(**values))
    return user(connection, UserId(values["id"]))


def change_user(connection: Connection, user_id: UserId, values: Values) -> UserRow:
    """Change a user.

    Raises:
        NotFound: there is none of that id.
        Conflict: another one has that name, or no admin would be left who may log in.
    """
    user(connection, user_id)
    if "name_key" in values:
        _expect_free_name(connection, user_id, values["name_key"], values["name"])
    if values:
        connection.execute(update(User).where(User.id == user_id).values(**values))
    _expect_admin(connection)
    return user(connection, user_id)


def delete_user(connection: Connection, user_id: UserId) -> None:
    """Delete a user with all sessions and tokens.

    Raises:
        NotFound: there is none of that id.
        Conflict: no admin would be left who may log in.
    """
    if not connection.execute(delete(User).where(User.id == user_id)).rowcount:
        raise NotFound(f"there is no user {user_id!r}")
    _expect_admin(connection)


def sessions(connection: Connection, user_id: UserId | None) -> Sequence[SessionRow]:
    """Return a user's sessions, or all with ``None``; the one that was used last comes first."""
    columns = (
        *(Session.id, Session.user_id, User.name, Session.created_us, Session.seen_us),
        *(Session.expires_us, Session.address, Session.agent),
    )
    statement = select(*columns).join(User).order_by(Session.seen_us.desc(), Session.id)
    if user_id is not None:
        statement = statement.where(Session.user_id == user_id)
    return [SessionRow(*row) for row in connection.execute(statement)]


def end_session(connection: Connection, session_id: SessionId, user_id: UserId | None) -> None:
    """End a session, of that user alone unless it is ``None``.

    Raises:
        NotFound: there is none of that id, or it is somebody else's.
    """
    statement = delete(Session).where(Session.id == session_id)
    if user_id is not None:
        statement = statement.where(Session.user_id == user_id)
    if not connection.execute(statement).rowcount:
        raise NotFound(f"there is no session {session_id!r}")


def tokens(connection: Connection, user_id: UserId | None) -> Sequence[TokenRow]:
    """Return a user's API tokens, or all with ``None``; the newest first."""
    columns = (
        *(ApiToken.id, ApiToken.user_id, ApiToken.name, ApiToken.scope, ApiToken.cameras),
        *(ApiToken.created_us, ApiToken.seen_us, ApiToken.expires_us),
    )
    statement = select(*columns).order_by(ApiToken.id.desc())
    if user_id is not None:
        statement = statement.where(ApiToken.user_id == user_id)
    rows = connection.execute(statement)
    return [
        TokenRow(token_id, owner, name, Scope(scope), cameras, created_us, seen_us, expires_us)
        for token_id, owner, name, scope, cameras, created_us, seen_us, expires_us in rows
    ]


def add_token(connection: Connection, values: Values) -> None:
    """Add an API token.

    Raises:
        Conflict: its user has as many as may be, or is gone.
    """
    user_id = UserId(values["user_id"])
    if connection.execute(select(User.id).where(User.id == user_id)).first() is None:
        raise Conflict("the user is gone, for whom a token was to be made")
    own = select(func.count()).select_from(ApiToken).where(ApiToken.user_id == values["user_id"])
    if connection.execute(own).scalar_one() >= MOST_TOKENS:
        raise Conflict(f"you have {MOST_TOKENS} tokens already; delete one first")
    connection.execute(insert(ApiToken).values(**values))


def delete_token(connection: Connection, token_id: TokenId, user_id: UserId | None) -> None:
    """Delete an API token, of that user alone unless it is ``None``.

    Raises:
        NotFound: there is none of that id, or it is somebody else's.
    """
    statement = delete(ApiToken).where(ApiToken.id == token_id)
    if user_id is not None:
        statement = statement.where(ApiToken.user_id == user_id)
    if not connection.execute(statement).rowcount:
        raise NotFound(f"there is no token {token_id!r}")


def note_seen(connection: Connection, sessions: dict[str, WallUs], tokens: dict[str, WallUs]) -> None:
    """Note when sessions and tokens were used last; a time that is known to be later stays."""
    for session_id, at_us in sessions.items():
        connection.execute(
            update(Session).where(Session.id == session_id, Session.seen_us < at_us).values(seen_us=at_us)
        )
        owner = select(Session.user_id).where(Session.id == session_id).scalar_subquery()
        connection.execute(update(User).where(User.id == owner).values(seen_us=at_us))
    for token_id, at_us in tokens.items():
        connection.execute(update(ApiToken).where(ApiToken.id == token_id).values(seen_us=at_us))


def _role_of(asker: Asker) -> Select[str]:
    role = select(User.role).where(User.enabled == 1)
    if asker.token_id:
        return role.join(ApiToken).where(ApiToken.id == asker.token_id)
    return role.join(Session).where(Session.id == asker.session_id)


_USER = (User.id, User.name, User.role, User.cameras, User.enabled, User.created_us, User.seen_us)


def _user(
    user_id: str,
    name: str,
    role: str,
    cameras: list[str] | None,
    enabled: int,
    created_us: int,
    seen_us: int | None,
) -> UserRow:
    seen = None if seen_us is None else WallUs(seen_us)
    chosen = None if role == Role.ADMIN else cameras
    return UserRow(UserId(user_id), name, Role(role), chosen, bool(enabled), WallUs(created_us), seen)


def _expect_free_name(connection: Connection, user_id: UserId, name_key: str, name: str) -> None:
    taken = connection.execute(select(User.id).where(User.name_key == name_key)).scalar_one_or_none()
    if taken is not None and taken != user_id:
        raise Conflict(f"there is a user {name!r} already")


def _expect_admin(connection: Connection) -> None:
    admins = select(User.id).where(User.role == Role.ADMIN, User.enabled == 1).limit(1)
    if connection.execute(admins).first() is None:
        raise Conflict("this is the last admin who may log in; make somebody else an admin first")
