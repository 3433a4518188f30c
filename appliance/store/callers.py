"""Who shows what: the user behind a session's secret or a token's id, as the rows are now."""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import Connection, select

from appliance.domain.access import Role, Scope, Sight
from appliance.domain.ids import CameraId, SessionId, TokenId, UserId
from appliance.domain.time import WallUs
from appliance.store.tables import ApiToken, Session, User


class Owner(NamedTuple):
    """A user who may log in."""

    id: UserId
    name: str
    role: Role
    sight: Sight


class OpenSession(NamedTuple):
    """A login that somebody has not ended."""

    id: SessionId
    owner: Owner
    seen_us: WallUs
    expires_us: WallUs


class KnownToken(NamedTuple):
    """An API token with what it is known by; ``expires_us`` is ``None`` where it does not expire."""

    id: TokenId
    owner: Owner
    name: str
    secret_hash: bytes
    scope: Scope
    sight: Sight
    seen_us: WallUs | None
    expires_us: WallUs | None


def has_users(connection: Connection) -> bool:
    """Return whether anybody has claimed the box."""
    return connection.execute(select(User.id).limit(1)).first() is not None


def session_of(connection: Connection, token_hash: bytes) -> OpenSession | None:
    """Return the session of that secret's hash, unless its user may not log in."""
    columns = (Session.id, Session.user_id, Session.seen_us, Session.expires_us)
    row = connection.execute(select(*columns).where(Session.token_hash == token_hash)).one_or_none()
    if row is None:
        return None
    session_id, user_id, seen_us, expires_us = row
    owner = owner_of(connection, user_id)
    if owner is None:
        return None
    return OpenSession(SessionId(session_id), owner, WallUs(seen_us), WallUs(expires_us))


def token_of(connection: Connection, token_id: TokenId) -> KnownToken | None:
    """Return the token of that id, unless its user may not log in."""
    token = ApiToken
    row = connection.execute(
        select(
            *(token.user_id, token.name, token.secret_hash, token.scope, token.cameras),
            *(token.seen_us, token.expires_us),
        ).where(token.id == token_id)
    ).one_or_none()
    if row is None:
        return None
    user_id, name, secret_hash, scope, cameras, seen_us, expires_us = row
    owner = owner_of(connection, user_id)
    if owner is None:
        return None
    return KnownToken(
        *(token_id, owner, name, secret_hash, Scope(scope), sight_of(cameras)),
        None if seen_us is None else WallUs(seen_us),
        None if expires_us is None else WallUs(expires_us),
    )


def owner_of(connection: Connection, user_id: str) -> Owner | None:
    """Return the user of that id, unless that one may not log in."""
    row = connection.execute(
        select(User.name, User.role, User.cameras).where(User.id == user_id, User.enabled == 1)
    ).one_or_none()
    if row is None:
        return None
    name, role, cameras = row
    # An admin sees all cameras, whatever was chosen before the user became one.
    return Owner(UserId(user_id), name, Role(role), sight_of(None if role == Role.ADMIN else cameras))


def sight_of(cameras: Sequence[str] | None) -> Sight:
    """Return what a column of camera ids lets one see; ``None`` is all."""
    return Sight(None if cameras is None else frozenset(CameraId(one) for one in cameras))
