"""The questions that the API asks, each inside the caller's read transaction.

Rows come as the JSON text that ``resources`` defines, with the place in the order beside it. Lists in time
are read by keyset: a page begins after the place where the one before ended, hence inserts and deletions in
between neither repeat nor hide a row.
"""

import functools
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    literal,
    literal_column,
    select,
    tuple_,
)
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.orm import InstrumentedAttribute

from appliance.domain.access import ALL_CAMERAS, Sight
from appliance.domain.ids import AlertId, BatchId, CameraId, EventId, RuleId
from appliance.domain.severity import Severity
from appliance.errors import NotFound
from appliance.store.boxes import WireDetection, wire_boxes
from appliance.store.resources import (
    alert_json,
    batch_json,
    camera_json,
    candidate_json,
    event_json,
    rule_json,
    setting_change_json,
)
from appliance.store.tables import (
    Alert,
    Batch,
    Camera,
    CameraCredentials,
    Candidate,
    Detection,
    Event,
    Rule,
    SettingChange,
)
from appliance.store.times import iso_of_us

FEW = 16
"""So many cameras are asked one by one; of more at least one has what is wanted within a short walk."""


class Position(NamedTuple):
    """A place in a list that is ordered by time and then by id."""

    at_us: int
    id: str


class Row(NamedTuple):
    """One resource as JSON text, and its place in the list."""

    json: str
    at_us: int
    id: str

    @property
    def position(self) -> Position:
        """The place in the list."""
        return Position(self.at_us, self.id)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which rows of a list in time; an empty tuple or ``None`` limits nothing.

    Attributes:
        min_severity: the lowest severity wanted.
        from_us: start times of at least this.
        to_us: start times below this.
        after: where the page before ended.
        limit: rows at most.
        sight: of whoever asks: what cameras that are not seen have, is not there.
    """

    limit: int
    after: Position | None = None
    from_us: int | None = None
    to_us: int | None = None
    cameras: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    min_severity: Severity | None = None
    reviewed: bool | None = None
    zones: tuple[str, ...] = ()
    batch_id: str | None = None
    event_id: str | None = None
    sight: Sight = ALL_CAMERAS

    @property
    def among(self) -> tuple[str, ...] | None:
        """Of which cameras rows are wanted and may be seen; ``None`` for all, an empty tuple for none."""
        return self.sight.among(self.cameras)

    @property
    def is_of_few(self) -> bool:
        """Whether whoever asks may see few cameras, or none, and their rows are best found by camera."""
        if self.sight.cameras is None or self.states == ("open",) or self.event_id is not None:
            return False
        return len(self.among or ()) <= FEW


class CameraAddress(NamedTuple):
    """Where a camera is read from."""

    url: str
    has_credentials: bool
    live_url: str | None


class CameraStatus(NamedTuple):
    """A camera's state in words."""

    name: str
    status: str
    reason: str


class EventTrack(NamedTuple):
    """Which boxes belong to an event."""

    camera_id: str
    track_id: int
    started_us: int
    last_seen_us: int


class AnalysedFrame(NamedTuple):
    """A row of ``detections``."""

    id: int
    at_us: int
    camera_id: str
    width: int
    height: int
    labels: str
    boxes: bytes
    model_id: int | None


async def cameras(connection: AsyncConnection, sight: Sight = ALL_CAMERAS) -> list[str]:
    """Return every camera that is seen, in order of creation."""
    statement = select(_json(camera_json("cameras"))).select_from(Camera)
    statement = statement.where(*_any_of(Camera.id, sight.among()))
    return await _texts(connection, statement.order_by(Camera.created_us, Camera.id))


async def camera(connection: AsyncConnection, camera_id: CameraId) -> str:
    """Return one camera.

    Raises:
        NotFound: there is none of that id.
    """
    statement = select(_json(camera_json("cameras"))).select_from(Camera).where(Camera.id == camera_id)
    return await _one(connection, statement, "camera", camera_id)


async def camera_address(connection: AsyncConnection, camera_id: CameraId) -> CameraAddress:
    """Return where a camera is read from.

    Raises:
        NotFound: there is no such camera.
    """
    statement = (
        select(Camera.url, CameraCredentials.camera_id.is_not(None), Camera.live_url)
        .join(CameraCredentials, CameraCredentials.camera_id == Camera.id, isouter=True)
        .where(Camera.id == camera_id)
    )
    row = (await connection.execute(statement)).one_or_none()
    if row is None:
        raise NotFound(f"there is no camera {camera_id!r}")
    return CameraAddress(row[0], bool(row[1]), row[2])


async def camera_status(connection: AsyncConnection, camera_id: CameraId) -> CameraStatus:
    """Return a camera's state.

    Raises:
        NotFound: there is no such camera.
    """
    statement = select(Camera.name, Camera.status, Camera.status_reason).where(Camera.id == camera_id)
    row = (await connection.execute(statement)).one_or_none()
    if row is None:
        raise NotFound(f"there is no camera {camera_id!r}")
    return CameraStatus(*row)


async def event_picture(connection: AsyncConnection, event_id: EventId) -> str | None:
    """Return the file name of an event's picture, or ``None`` while it has none.

    Raises:
        NotFound: there is no such event.
    """
    row = (await connection.execute(select(Event.picture).where(Event.id == event_id))).one_or_none()
    if row is None:
        raise NotFound(f"there is no event {event_id!r}")
    return row[0]


async def event_track(connection: AsyncConnection, event_id: EventId) -> EventTrack:
    """Return which boxes belong to an event.

    Raises:
        NotFound: there is no such event.
    """
    return track_of((await connection.execute(track_statement(event_id))).one_or_none(), event_id)


def event_statement(event_id: EventId) -> Select[str]:
    """Return the statement that reads one event."""
    return select(_json(event_json("events"))).select_from(Event).where(Event.id == event_id)


def track_statement(event_id: EventId) -> Select[str, int, int, int]:
    """Return the statement that reads which boxes belong to an event."""
    columns = (Event.camera_id, Event.track_id, Event.started_us, Event.last_seen_us)
    return select(*columns).where(Event.id == event_id)


def track_of(row: Sequence[Any] | None, event_id: EventId) -> EventTrack:
    """Return what was read of an event's track.

    Raises:
        NotFound: there is no such event.
    """
    if row is None:
        raise NotFound(f"there is no event {event_id!r}")
    return EventTrack(*row)


def detections_statement(
    track: EventTrack, wanted: Wanted
) -> Select[int, int, str, int, int, str, bytes, int | None]:
    """Return the statement that reads the analysed frames in an event's time."""
    columns = (Detection.id, Detection.at_us, Detection.camera_id, Detection.width, Detection.height)
    statement = select(*columns, Detection.labels, Detection.boxes, Detection.model_id).where(
        Detection.camera_id == track.camera_id,
        Detection.at_us >= max(track.started_us, wanted.from_us or track.started_us),
        Detection.at_us <= track.last_seen_us,
    )
    if wanted.to_us is not None:
        statement = statement.where(Detection.at_us < wanted.to_us)
    if wanted.after is not None:
        place = tuple_(Detection.at_us, Detection.id)
        after = tuple_(literal(wanted.after.at_us, Integer), literal(int(wanted.after.id), Integer))
        statement = statement.where(place > after)
    return statement.order_by(Detection.at_us, Detection.id).limit(wanted.limit)


def boxes_of_track(frame: AnalysedFrame, track_id: int) -> WireDetection | None:
    """Return the frame with that track's boxes alone, or ``None`` when it has none of them."""
    found = wire_boxes(frame.labels, frame.boxes, frame.model_id, frame.width, frame.height)
    boxes = [box for box in found if box.track_id == track_id]
    if not boxes:
        return None
    return WireDetection(frame.id, frame.camera_id, iso_of_us(frame.at_us), frame.width, frame.height, boxes)


async def batches(connection: AsyncConnection, wanted: Wanted) -> Sequence[Row]:
    """Return batches, newest first."""
    if wanted.is_of_few:
        return await _of_each(functools.partial(batches, connection), wanted)
    statement = _in_time(batch_json("batches"), Batch.started_us, Batch.id, wanted)
    limits = [
        *_common(Batch.camera_id, Batch.state, Batch.severity, wanted),
        *_flag(Batch.reviewed, wanted.reviewed),
    ]
    return await _rows(connection, statement.where(*limits))


async def batch(connection: AsyncConnection, batch_id: BatchId) -> str:
    """Return one batch.

    Raises:
        NotFound: there is none of that id.
    """
    statement = select(_json(batch_json("batches"))).select_from(Batch).where(Batch.id == batch_id)
    return await _one(connection, statement, "batch", batch_id)


async def alerts(connection: AsyncConnection, wanted: Wanted) -> Sequence[Row]:
    """Return alerts, newest first."""
    if wanted.is_of_few:
        return await _of_each(functools.partial(alerts, connection), wanted)
    statement = _in_time(alert_json("alerts"), Alert.created_us, Alert.id, wanted)
    limits = [
        *_common(Alert.camera_id, Alert.state, Alert.severity, wanted),
        *_equal(Alert.event_id, wanted.event_id),
    ]
    return await _rows(connection, statement.where(*limits))


async def alert(connection: AsyncConnection, alert_id: AlertId) -> str:
    """Return one alert.

    Raises:
        NotFound: there is none of that id.
    """
    statement = select(_json(alert_json("alerts"))).select_from(Alert).where(Alert.id == alert_id)
    return await _one(connection, statement, "alert", alert_id)


async def candidates(connection: AsyncConnection, wanted: Wanted, what: str | None = None) -> Sequence[Row]:
    """Return what became no event or no alert, newest first; of ``what`` only if it is named."""
    if wanted.is_of_few:
        return await _of_each(functools.partial(candidates, connection, what=what), wanted)
    statement = _in_time(candidate_json("candidates"), Candidate.started_us, Candidate.id, wanted)
    among = wanted.among
    camera_id = Candidate.camera_id if _is_one(among) else Candidate.camera_id.concat("")
    limits = [
        *_any_of(camera_id, among),
        *_any_of(Candidate.label, wanted.labels or None),
        *_equal(Candidate.what, what),
    ]
    return await _rows(connection, statement.where(*limits))


async def rules(connection: AsyncConnection) -> list[str]:
    """Return every rule, by name."""
    statement = select(_json(rule_json("rules"))).select_from(Rule).order_by(Rule.name, Rule.id)
    return await _texts(connection, statement)


async def rule(connection: AsyncConnection, rule_id: RuleId) -> str:
    """Return one rule.

    Raises:
        NotFound: there is none of that id.
    """
    statement = select(_json(rule_json("rules"))).select_from(Rule).where(Rule.id == rule_id)
    return await _one(connection, statement, "rule", rule_id)


async def setting_changes(
    connection: AsyncConnection, subjects: tuple[str, ...] | None, limit: int, after: int | None
) -> Sequence[Row]:
    """Return changes of settings, newest first, of some subjects or of all; after that id."""
    key = SettingChange.id
    statement = select(_json(setting_change_json("setting_changes")), SettingChange.at_us, key)
    statement = statement.where(*_any_of(SettingChange.subject, subjects))
    if after is not None:
        statement = statement.where(key < after)
    rows = await connection.execute(statement.order_by(key.desc()).limit(limit))
    return [Row(row[0], row[1], str(row[2])) for row in rows]


async def setting_change(connection: AsyncConnection, change_id: int) -> str:
    """Return one change of a setting.

    Raises:
        NotFound: there is none of that id.
    """
    statement = select(_json(setting_change_json("setting_changes"))).select_from(SettingChange)
    return await _one(connection, statement.where(SettingChange.id == change_id), "change", str(change_id))


def _json(expression: str) -> ColumnElement[str]:
    return literal_column(expression)


def _in_time(
    expression: str,
    at: InstrumentedAttribute[int],
    key: InstrumentedAttribute[str],
    wanted: Wanted,
) -> Select[str, int, str]:
    statement = select(_json(expression), at, key).order_by(at.desc(), key.desc()).limit(wanted.limit)
    if wanted.after is not None:
        # A row value, so that SQLite walks the index on (time, id) from the right place.
        statement = statement.where(
            tuple_(at, key) < tuple_(literal(wanted.after.at_us), literal(wanted.after.id))
        )
    if wanted.from_us is not None:
        statement = statement.where(at >= wanted.from_us)
    if wanted.to_us is not None:
        statement = statement.where(at < wanted.to_us)
    return statement


def _common(
    camera_id: InstrumentedAttribute[str],
    state: InstrumentedAttribute[str],
    severity: InstrumentedAttribute[int],
    wanted: Wanted,
) -> list[ColumnElement[bool]]:
    # What is open is found by an index of that alone (see ``tables.OPEN``), one camera by its own. Several
    # cameras would be, too, and their rows then sorted, all of them (880 ms among a million): so that the
    # index in time is walked instead, they are hidden from it. An event has few alerts.
    is_open, among = wanted.states == ("open",), wanted.among
    is_best = _is_one(among) and not is_open and wanted.event_id is None
    camera = camera_id if is_best else camera_id.concat("")
    states = [state == literal_column("'open'")] if is_open else _any_of(state, wanted.states or None)
    limits = [*_any_of(camera, among), *states]
    if wanted.min_severity is not None:
        limits.append(severity >= int(wanted.min_severity))
    return limits


def _is_one(cameras: tuple[str, ...] | None) -> bool:
    return cameras is not None and len(cameras) == 1


def _any_of(
    column: ColumnElement[str] | InstrumentedAttribute[str], values: tuple[str, ...] | None
) -> list[ColumnElement[bool]]:
    return [] if values is None else [column.in_(values)]


def _equal(column: InstrumentedAttribute[str], value: str | None) -> list[ColumnElement[bool]]:
    return [] if value is None else [column == value]


def _flag(column: InstrumentedAttribute[int], value: bool | None) -> list[ColumnElement[bool]]:
    return [] if value is None else [column == int(value)]


async def _of_each(ask: Callable[[Wanted], Awaitable[Sequence[Row]]], wanted: Wanted) -> Sequence[Row]:
    """Return the newest rows of a few cameras, those of each found along its own index.

    However little happens there, nothing of the others is walked through for it.
    """
    of_each = [replace(wanted, cameras=(camera,), sight=ALL_CAMERAS) for camera in wanted.among or ()]
    rows = [row for one in of_each for row in await ask(one)]
    return sorted(rows, key=lambda row: row.position, reverse=True)[: wanted.limit]


async def _rows(connection: AsyncConnection, statement: Select[str, int, str]) -> Sequence[Row]:
    return [Row(row[0], row[1], row[2]) for row in await connection.execute(statement)]


async def _texts(connection: AsyncConnection, statement: Select[str]) -> list[str]:
    return list((await connection.execute(statement)).scalars())


async def _one(connection: AsyncConnection, statement: Select[str], kind: str, key: str) -> str:
    found = (await connection.execute(statement)).scalar_one_or_none()
    if found is None:
        raise NotFound(f"there is no {kind} {key!r}")
    return found
