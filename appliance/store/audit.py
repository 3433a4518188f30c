"""The audit log: who did what. It is added to and read; nothing of it is changed."""

from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

from sqlalchemy import Connection, delete, func, insert, select

from appliance.domain.time import WallUs
from appliance.store.tables import Audit

KindWord = Literal["nobody", "local", "user", "token", "service"]
OutcomeWord = Literal["done", "refused", "failed"]


class Entry(NamedTuple):
    """What somebody did.

    Attributes:
        kind: by what that one is known; ``service`` for a command on the box.
        what: a permission's word, or an action such as ``login``.
        subject: the ids of what it was done to.
        detail: JSON, without any secret.
    """

    at_us: WallUs
    who: str
    kind: KindWord
    address: str
    what: str
    subject: str
    outcome: OutcomeWord
    detail: dict[str, Any]


class Kept(NamedTuple):
    """A row of the log."""

    id: int
    entry: Entry


class Sought(NamedTuple):
    """Which rows are asked for; what is empty or ``None`` does not narrow them.

    Attributes:
        before: ids lower than this one.
    """

    limit: int
    before: int | None = None
    who: str | None = None
    what: Sequence[str] = ()
    from_us: WallUs | None = None
    to_us: WallUs | None = None


_COLUMNS = (
    *(Audit.at_us, Audit.who, Audit.kind, Audit.address, Audit.what, Audit.subject, Audit.outcome),
    Audit.detail,
)


def add(connection: Connection, entry: Entry) -> None:
    """Add a row."""
    connection.execute(insert(Audit).values(**entry._asdict()))


def entries(connection: Connection, sought: Sought) -> list[Kept]:
    """Return rows, the newest first."""
    statement = select(Audit).with_only_columns(Audit.id, *_COLUMNS).order_by(Audit.id.desc())
    if sought.before is not None:
        statement = statement.where(Audit.id < sought.before)
    if sought.who is not None:
        statement = statement.where(Audit.who == sought.who)
    if sought.what:
        statement = statement.where(Audit.what.in_(sought.what))
    if sought.from_us is not None:
        statement = statement.where(Audit.at_us >= sought.from_us)
    if sought.to_us is not None:
        statement = statement.where(Audit.at_us < sought.to_us)
    rows = connection.execute(statement.limit(sought.limit))
    return [Kept(row_id, Entry(*columns)) for row_id, *columns in rows]


def forget(connection: Connection, before_us: WallUs, limit: int) -> int:
    """Delete the oldest of the rows from before that time; return how many."""
    due = select(Audit.id).where(Audit.at_us < before_us).order_by(Audit.at_us).limit(limit)
    return connection.execute(delete(Audit).where(Audit.id.in_(due))).rowcount


def forget_beyond(connection: Connection, most: int, limit: int) -> int:
    """Delete rows beyond that many, the oldest first; return how many.

    Those without a login go before all others: nobody from outside pushes out what somebody did.
    """
    excess = min(connection.execute(select(func.count(Audit.at_us))).scalar_one() - most, limit)
    if excess <= 0:
        return 0
    oldest = select(Audit.id).order_by(Audit.id).limit(excess)
    due = oldest.where(Audit.kind == "nobody")
    deleted = connection.execute(delete(Audit).where(Audit.id.in_(due))).rowcount
    return deleted or connection.execute(delete(Audit).where(Audit.id.in_(oldest))).rowcount
