"""The changes that people make through the API: each is the inside of one unit of the writer.

They run on the writer's thread and may run again after a full disk, so they do nothing but read and write
through the connection that they are given.
"""

from collections.abc import Callable, Sequence
from typing import Any, Literal, NamedTuple

import msgspec
from sqlalchemy import (
    ColumnElement,
    Connection,
    RowMapping,
    delete,
    func,
    insert,
    literal_column,
    select,
    text,
    update,
)
from sqlalchemy.dialects.sqlite import insert as upsert
from sqlalchemy.orm import DeclarativeBase

from appliance.domain.access import ALL_CAMERAS, Sight
from appliance.domain.arming import Arming
from appliance.domain.camera import Credentials
from appliance.domain.ids import AlertId, BatchId, CameraId, Cursor, EventId, RuleId
from appliance.domain.time import WallUs
from appliance.errors import Conflict, NotFound
from appliance.packets.live_address import expect_same_camera, is_same_camera
from appliance.store import pipeline, setting_history
from appliance.store.event_search import Part
from appliance.store.resources import alert_json, batch_json, camera_json, event_json, rule_json
from appliance.store.seal import seal_of
from appliance.store.sealed_rows import sealed_credentials
from appliance.store.tables import (
    OPEN,
    Alert,
    Batch,
    Camera,
    CameraCredentials,
    CameraSample,
    Candidate,
    Event,
    Rule,
)

Values = dict[str, Any]
"""Columns and what to set them to."""

MOST_MADE_IDS = 1000


HandledState = Literal["acknowledged", "dismissed"]
"""What an alert becomes once somebody has looked at it."""


class Written(NamedTuple):
    """What a change left: the resource as JSON text (empty once deleted), and the last cursor of its unit."""

    json: str
    cursor: Cursor


class Reviewed(NamedTuple):
    """How many events were marked, and the last cursor of the unit."""

    events: int
    cursor: Cursor


class Armed(NamedTuple):
    """What a change of the arm state left, and the last cursor of the unit."""

    arming: Arming
    cursor: Cursor


class Undone(NamedTuple):
    """The id of the change that undid another one, and the last cursor of the unit."""

    id: int
    cursor: Cursor


class Removed(NamedTuple):
    """What a deletion left to be done after its commit."""

    picture: str | None
    cursor: Cursor


class Place(NamedTuple):
    """A camera's new address: the credentials are what the address itself named.

    Attributes:
        keeps_credentials: told the present address, says whether its credentials stay if this one names none.
    """

    url: str
    credentials: Credentials | None
    keeps_credentials: Callable[[str], bool]


def add_camera(
    connection: Connection,
    camera_id: CameraId,
    is_made: bool,
    values: Values,
    credentials: Credentials | None,
) -> Written:
    """Add a camera that the API manages.

    With ``is_made`` the id was made from the name: when it is taken, the first free one of ``id-2``, ``id-3``
    and so on is used.

    Raises:
        Conflict: the id that the owner chose is taken.
        AddressError: its second address is on another host than the first one.
    """
    if values.get("live_url") is not None:
        expect_same_camera(values["live_url"], values["url"])
    values = {**values, "recording": _without_none(values.get("recording", {}))}
    free = _free_camera_id(connection, camera_id) if is_made else camera_id
    if _exists(connection, Camera, free):
        raise Conflict(f"there is a camera {free!r} already")
    connection.execute(insert(Camera).values(id=free, managed_by="api", **values))
    if credentials is not None:
        _set_credentials(connection, free, credentials)
    return _camera(connection, free)


def change_camera(
    connection: Connection, camera_id: CameraId, values: Values, place: Place | None, at_us: WallUs
) -> Written:
    """Change a camera that the API manages; what decides about its events is noted in the history.

    Of one that the file manages the scene can be changed, unless the file draws that as well.

    A second address is forgotten when the camera moves to another host. Of its recording the members named
    are set, and those that are null taken away; of its scene the members named are replaced.

    Raises:
        NotFound: there is no such camera.
        Conflict: the configuration file manages it.
        AddressError: the new second address is on another host than the first one.
    """
    present = _camera_row(connection, camera_id)
    is_scene_alone = place is None and values.keys() == {"scene"}
    _expect_api(camera_id, present["scene_managed_by" if is_scene_alone else "managed_by"])
    before = setting_history.camera_fields(connection, camera_id)
    columns = values if place is None else values | {"url": place.url}
    if "scene" in values:
        columns = columns | {"scene": {**present["scene"], **values["scene"]}}
    if "recording" in values:
        patch = msgspec.json.encode(values["recording"]).decode()
        columns = columns | {"recording": func.json_patch(Camera.recording, patch)}
    url, live_url = (columns.get(name, present[name]) for name in ("url", "live_url"))
    if values.get("live_url") is not None:
        expect_same_camera(live_url, url)
    elif live_url is not None and not is_same_camera(live_url, url):
        columns = columns | {"live_url": None}
    if columns:
        connection.execute(update(Camera).where(Camera.id == camera_id).values(**columns))
    if place is not None and place.credentials is not None:
        _set_credentials(connection, camera_id, place.credentials)
    elif place is not None and not place.keeps_credentials(present["url"]):
        connection.execute(delete(CameraCredentials).where(CameraCredentials.camera_id == camera_id))
    setting_history.note_camera(connection, camera_id, before, at_us)
    return _camera(connection, camera_id)


def _without_none(recording: Values) -> Values:
    return {name: value for name, value in recording.items() if value is not None}


def delete_camera(connection: Connection, camera_id: CameraId) -> Cursor:
    """Delete a camera that the API manages, with its credentials, its history and what was measured of it.

    What it saw stays until that ages out; another camera that gets its name begins with figures of its own.

    Raises:
        NotFound: there is no such camera.
        Conflict: the configuration file manages it.
    """
    _expect_api(camera_id, _camera_row(connection, camera_id)["managed_by"])
    connection.execute(delete(Camera).where(Camera.id == camera_id))
    connection.execute(delete(CameraSample).where(CameraSample.camera_id == camera_id))
    setting_history.forget_camera(connection, camera_id)
    return _cursor(connection)


def change_event(connection: Connection, event_id: EventId, values: Values) -> Written:
    """Set an event's review mark or note.

    Raises:
        NotFound: there is no such event.
    """
    _change(connection, Event, event_id, values, "event")
    return _written(connection, Event, event_json("events"), event_id)


def review_events(
    connection: Connection, event_ids: Sequence[str], limits: Part, is_reviewed: bool
) -> Reviewed:
    """Set the review mark of those of the events that still fit the limits; batches keep theirs."""
    # Found by their ids: by what else is asked of them, half the table may be gone through for each hundred.
    done = connection.exec_driver_sql(
        "UPDATE events INDEXED BY sqlite_autoindex_events_1 SET reviewed = ? "  # noqa: S608 - constants
        f"WHERE id IN ({', '.join('?' * len(event_ids))}) AND reviewed <> ? AND {limits.sql}",
        (int(is_reviewed), *event_ids, int(is_reviewed), *limits.values),
    )
    return Reviewed(done.rowcount, _cursor(connection))


def delete_event(connection: Connection, event_id: EventId) -> Removed:
    """Delete an event and its alerts; its detections stay, its picture is removed after the commit.

    Raises:
        NotFound: there is no such event.
    """
    row = connection.execute(select(Event.picture).where(Event.id == event_id)).one_or_none()
    if row is None:
        raise NotFound(f"there is no event {event_id!r}")
    connection.execute(delete(Candidate).where(Candidate.event_id == event_id))
    connection.execute(delete(Event).where(Event.id == event_id))
    return Removed(row[0], _cursor(connection))


def change_batch(connection: Connection, batch_id: BatchId, values: Values) -> Written:
    """Set a batch's review mark.

    Raises:
        NotFound: there is no such batch.
    """
    _change(connection, Batch, batch_id, values, "batch")
    return _written(connection, Batch, batch_json("batches"), batch_id)


def acknowledge_alert(connection: Connection, alert_id: AlertId, at_us: WallUs) -> Written:
    """Note that somebody has seen an open alert; an acknowledged one stays as it is.

    Raises:
        NotFound: there is no such alert.
        Conflict: it is dismissed.
    """
    state = _alert_state(connection, alert_id)
    if state == "dismissed":
        raise Conflict("the alert is dismissed; it cannot be acknowledged any more")
    if state == "open":
        values = {"state": "acknowledged", "acknowledged_us": at_us}
        connection.execute(update(Alert).where(Alert.id == alert_id).values(**values))
    return _written(connection, Alert, alert_json("alerts"), alert_id)


def dismiss_alert(connection: Connection, alert_id: AlertId, at_us: WallUs) -> Written:
    """Put an alert away; a dismissed one stays as it is.

    Raises:
        NotFound: there is no such alert.
    """
    if _alert_state(connection, alert_id) != "dismissed":
        values = {"state": "dismissed", "dismissed_us": at_us}
        connection.execute(update(Alert).where(Alert.id == alert_id).values(**values))
    return _written(connection, Alert, alert_json("alerts"), alert_id)


def handle_open_alerts(
    connection: Connection,
    state: HandledState,
    at_us: WallUs,
    until_us: WallUs,
    most: int,
    sight: Sight = ALL_CAMERAS,
) -> int:
    """Acknowledge or dismiss alerts that are open, seen and were made before a time; the oldest first.

    There are ``most`` at once, so that other writers get their turn. Returns how many there were; fewer than
    ``most`` when none are left.
    """
    among = sight.among()
    seen = () if among is None else (Alert.camera_id.in_(among),)
    found = (
        select(Alert.id)
        .where(text(OPEN), Alert.created_us < until_us, *seen)
        .order_by(Alert.created_us, Alert.id)
        .limit(most)
    )
    column = "acknowledged_us" if state == "acknowledged" else "dismissed_us"
    done = connection.execute(
        update(Alert).where(Alert.id.in_(found)).values(**{"state": state, column: at_us})
    )
    return done.rowcount


def add_rule(connection: Connection, rule_id: RuleId, values: Values, at_us: WallUs) -> Written:
    """Add a rule, and note it in the history."""
    connection.execute(insert(Rule).values(id=rule_id, **values))
    setting_history.note_rule(connection, rule_id, None, at_us)
    return _written(connection, Rule, rule_json("rules"), rule_id)


def change_rule(connection: Connection, rule_id: RuleId, values: Values, at_us: WallUs) -> Written:
    """Change a rule, and note it in the history; it counts for every event from now on.

    Raises:
        NotFound: there is no such rule.
    """
    before = setting_history.rule_fields(connection, rule_id)
    _change(connection, Rule, rule_id, values, "rule")
    setting_history.note_rule(connection, rule_id, before, at_us)
    return _written(connection, Rule, rule_json("rules"), rule_id)


def delete_rule(connection: Connection, rule_id: RuleId, at_us: WallUs) -> Cursor:
    """Delete a rule, and note it in the history; its alerts stay and keep its name.

    Raises:
        NotFound: there is no such rule.
    """
    before = setting_history.rule_fields(connection, rule_id)
    if not connection.execute(delete(Rule).where(Rule.id == rule_id)).rowcount:
        raise NotFound(f"there is no rule {rule_id!r}")
    setting_history.note_rule(connection, rule_id, before, at_us)
    return _cursor(connection)


def set_arm(connection: Connection, members: Values, at_us: WallUs) -> Armed:
    """Set the arm state by hand, as of now, or the hours that set it, which is noted in the history.

    ``members`` are the ``state``, the ``hours`` in words, or both.
    """
    before = setting_history.arm_fields(connection)
    since = {"set_us": at_us} if "state" in members else {}
    setting_history.set_arm_members(connection, {**members, **since})
    setting_history.note_arm(connection, before, at_us)
    return Armed(pipeline.arm(connection), _cursor(connection))


def undo_setting(connection: Connection, change_id: int, at_us: WallUs) -> Undone:
    """Undo a change of the history, which is a change itself.

    Raises:
        NotFound: there is no such change.
        Conflict: something newer changed the same, or it cannot be changed here.
    """
    return Undone(setting_history.undo(connection, change_id, at_us), _cursor(connection))


def prove_writable(connection: Connection) -> None:
    """Do nothing: that the unit was committed shows that the database can be written."""
    connection.exec_driver_sql("SELECT 1")


def _change(
    connection: Connection, table: type[DeclarativeBase], key: str, values: Values, kind: str
) -> None:
    if not _exists(connection, table, key):
        raise NotFound(f"there is no {kind} {key!r}")
    if values:
        column = table.__table__.c["id"]
        connection.execute(update(table).where(column == key).values(**values))


def _exists(connection: Connection, table: type[DeclarativeBase], key: str) -> bool:
    column = table.__table__.c["id"]
    return connection.execute(select(column).where(column == key)).one_or_none() is not None


def _written(connection: Connection, table: type[DeclarativeBase], expression: str, key: str) -> Written:
    column = table.__table__.c["id"]
    json: ColumnElement[str] = literal_column(expression)
    statement = select(json).select_from(table).where(column == key)
    return Written(str(connection.execute(statement).scalar_one()), _cursor(connection))


def _camera(connection: Connection, camera_id: CameraId) -> Written:
    return _written(connection, Camera, camera_json("cameras"), camera_id)


def _camera_row(connection: Connection, camera_id: CameraId) -> RowMapping:
    by = (Camera.managed_by, Camera.scene_managed_by)
    statement = select(Camera.url, Camera.live_url, Camera.scene, *by).where(Camera.id == camera_id)
    row = connection.execute(statement).mappings().one_or_none()
    if row is None:
        raise NotFound(f"there is no camera {camera_id!r}")
    return row


def _expect_api(camera_id: CameraId, managed_by: str) -> None:
    if managed_by == "file":
        raise Conflict(
            f"the camera {camera_id!r} is managed by the configuration file; change it there and start again"
        )


def _free_camera_id(connection: Connection, wanted: CameraId) -> CameraId:
    for number in range(1, MOST_MADE_IDS):
        suffix = "" if number == 1 else f"-{number}"
        candidate = CameraId(wanted[: 64 - len(suffix)] + suffix)
        if not _exists(connection, Camera, candidate):
            return candidate
    raise Conflict(f"there are {MOST_MADE_IDS} cameras named like {wanted!r} already; choose an id")


def _set_credentials(connection: Connection, camera_id: CameraId, credentials: Credentials) -> None:
    values = sealed_credentials(seal_of(connection), camera_id, credentials)
    statement = upsert(CameraCredentials).values(camera_id=camera_id, **values)
    connection.execute(
        statement.on_conflict_do_update(index_elements=[CameraCredentials.camera_id], set_=values)
    )


def _alert_state(connection: Connection, alert_id: AlertId) -> str:
    state = connection.execute(select(Alert.state).where(Alert.id == alert_id)).scalar_one_or_none()
    if state is None:
        raise NotFound(f"there is no alert {alert_id!r}")
    return state


def _cursor(connection: Connection) -> Cursor:
    """Return the cursor of the newest outbox row, which this unit's triggers may have written."""
    newest = connection.exec_driver_sql("SELECT seq FROM sqlite_sequence WHERE name = 'outbox'")
    return Cursor(newest.scalar_one_or_none() or 0)
