"""Tries to log in, sessions, and the passwords behind them: each function is the inside of one unit."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from sqlalchemy import ColumnElement, Connection, delete, insert, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from appliance.domain.ids import SessionId, UserId
from appliance.domain.time import WallUs
from appliance.store.statements import Values
from appliance.store.tables import LoginBucket, Session, User

MOST_SESSIONS = 50
"""Of one user; the one that was not used for longest ends."""


class Allowance(Protocol):
    """How many tries there are, and how they grow again."""

    def left(self, left: float, at_us: WallUs, now_us: WallUs) -> float:
        """Return how many tries there are now, of those that there were at a time before."""
        ...

    def wait_s(self, left: float) -> float:
        """Return after how long there is a whole try."""
        ...

    @property
    def tries(self) -> int:
        """How many there are at most."""
        ...


class Bucket(Protocol):
    """Whose tries are counted, and how many there are."""

    @property
    def key(self) -> str:
        """Whose."""
        ...

    @property
    def allowance(self) -> Allowance:
        """How many."""
        ...


class Account(NamedTuple):
    """What is needed to look at a password."""

    id: UserId
    name: str
    password_hash: str
    enabled: bool


def take_try(connection: Connection, buckets: Sequence[Bucket], now_us: WallUs) -> float:
    """Take a try from each bucket and return 0; or from none, and return after how many seconds to come."""
    left = {bucket.key: _left(connection, bucket, now_us) for bucket in buckets}
    wait_s = max(bucket.allowance.wait_s(left[bucket.key]) for bucket in buckets)
    if wait_s > 0:
        return wait_s
    for key, tries in left.items():
        _put(connection, key, tries - 1, now_us)
    return 0.0


def give_back(connection: Connection, buckets: Sequence[Bucket], now_us: WallUs) -> None:
    """Give the try back to each bucket: it was a good one."""
    for bucket in buckets:
        left = _left(connection, bucket, now_us) + 1
        _put(connection, bucket.key, min(left, float(bucket.allowance.tries)), now_us)


def forget_bucket(connection: Connection, bucket: Bucket) -> None:
    """Give all tries back to a bucket."""
    connection.execute(delete(LoginBucket).where(LoginBucket.key == bucket.key))


def forget_buckets(connection: Connection, before_us: WallUs, limit: int) -> int:
    """Delete buckets that were not used for so long that they are full again; return how many."""
    due = select(LoginBucket.key).where(LoginBucket.at_us < before_us).limit(limit)
    return connection.execute(delete(LoginBucket).where(LoginBucket.key.in_(due))).rowcount


def account(connection: Connection, name_key: str) -> Account | None:
    """Return the account of a name, as it is compared."""
    columns = (User.id, User.name, User.password_hash, User.enabled)
    row = connection.execute(select(*columns).where(User.name_key == name_key)).one_or_none()
    return None if row is None else Account(UserId(row[0]), row[1], row[2], bool(row[3]))


def account_of(connection: Connection, user_id: UserId) -> Account | None:
    """Return the account of a user."""
    columns = (User.id, User.name, User.password_hash, User.enabled)
    row = connection.execute(select(*columns).where(User.id == user_id)).one_or_none()
    return None if row is None else Account(UserId(row[0]), row[1], row[2], bool(row[3]))


def is_still(connection: Connection, known: Account) -> bool:
    """Return whether the password that was looked at is the account's, which still may log in."""
    now = account_of(connection, known.id)
    return now is not None and now.enabled and now.password_hash == known.password_hash


def add_session(connection: Connection, values: Values, instead_of: bytes | None) -> list[SessionId]:
    """Add a session; return those that ended for it: the browser's former one, and one of too many.

    ``instead_of`` is the hash of the secret that the browser had until now.
    """
    user_id, at_us = values["user_id"], values["created_us"]
    ended = _ended(connection, Session.token_hash == instead_of) if instead_of is not None else []
    kept = select(Session.id).where(Session.user_id == user_id).order_by(Session.seen_us.desc())
    oldest = connection.execute(kept.offset(MOST_SESSIONS - 1)).scalars().all()
    ended += _ended(connection, Session.id.in_(oldest)) if oldest else []
    connection.execute(insert(Session).values(**values))
    connection.execute(update(User).where(User.id == user_id).values(seen_us=at_us))
    return ended


def end_session(connection: Connection, session_id: SessionId) -> list[SessionId]:
    """End a session; return it, or nothing when there is none."""
    return _ended(connection, Session.id == session_id)


def end_sessions(connection: Connection, user_id: UserId, but: str = "") -> list[SessionId]:
    """End all of a user's sessions but one, and return them."""
    return _ended(connection, (Session.user_id == user_id) & (Session.id != but))


def end_old_sessions(connection: Connection, now_us: WallUs, idle_since_us: WallUs) -> list[SessionId]:
    """End the sessions whose time is over, and return them."""
    return _ended(connection, (Session.expires_us <= now_us) | (Session.seen_us <= idle_since_us))


def set_password(connection: Connection, user_id: UserId, password_hash: str, at_us: WallUs) -> None:
    """Let a user have another password."""
    values = {"password_hash": password_hash, "password_us": at_us}
    connection.execute(update(User).where(User.id == user_id).values(**values))


def _ended(connection: Connection, where: ColumnElement[bool]) -> list[SessionId]:
    ended = connection.execute(delete(Session).where(where).returning(Session.id)).scalars().all()
    return [SessionId(one) for one in ended]


def _left(connection: Connection, bucket: Bucket, now_us: WallUs) -> float:
    columns = (LoginBucket.left_, LoginBucket.at_us)
    row = connection.execute(select(*columns).where(LoginBucket.key == bucket.key)).one_or_none()
    if row is None:
        return float(bucket.allowance.tries)
    return bucket.allowance.left(row[0], WallUs(row[1]), now_us)


def _put(connection: Connection, key: str, left: float, now_us: WallUs) -> None:
    statement = upsert(LoginBucket).values(key=key, left_=left, at_us=now_us)
    new = {"left_": statement.excluded.left_, "at_us": statement.excluded.at_us}
    connection.execute(statement.on_conflict_do_update(index_elements=["key"], set_=new))
