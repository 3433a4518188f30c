"""The history of what the owner set: each change of what events and alerts depend on, and how to undo it.

A change is noted in the transaction that makes it, be it by the API or by the configuration file. It holds
the fields that changed and no others, each as the API gives it.
"""

from collections.abc import Iterable
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import ColumnElement, Connection, delete, insert, literal_column, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from appliance.domain.ids import CameraId, RuleId
from appliance.domain.severity import Severity
from appliance.domain.time import WallUs
from appliance.errors import Conflict, NotFound
from appliance.store.arm_form import ARM
from appliance.store.resources import camera_json, rule_json
from appliance.store.scene_form import KINDS
from appliance.store.tables import Camera, Rule, Setting, SettingChange

Fields = dict[str, Any]
"""Some fields of a resource, as the API gives them."""

CAMERA_FIELDS = ("name", "labels", "detect_fps")
"""What decides at a camera, beside the members of its scene."""


class Change(NamedTuple):
    """A row of the history."""

    id: int
    subject: str
    before: Fields | None
    after: Fields | None


def of_camera(camera_id: CameraId) -> str:
    """Return the subject that is a camera."""
    return f"camera:{camera_id}"


def of_rule(rule_id: RuleId) -> str:
    """Return the subject that is a rule."""
    return f"rule:{rule_id}"


def camera_fields(connection: Connection, camera_id: CameraId) -> Fields | None:
    """Return what decides at a camera, as it is now; ``None`` where there is no such camera."""
    json: ColumnElement[str] = literal_column(camera_json("cameras"))
    statement = select(json).select_from(Camera).where(Camera.id == camera_id)
    text = connection.execute(statement).scalar_one_or_none()
    if text is None:
        return None
    camera: Fields = msgspec.json.decode(text)
    return {name: camera[name] for name in CAMERA_FIELDS} | {kind: camera["scene"][kind] for kind in KINDS}


def rule_fields(connection: Connection, rule_id: RuleId) -> Fields | None:
    """Return a rule as it is now, without its id; ``None`` where there is no such rule."""
    json: ColumnElement[str] = literal_column(rule_json("rules"))
    statement = select(json).select_from(Rule).where(Rule.id == rule_id)
    text = connection.execute(statement).scalar_one_or_none()
    if text is None:
        return None
    rule: Fields = msgspec.json.decode(text)
    return {name: value for name, value in rule.items() if name != "id"}


def arm_fields(connection: Connection) -> Fields:
    """Return the hours that set the arm state. The state itself is no setting that has a history."""
    value = connection.execute(select(Setting.value).where(Setting.key == ARM)).scalar_one_or_none()
    return {"hours": value["hours"] if isinstance(value, dict) and "hours" in value else []}


def note_camera(
    connection: Connection,
    camera_id: CameraId,
    before: Fields | None,
    at_us: WallUs,
    undoes: int | None = None,
) -> None:
    """Note what has changed at a camera since it was ``before``; that it was added is no change of it."""
    after = camera_fields(connection, camera_id)
    if before is not None and after is not None:
        _note(connection, of_camera(camera_id), before, after, at_us, undoes)


def note_rule(
    connection: Connection,
    rule_id: RuleId,
    before: Fields | None,
    at_us: WallUs,
    undoes: int | None = None,
) -> None:
    """Note what has changed of a rule since it was ``before``, which is ``None`` when it was not there."""
    after = rule_fields(connection, rule_id)
    if before is not None or after is not None:
        _note(connection, of_rule(rule_id), before, after, at_us, undoes)


def note_arm(connection: Connection, before: Fields, at_us: WallUs, undoes: int | None = None) -> None:
    """Note what has changed of the arm hours since they were ``before``."""
    _note(connection, ARM, before, arm_fields(connection), at_us, undoes)


def forget_camera(connection: Connection, camera_id: CameraId) -> None:
    """Delete the history of a camera that is gone: another one that gets its id has a history of its own."""
    connection.execute(delete(SettingChange).where(SettingChange.subject == of_camera(camera_id)))


def forget(connection: Connection, before_us: WallUs, limit: int) -> int:
    """Delete the oldest changes that were made before a time, so many at most; return how many."""
    due = select(SettingChange.id).where(SettingChange.at_us < before_us).order_by(SettingChange.id)
    gone = connection.execute(delete(SettingChange).where(SettingChange.id.in_(due.limit(limit))))
    return gone.rowcount


def undo(connection: Connection, change_id: int, at_us: WallUs) -> int:
    """Set the fields of a change back to what they were, which is itself a change; return its id.

    Raises:
        NotFound: there is no such change.
        Conflict: one of its fields has changed again since, what it changed is gone, or the configuration
            file manages it.
    """
    change = _change(connection, change_id)
    kind, _, name = change.subject.partition(":")
    match kind:
        case "camera":
            _undo_camera(connection, change, CameraId(name), at_us)
        case "rule":
            _undo_rule(connection, change, RuleId(name), at_us)
        case _:
            _undo_arm(connection, change, at_us)
    newest = select(SettingChange.id).where(SettingChange.undoes == change_id)
    return connection.execute(newest.order_by(SettingChange.id.desc()).limit(1)).scalar_one()


def _note(
    connection: Connection,
    subject: str,
    before: Fields | None,
    after: Fields | None,
    at_us: WallUs,
    undoes: int | None,
) -> None:
    if before is not None and after is not None:
        changed = [name for name in after if before.get(name) != after[name]]
        if not changed:
            return
        before = {name: before.get(name) for name in changed}
        after = {name: after[name] for name in changed}
    values = {"at_us": at_us, "subject": subject, "before": before, "after": after, "undoes": undoes}
    connection.execute(insert(SettingChange).values(values))


def _change(connection: Connection, change_id: int) -> Change:
    columns = (SettingChange.id, SettingChange.subject, SettingChange.before, SettingChange.after)
    row = connection.execute(select(*columns).where(SettingChange.id == change_id)).one_or_none()
    if row is None:
        raise NotFound(f"there is no change {change_id}")
    return Change(*row)


def _undo_camera(connection: Connection, change: Change, camera_id: CameraId, at_us: WallUs) -> None:
    present = camera_fields(connection, camera_id)
    if present is None:
        raise Conflict(f"the camera {camera_id!r} is gone; nothing was undone")
    back = _expect_unchanged(change, present)
    columns = {name: value for name, value in back.items() if name in CAMERA_FIELDS}
    shapes = {name: value for name, value in back.items() if name in KINDS}
    by = (Camera.managed_by, Camera.scene_managed_by)
    row = connection.execute(select(Camera.scene, *by).where(Camera.id == camera_id)).one()
    if (columns and row.managed_by == "file") or (shapes and row.scene_managed_by == "file"):
        raise Conflict(
            f"the camera {camera_id!r} is managed by the configuration file; "
            "undo the change there and start again"
        )
    if shapes:
        columns["scene"] = {**row.scene, **shapes}
    connection.execute(update(Camera).where(Camera.id == camera_id).values(**columns))
    note_camera(connection, camera_id, present, at_us, change.id)


def _undo_rule(connection: Connection, change: Change, rule_id: RuleId, at_us: WallUs) -> None:
    present = rule_fields(connection, rule_id)
    if change.after is None:
        if present is not None:
            raise Conflict("the rule is there again already; nothing was undone")
        connection.execute(insert(Rule).values(id=rule_id, **_rule_columns(change.before or {})))
    elif present is None:
        raise Conflict("the rule is gone; undo its deletion first")
    else:
        back = _expect_unchanged(change, present)
        if change.before is None:
            connection.execute(delete(Rule).where(Rule.id == rule_id))
        else:
            connection.execute(update(Rule).where(Rule.id == rule_id).values(**_rule_columns(back)))
    note_rule(connection, rule_id, present, at_us, change.id)


def _undo_arm(connection: Connection, change: Change, at_us: WallUs) -> None:
    present = arm_fields(connection)
    back = _expect_unchanged(change, present)
    set_arm_members(connection, back)
    note_arm(connection, present, at_us, change.id)


def set_arm_members(connection: Connection, members: Fields) -> None:
    """Set some members of the arm setting's value; the others stay."""
    value = connection.execute(select(Setting.value).where(Setting.key == ARM)).scalar_one_or_none()
    wanted = {**(value if isinstance(value, dict) else {}), **members}
    statement = upsert(Setting).values(key=ARM, value=wanted)
    connection.execute(statement.on_conflict_do_update(index_elements=[Setting.key], set_={"value": wanted}))


def _expect_unchanged(change: Change, present: Fields) -> Fields:
    """Return what the fields of a change were before it.

    Raises:
        Conflict: they are not any more what it made of them.
    """
    made = change.after or {}
    newer = sorted(name for name in made if present.get(name) != made[name])
    if newer:
        raise Conflict(f"{_words(newer)} changed again since; undo the newer change first")
    return change.before or {}


def _words(names: Iterable[str]) -> str:
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last


def _rule_columns(fields: Fields) -> Fields:
    """Return the columns of a rule's fields."""
    columns = dict(fields)
    if "enabled" in columns:
        columns["enabled"] = int(columns["enabled"])
    if "min_severity" in columns:
        columns["min_severity"] = int(Severity.of_word(columns["min_severity"]))
    return columns
