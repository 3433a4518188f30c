"""Where alerts are sent to: what the API reads and changes. Secrets go in, and never come out here."""

from collections.abc import Callable
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import ColumnElement, Connection, delete, func, insert, literal_column, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from appliance.domain.ids import Cursor, TargetId
from appliance.domain.time import WallUs
from appliance.errors import Conflict, NotFound, SealBroken
from appliance.store.resources import target_json
from appliance.store.seal import seal_of
from appliance.store.sealed_rows import open_settings, sealed_settings
from appliance.store.statements import Values, Written
from appliance.store.tables import Delivery, Target

MOST_TARGETS = 32
"""Each alert is sent to every one of them."""

NEWEST = "SELECT seq FROM sqlite_sequence WHERE name = 'outbox'"


class Route(NamedTuple):
    """Where and how something is sent: ``settings`` holds secrets, or ``sealed_off`` says why it does not."""

    id: TargetId
    name: str
    kind: str
    settings: dict[str, Any]
    sealed_off: str = ""


Merge = Callable[[str, dict[str, Any]], tuple[dict[str, Any], str]]
"""Makes of a target's kind and present settings the new ones, and what may be shown of them."""


async def targets(connection: AsyncConnection) -> list[str]:
    """Return every target as JSON text, by name."""
    json: ColumnElement[str] = literal_column(target_json("targets"))
    statement = select(json).select_from(Target).order_by(Target.name, Target.id)
    return list((await connection.execute(statement)).scalars())


async def target(connection: AsyncConnection, target_id: TargetId) -> str:
    """Return one target as JSON text.

    Raises:
        NotFound: there is none of that id.
    """
    json: ColumnElement[str] = literal_column(target_json("targets"))
    statement = select(json).select_from(Target).where(Target.id == target_id)
    found: str | None = (await connection.execute(statement)).scalar_one_or_none()
    if found is None:
        raise _none(target_id)
    return found


def route(connection: Connection, target_id: TargetId) -> Route:
    """Return where and how one target is sent to, switched on or not.

    Raises:
        NotFound: there is none of that id.
    """
    columns = (Target.id, Target.name, Target.kind, Target.settings, Target.sealed)
    row = connection.execute(select(*columns).where(Target.id == target_id)).one_or_none()
    if row is None:
        raise _none(target_id)
    return route_of(connection, *row)


def route_of(
    connection: Connection, id_: str, name: str, kind: str, settings: dict[str, Any], sealed: bytes | None
) -> Route:
    """Return where and how a target's row says that is sent; where it cannot be opened, why."""
    target_id = TargetId(id_)
    try:
        return Route(target_id, name, kind, open_settings(seal_of(connection), target_id, settings, sealed))
    except SealBroken as err:
        return Route(target_id, name, kind, {}, str(err))


def add_target(connection: Connection, target_id: TargetId, values: Values) -> Written:
    """Add a target; it is told of alerts from now on.

    Raises:
        Conflict: there are as many as may be.
    """
    if connection.execute(select(func.count()).select_from(Target)).scalar_one() >= MOST_TARGETS:
        raise Conflict(f"there are {MOST_TARGETS} targets already; delete one first")
    sealed = sealed_settings(seal_of(connection), target_id, values["settings"])
    connection.execute(insert(Target).values(id=target_id, **{**values, **sealed}))
    return _written(connection, target_id)


def change_target(
    connection: Connection, target_id: TargetId, values: Values, merge: Merge | None, now_us: WallUs
) -> Written:
    """Change a target. What waits for it is tried again at once, since the change may be the cure.

    Raises:
        NotFound: there is no such target.
        InvalidInput: what ``merge`` found wrong.
    """
    present = route(connection, target_id)
    if merge is not None:
        settings, shown = merge(present.kind, present.settings)
        sealed = sealed_settings(seal_of(connection), target_id, settings)
        values = {**values, **sealed, "shown": shown}
    if values:
        connection.execute(update(Target).where(Target.id == target_id).values(**values))
    again = update(Delivery).where(Delivery.target_id == target_id, text("state = 'waiting'"))
    connection.execute(again.values(next_us=now_us))
    return _written(connection, target_id)


def delete_target(connection: Connection, target_id: TargetId) -> Cursor:
    """Delete a target with the record of what was sent there; rules that name it name it no more.

    Raises:
        NotFound: there is no such target.
    """
    if not connection.execute(delete(Target).where(Target.id == target_id)).rowcount:
        raise _none(target_id)
    _take_from_rules(connection, target_id)
    return _cursor(connection)


def _take_from_rules(connection: Connection, target_id: TargetId) -> None:
    # A rule that named this one alone tells nobody then: that it tells all instead was not asked for.
    naming = connection.exec_driver_sql("SELECT id, targets FROM rules WHERE targets IS NOT NULL").fetchall()
    for rule_id, named in naming:
        kept = [one for one in msgspec.json.decode(named) if one != target_id]
        connection.exec_driver_sql(
            "UPDATE rules SET targets = ? WHERE id = ?", (msgspec.json.encode(kept).decode(), rule_id)
        )


def _written(connection: Connection, target_id: TargetId) -> Written:
    json: ColumnElement[str] = literal_column(target_json("targets"))
    found = connection.execute(select(json).select_from(Target).where(Target.id == target_id))
    return Written(str(found.scalar_one()), _cursor(connection))


def _cursor(connection: Connection) -> Cursor:
    return Cursor(connection.exec_driver_sql(NEWEST).scalar_one_or_none() or 0)


def _none(target_id: TargetId) -> NotFound:
    return NotFound(f"there is no target {target_id!r}")
