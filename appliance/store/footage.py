"""Footage in the database: storage paths, segments, the gaps between them, and exports.

Each function works inside a transaction, the writer's (statements) or a reader's (questions); a reader calls
``await connection.run_sync(segments_in, camera_id, from_us, to_us)``. A statement may run again after a full
disk, and leaves the same then.
"""

import dataclasses
import itertools
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection

from appliance.domain.footage import (
    Cause,
    Export,
    ExportState,
    Gap,
    KeepClass,
    Missing,
    Place,
    Segment,
    SegmentState,
    Volume,
)
from appliance.domain.ids import CameraId, EventId, ExportId, SegmentId, VolumeId
from appliance.domain.time import EARLIEST_US, WallUs
from appliance.store.tables import UNFINISHED

_Values = Sequence[Any]
"""A row of the database as it comes."""

SEGMENT_COLUMNS = (
    *("id", "camera_id", "volume_id", "path", "start_us", "end_us", "size", "sha256", "codecs"),
    *("width", "height", "state", "has_motion", "is_protected"),
)
_SEGMENT = ", ".join(SEGMENT_COLUMNS)
SAVE_SEGMENT = (
    f"INSERT INTO segments ({_SEGMENT}) VALUES ({', '.join('?' * len(SEGMENT_COLUMNS))}) "  # noqa: S608 - constants
    "ON CONFLICT (id) DO UPDATE SET end_us = excluded.end_us, size = excluded.size, "
    "sha256 = excluded.sha256, codecs = excluded.codecs, width = excluded.width, height = excluded.height, "
    "state = excluded.state, has_motion = max(has_motion, excluded.has_motion) WHERE state <> 'deleting'"
)
"""What grows is brought up to date; the place and the protection are not the recorder's to change."""
_KEPT = "id, camera_id, volume_id, path, start_us, kept_from_us, size, keep_class"
_MOVING = "moving to "
"""What the keys of ``meta`` begin with that tell of copies that were begun."""
_LOOKED = "looked through "
"""What the keys of ``meta`` begin with that tell which run went through a storage path last."""
_DOUBTED = "doubted "
"""What the keys of ``meta`` begin with that tell of a storage path whose rows are older than its files."""
_MAY_GO = "state = 'closed' AND former_volume_id IS NULL AND is_protected <= ?"
_EXPORT = "id, camera_id, event_id, start_us, end_us, is_exact, state, reason, size, gaps, created_us"


class Moving(NamedTuple):
    """A segment whose row names its new place while its old file may still be there."""

    segment: Segment
    former: Place


class Total(NamedTuple):
    """Footage of one kind: how many files, and their bytes.

    Attributes:
        keep_class: ``None`` for what is too new to be told.
    """

    keep_class: KeepClass | None
    camera_id: CameraId
    volume_id: VolumeId
    is_protected: bool
    files: int
    size: int


class Written(NamedTuple):
    """Bytes of one kind that were recorded of late, and since when.

    Attributes:
        keep_class: ``None`` for what is too new to be told.
    """

    keep_class: KeepClass | None
    camera_id: CameraId
    volume_id: VolumeId
    size: int
    since_us: WallUs


class KeepLimit(NamedTuple):
    """What an owner wants of one camera's footage; ``None`` for the box's rules alone."""

    keep_days: float | None
    most_bytes: int | None


class Recorded(NamedTuple):
    """The time of a segment, with what a timeline shows of it.

    Attributes:
        keep_class: what it is kept for; of one too new to be told, what is known by now.
    """

    start_us: WallUs
    end_us: WallUs
    keep_class: KeepClass
    has_motion: bool
    is_protected: bool


class Kept(NamedTuple):
    """A closed segment that may be deleted or moved.

    Attributes:
        kept_from_us: from when on it ages by the retention clock: when it was recorded, unless the wall clock
            was wrong then; ``None`` for what is too new to be told.
    """

    id: SegmentId
    camera_id: CameraId
    place: Place
    start_us: WallUs
    kept_from_us: WallUs | None
    size: int
    keep_class: KeepClass | None

    @property
    def volume_id(self) -> VolumeId:
        """The storage path that it lies in."""
        return self.place.volume_id


class Settling(NamedTuple):
    """By what it is settled what segments are kept for.

    Attributes:
        before_us: only what ended before, by the wall clock that stamps it,
        ahead_us: and what begins after this: the wall clock was ahead then.
        roll_us: how far before and after an event its footage belongs to it.
        oldest_us: what the keeper sees for the first time was not recorded before this,
        newest_us: nor after this, whatever the wall clock said then.
    """

    before_us: WallUs
    ahead_us: WallUs
    roll_us: int
    oldest_us: WallUs
    newest_us: WallUs


# Storage paths.


def volumes(connection: Connection) -> list[Volume]:
    """Return every storage path that was ever enrolled, oldest first."""
    rows = connection.exec_driver_sql("SELECT id, path, created_us FROM volumes ORDER BY created_us, id")
    return [Volume(VolumeId(row[0]), row[1], WallUs(row[2])) for row in rows]


def save_volume(connection: Connection, volume: Volume) -> None:
    """Enrol a storage path, or note where its disk is mounted now."""
    connection.exec_driver_sql(
        "INSERT INTO volumes (id, path, created_us) VALUES (?, ?, ?) "
        "ON CONFLICT (id) DO UPDATE SET path = excluded.path",
        (volume.id, volume.path, volume.created_us),
    )


def forget_volume(connection: Connection, volume_id: VolumeId) -> None:
    """Forget a storage path in which no segment lies any more, and what was to be done there."""
    connection.exec_driver_sql(
        "UPDATE segments SET former_volume_id = NULL, former_path = NULL WHERE former_volume_id = ?",
        (volume_id,),
    )
    for key in (f"{_MOVING}{volume_id}", f"{_LOOKED}{volume_id}", f"{_DOUBTED}{volume_id}"):
        connection.exec_driver_sql("DELETE FROM meta WHERE key = ?", (key,))
    connection.exec_driver_sql("DELETE FROM volumes WHERE id = ?", (volume_id,))


# Segments: what writers and recovery say.


def save_segments(connection: Connection, segments: Iterable[Segment]) -> None:
    """Insert segments, or bring their rows up to date; one that is being deleted stays as it is."""
    rows = [_segment_values(segment) for segment in segments]
    if rows:
        connection.exec_driver_sql(SAVE_SEGMENT, rows)


def mark_deleting(
    connection: Connection, segment_ids: Iterable[SegmentId], cause: Cause = Cause.EXPIRED
) -> list[Segment]:
    """Say that closed segments go, and leave their time as gaps: the first of the two commits of a deletion.

    Returns:
        The segments whose files are to be removed now; one that was protected meanwhile, or is gone, is not
        among them.
    """
    marked = []
    for segment_id in segment_ids:
        row = connection.exec_driver_sql(
            f"UPDATE segments SET state = 'deleting' WHERE id = ? AND state = 'closed' "  # noqa: S608 - constants
            f"AND is_protected = 0 AND former_volume_id IS NULL RETURNING {_SEGMENT}",
            (segment_id,),
        ).one_or_none()
        if row is None:
            continue
        segment = _segment(row)
        add_gap(connection, Gap(segment.camera_id, segment.start_us, segment.end_us, cause))
        marked.append(segment)
    return marked


def forget_segments(connection: Connection, segment_ids: Iterable[SegmentId]) -> None:
    """Delete the rows of segments whose files are gone: the second commit of a deletion."""
    for segment_id in segment_ids:
        connection.exec_driver_sql("DELETE FROM segments WHERE id = ?", (segment_id,))


def lose_segment(connection: Connection, segment_id: SegmentId) -> None:
    """Delete the row of a segment whose file was found missing or without a whole fragment; a gap says so."""
    row = connection.exec_driver_sql(
        f"DELETE FROM segments WHERE id = ? AND state <> 'deleting' RETURNING {_SEGMENT}",  # noqa: S608 - constants
        (segment_id,),
    ).one_or_none()
    if row is not None:
        segment = _segment(row)
        add_gap(connection, Gap(segment.camera_id, segment.start_us, segment.end_us, Cause.LOST))


def lose_from_volume(connection: Connection, volume_id: VolumeId, portion: Iterable[Segment]) -> int:
    """Delete rows of segments whose disk never comes back; return of how many the time is lost.

    One that was just moved there counts as where it was before; one that was being deleted has its gap.
    """
    count = 0
    for one in portion:
        back = connection.exec_driver_sql(
            "UPDATE segments SET volume_id = former_volume_id, path = former_path, former_volume_id = NULL, "
            "former_path = NULL WHERE id = ? AND former_volume_id <> ?",
            (one.id, volume_id),
        )
        if back.rowcount:
            continue
        if one.state is SegmentState.DELETING:
            forget_segments(connection, [one.id])
            continue
        lose_segment(connection, one.id)
        count += 1
    return count


def move_segment(connection: Connection, segment_id: SegmentId, place: Place) -> bool:
    """Say that a closed segment lies at another place now; its row remembers the former one.

    Returns:
        False when it is being deleted, is being moved already or is gone: the copy is not needed then.
    """
    moved = connection.exec_driver_sql(
        "UPDATE segments SET former_volume_id = volume_id, former_path = path, volume_id = ?, path = ? "
        "WHERE id = ? AND state = 'closed' AND former_volume_id IS NULL",
        (place.volume_id, place.path, segment_id),
    )
    if moved.rowcount:
        forget_intended_move(connection, place.volume_id)
    return moved.rowcount > 0


def forget_former(connection: Connection, segment_id: SegmentId) -> None:
    """Say that a moved segment's former file is gone."""
    connection.exec_driver_sql(
        "UPDATE segments SET former_volume_id = NULL, former_path = NULL WHERE id = ?", (segment_id,)
    )


def protect(
    connection: Connection, camera_id: CameraId, from_us: WallUs, to_us: WallUs, is_protected: bool
) -> int:
    """Protect every segment of a camera that overlaps a range from retention, or let it go again.

    Returns:
        How many segments lie in the range, those included that were so already.
    """
    changed = connection.exec_driver_sql(
        f"UPDATE segments SET is_protected = ? WHERE {_OVERLAPS} AND state <> 'deleting'",  # noqa: S608 - constants
        (int(is_protected), *_overlap_values(camera_id, from_us, to_us)),
    )
    return changed.rowcount


# Segments: questions.

_OVERLAPS = (
    # Segments of a camera never overlap, so only the last that begins at or before a range can reach into it:
    # the index on camera and time leads there, however long a segment is.
    "camera_id = ? AND start_us >= coalesce((SELECT max(start_us) FROM segments WHERE camera_id = ? "
    "AND start_us <= ?), 0) AND start_us < ? AND end_us > ?"
)


def _overlap_values(camera_id: CameraId, from_us: WallUs, to_us: WallUs) -> tuple[str | int, ...]:
    return (camera_id, camera_id, from_us, to_us, from_us)


def segment(connection: Connection, segment_id: SegmentId) -> Segment | None:
    """Return one segment, or ``None`` when there is none of that id or it is being deleted."""
    row = connection.exec_driver_sql(
        f"SELECT {_SEGMENT} FROM segments WHERE id = ? AND state <> 'deleting'",  # noqa: S608 - constants
        (segment_id,),
    ).one_or_none()
    return None if row is None else _segment(row)


def undeleted_segments(connection: Connection, segment_ids: Iterable[SegmentId]) -> set[SegmentId]:
    """Return those of the segments that there are and that are not being deleted."""
    rows = connection.exec_driver_sql(
        "SELECT id FROM segments WHERE id IN (SELECT value FROM json_each(?)) AND state <> 'deleting'",
        (json.dumps(list(segment_ids)),),
    )
    return {SegmentId(row[0]) for row in rows}


def segments_in(
    connection: Connection, camera_id: CameraId, from_us: WallUs, to_us: WallUs, limit: int = -1
) -> list[Segment]:
    """Return a camera's segments that overlap a range, open ones included, oldest first.

    At most ``limit`` of them; -1 stands for all (1,440 a day).
    """
    rows = connection.exec_driver_sql(
        f"SELECT {_SEGMENT} FROM segments WHERE {_OVERLAPS} AND state <> 'deleting' "  # noqa: S608 - constants
        "ORDER BY start_us LIMIT ?",
        (*_overlap_values(camera_id, from_us, to_us), limit),
    )
    return [_segment(row) for row in rows]


def recorded_in(
    connection: Connection, camera_id: CameraId, from_us: WallUs, to_us: WallUs
) -> list[Recorded]:
    """Return the times of a camera's segments that overlap a range, whole, oldest first."""
    rows = connection.exec_driver_sql(
        "SELECT start_us, end_us, coalesce(keep_class, CASE has_motion WHEN 1 THEN 'motion' "  # noqa: S608 - constants
        f"ELSE 'continuous' END), has_motion, is_protected FROM segments WHERE {_OVERLAPS} "
        "AND state <> 'deleting' ORDER BY start_us",
        _overlap_values(camera_id, from_us, to_us),
    )
    return [
        Recorded(WallUs(row[0]), WallUs(row[1]), KeepClass(row[2]), bool(row[3]), bool(row[4]))
        for row in rows
    ]


RECORDED_US = (
    "SELECT c.id, (SELECT sum(min(s.end_us, ?) - max(s.start_us, ?)) "
    "FROM segments AS s INDEXED BY ix_segments_timeline "
    "WHERE s.camera_id = c.id AND s.start_us >= coalesce((SELECT max(b.start_us) FROM segments AS b "
    "WHERE b.camera_id = c.id AND b.start_us <= ?), 0) AND s.start_us < ? AND s.end_us > ? "
    "AND s.state <> 'deleting') FROM cameras AS c"
)


def recorded_us(connection: Connection, from_us: WallUs, to_us: WallUs) -> dict[CameraId, int]:
    """Return how many microseconds of a range are recorded of each camera, from the index alone."""
    rows = connection.exec_driver_sql(RECORDED_US, (to_us, from_us, from_us, to_us, from_us))
    return {CameraId(camera_id): total or 0 for camera_id, total in rows}


def is_known_camera(connection: Connection, camera_id: CameraId) -> bool:
    """Return whether there is a camera of that id, or footage or gaps of one that is gone."""
    return bool(
        connection.exec_driver_sql(
            "SELECT EXISTS (SELECT 1 FROM cameras WHERE id = ?) "
            "OR EXISTS (SELECT 1 FROM segments WHERE camera_id = ?) "
            "OR EXISTS (SELECT 1 FROM gaps WHERE camera_id = ?)",
            (camera_id,) * 3,
        ).scalar_one()
    )


def newest_segments(connection: Connection) -> dict[CameraId, Segment]:
    """Return each camera's newest segment, also of cameras that are gone."""
    rows = connection.exec_driver_sql(
        f"{_CAMERAS_OF.format(table='segments')} SELECT {_SEGMENT} FROM segments WHERE id IN ("  # noqa: S608 - constants
        "SELECT (SELECT s.id FROM segments AS s WHERE s.camera_id = seen.camera_id AND s.state <> 'deleting' "
        "ORDER BY s.start_us DESC LIMIT 1) FROM seen)"
    )
    return {found.camera_id: found for found in map(_segment, rows)}


def open_segments(connection: Connection) -> list[Segment]:
    """Return the segments that are being written, or that a former run left so."""
    return _unfinished(connection, SegmentState.OPEN)


def deleting_segments(connection: Connection) -> list[Segment]:
    """Return the segments whose files are to be removed, if they are still there, and then their rows."""
    return _unfinished(connection, SegmentState.DELETING)


def moving_segments(connection: Connection) -> list[Moving]:
    """Return the segments whose former file is still to be removed."""
    rows = connection.exec_driver_sql(
        f"SELECT {_SEGMENT}, former_volume_id, former_path FROM segments "  # noqa: S608 - constants
        f"WHERE ({UNFINISHED}) AND former_volume_id IS NOT NULL ORDER BY id"
    )
    width = len(SEGMENT_COLUMNS)
    return [Moving(_segment(row), Place(VolumeId(row[width]), row[width + 1])) for row in rows]


def segments_of_volume(
    connection: Connection, volume_id: VolumeId, after: SegmentId | None = None, limit: int = 500
) -> list[Segment]:
    """Return a portion of a storage path's segments in the order of their ids, those being deleted included.

    It begins after the id ``after``, the last of the portion before; ``None`` begins anew.
    """
    rows = connection.exec_driver_sql(
        f"SELECT {_SEGMENT} FROM segments WHERE volume_id = ? AND id > ? ORDER BY id LIMIT ?",  # noqa: S608 - constants
        (volume_id, after or "", limit),
    )
    return [_segment(row) for row in rows]


def known_segments(connection: Connection, segment_ids: Iterable[SegmentId]) -> set[SegmentId]:
    """Return those of some ids that have a row, in whatever state."""
    row = "SELECT 1 FROM segments WHERE id = ?"
    return {id_ for id_ in segment_ids if connection.exec_driver_sql(row, (id_,)).first() is not None}


def recovery_run(connection: Connection) -> int:
    """Return the number of the last run of the service that looked for what was left; 0 before the first."""
    return int(_meta(connection, "recovery_run") or 0)


def save_recovery_run(connection: Connection, run: int) -> None:
    """Note that this run looks for what was left."""
    _save_meta(connection, "recovery_run", str(run))


def looked_through(connection: Connection, run: int) -> set[VolumeId]:
    """Return the storage paths of which that run knew every file, once it had gone through them."""
    rows = connection.exec_driver_sql(
        "SELECT key FROM meta WHERE key GLOB ? AND value = ?", (f"{_LOOKED}*", str(run))
    )
    return {VolumeId(row[0].removeprefix(_LOOKED)) for row in rows}


def save_looked_through(connection: Connection, volume_id: VolumeId, run: int) -> None:
    """Note that a run has gone through a storage path."""
    _save_meta(connection, f"{_LOOKED}{volume_id}", str(run))


def forget_looked_through(connection: Connection) -> None:
    """Let the next start go through every file: some got no row."""
    connection.exec_driver_sql("DELETE FROM meta WHERE key GLOB ?", (f"{_LOOKED}*",))


def doubt_volumes(connection: Connection) -> None:
    """Say that the database was restored: of every storage path its rows tell what was there once.

    Copies that had begun by then are over: to complete them would remove what they have become since.
    """
    forget_looked_through(connection)
    connection.exec_driver_sql("DELETE FROM meta WHERE key GLOB ?", (f"{_MOVING}*",))
    connection.exec_driver_sql(
        "INSERT INTO meta (key, value) SELECT ? || id, '' FROM volumes WHERE true "
        "ON CONFLICT (key) DO NOTHING",
        (_DOUBTED,),
    )


def doubted_volumes(connection: Connection) -> set[VolumeId]:
    """Return the storage paths whose files were not compared with the rows of a restored database yet."""
    rows = connection.exec_driver_sql("SELECT key FROM meta WHERE key GLOB ?", (f"{_DOUBTED}*",))
    return {VolumeId(row[0].removeprefix(_DOUBTED)) for row in rows}


def trust_volume(connection: Connection, volume_id: VolumeId) -> None:
    """Note that a storage path's files were compared with the rows."""
    connection.exec_driver_sql("DELETE FROM meta WHERE key = ?", (f"{_DOUBTED}{volume_id}",))


def relocate_segments(connection: Connection, places: Mapping[SegmentId, Place]) -> None:
    """Say where closed segments were found that a restored database knows at another place."""
    for segment_id, place in places.items():
        connection.exec_driver_sql(
            "UPDATE segments SET volume_id = ?, path = ?, former_volume_id = NULL, former_path = NULL "
            "WHERE id = ? AND state = 'closed' AND volume_id <> ?",
            (place.volume_id, place.path, segment_id, place.volume_id),
        )


# Retention: classes, totals, and what goes first.

_CLASS = (
    "coalesce((SELECT CASE max(e.severity) WHEN 0 THEN 'low' WHEN 1 THEN 'medium' WHEN 2 THEN 'high' "
    "WHEN 3 THEN 'critical' END FROM events AS e WHERE e.camera_id = s.camera_id "
    "AND e.started_us >= s.start_us - ? AND e.started_us < s.end_us + ? "
    "AND coalesce(e.ended_us, e.rest ->> 'since_us', e.last_seen_us) > s.start_us - ?), "
    "CASE s.has_motion WHEN 1 THEN 'motion' ELSE 'continuous' END)"
)
LONGEST_VISIT_US = 24 * 3600 * 1_000_000
"""An event that began longer ago than this is not looked for: the walk along the index has an end."""


def settle(connection: Connection, by: Settling, limit: int = 500) -> int:
    """Settle what closed segments are kept for, and from when on they age.

    A segment in whose time an event is still open waits for its end, since its severity may rise. Of what
    came to rest only the time before counts: nothing happens while a car is parked.

    Returns:
        How many were settled; 0 when there is nothing more to settle now.
    """
    settled = connection.exec_driver_sql(
        f"UPDATE segments AS s SET keep_class = {_CLASS}, "  # noqa: S608 - constants
        "kept_from_us = min(coalesce(kept_from_us, max(start_us, ?)), ?) WHERE id IN ("
        "SELECT w.id FROM segments AS w WHERE w.keep_class IS NULL AND w.state = 'closed' "
        "AND (w.end_us < ? OR w.start_us > ?) AND NOT EXISTS (SELECT 1 FROM events AS e "
        "WHERE e.camera_id = w.camera_id AND e.state = 'open' AND e.rest IS NULL "
        "AND e.started_us >= w.start_us - ? AND e.started_us < w.end_us + ?) LIMIT ?)",
        (
            *(LONGEST_VISIT_US, by.roll_us, by.roll_us),
            *(by.oldest_us, by.newest_us, by.before_us, by.ahead_us, LONGEST_VISIT_US, by.roll_us, limit),
        ),
    )
    return settled.rowcount


def shift_ages(connection: Connection, since_us: WallUs, by_us: int) -> None:
    """Let settled segments that age from a time or later age from so much later: the clock was behind."""
    connection.exec_driver_sql(
        "UPDATE segments SET kept_from_us = kept_from_us + ? "
        "WHERE keep_class IS NOT NULL AND kept_from_us >= ?",
        (by_us, since_us),
    )


def adopt_segments(connection: Connection, segments: Sequence[Segment]) -> None:
    """Save segments that an older database knew: they age from when they were recorded, by their stamps.

    Without this footage that the keeper sees for the first time counts as recorded since it last looked.
    """
    save_segments(connection, segments)
    for found in segments:
        if found.start_us >= EARLIEST_US:
            connection.exec_driver_sql(
                "UPDATE segments SET kept_from_us = start_us WHERE id = ? AND keep_class IS NULL",
                (found.id,),
            )


def totals(connection: Connection) -> list[Total]:
    """Return how much footage there is of each kind; it goes through a whole index (0.4 s for a million)."""
    rows = connection.exec_driver_sql(
        "SELECT keep_class, camera_id, volume_id, is_protected, count(*), sum(size) "
        "FROM segments INDEXED BY ix_segments_totals WHERE state <> 'deleting' "
        "GROUP BY keep_class, camera_id, volume_id, is_protected"
    )
    return [
        Total(_keep_class(row[0]), CameraId(row[1]), VolumeId(row[2]), bool(row[3]), row[4], row[5])
        for row in rows
    ]


def written_since(connection: Connection, since_us: WallUs) -> list[Written]:
    """Return what was recorded of each kind in segments that began at or after a time."""
    rows = connection.exec_driver_sql(
        "SELECT keep_class, camera_id, volume_id, sum(size), min(start_us) FROM segments WHERE start_us >= ? "
        "GROUP BY keep_class, camera_id, volume_id",
        (since_us,),
    )
    return [
        Written(_keep_class(row[0]), CameraId(row[1]), VolumeId(row[2]), row[3], WallUs(row[4]))
        for row in rows
    ]


def oldest_of_cameras(connection: Connection) -> dict[CameraId, WallUs]:
    """Return when the oldest footage of each camera begins; a look or two at an index for each of them."""
    rows = connection.exec_driver_sql(
        f"{_CAMERAS_OF.format(table='segments')} SELECT seen.camera_id, ("  # noqa: S608 - constants
        "SELECT s.start_us FROM segments AS s WHERE s.camera_id = seen.camera_id AND s.state <> 'deleting' "
        "ORDER BY s.start_us LIMIT 1) FROM seen WHERE seen.camera_id IS NOT NULL"
    )
    return {CameraId(row[0]): WallUs(row[1]) for row in rows if row[1] is not None}


def oldest_kept(
    connection: Connection,
    volume_id: VolumeId,
    keep_class: KeepClass | None,
    limit: int,
    before_us: WallUs | None = None,
    camera_id: CameraId | None = None,
    is_to_move: bool = False,
) -> list[Kept]:
    """Return the oldest closed segments of a class in a storage path, those that age from before a time.

    Only those that may be deleted: neither protected nor being moved; to move, protected ones are as good.
    The class ``None`` is that of segments too new to be told, which do not age yet.
    """
    # A camera's are found along its own index: among all cameras' of the class they may lie far apart.
    index = "keep_class_volume_id_kept_from_us" if camera_id is None else "timeline"
    limits: list[tuple[str, str | int]] = []
    if before_us is not None:
        limits.append(("AND kept_from_us < ? ", before_us))
    if camera_id is not None:
        limits.append(("AND camera_id = ? ", camera_id))
    if before_us is not None and camera_id is not None:
        limits.append(("AND start_us < ? ", before_us))  # ends the walk along the camera's index
    rows = connection.exec_driver_sql(
        f"SELECT {_KEPT} FROM segments INDEXED BY ix_segments_{index} WHERE keep_class IS ? "  # noqa: S608 - constants
        f"AND volume_id = ? AND {_MAY_GO} {''.join(text for text, _ in limits)}"
        "ORDER BY kept_from_us, start_us LIMIT ?",
        (keep_class, volume_id, int(is_to_move), *(value for _, value in limits), limit),
    )
    return [_kept(row) for row in rows]


def keep_limits(connection: Connection) -> dict[CameraId, KeepLimit]:
    """Return what the owners want of their cameras' footage, where they want anything in particular."""
    rows = connection.exec_driver_sql(
        "SELECT id, json_extract(recording, '$.keep_days'), json_extract(recording, '$.most_bytes') "
        "FROM cameras"
    )
    return {CameraId(row[0]): KeepLimit(row[1], row[2]) for row in rows if (row[1], row[2]) != (None, None)}


def retention_us(connection: Connection) -> WallUs | None:
    """Return up to when the retention clock had come; ``None`` before it ran for the first time."""
    text = _meta(connection, "retention_us")
    return None if text is None else WallUs(int(text))


def save_retention_us(connection: Connection, now_us: WallUs) -> None:
    """Note up to when the retention clock has come."""
    _save_meta(connection, "retention_us", str(now_us))


def intended_moves(connection: Connection) -> list[Place]:
    """Return the places where copies were begun that no row names: what is left of them may lie there."""
    rows = connection.exec_driver_sql("SELECT key, value FROM meta WHERE key GLOB ?", (f"{_MOVING}*",))
    return [Place(VolumeId(key.removeprefix(_MOVING)), path) for key, path in rows]


def intend_move(connection: Connection, place: Place) -> None:
    """Say that a copy is begun, one to each storage path at a time: a crash leaves nothing unknown behind."""
    _save_meta(connection, f"{_MOVING}{place.volume_id}", place.path)


def forget_intended_move(connection: Connection, volume_id: VolumeId) -> None:
    """Say that nothing is left of the copy that was begun in a storage path."""
    connection.exec_driver_sql("DELETE FROM meta WHERE key = ?", (f"{_MOVING}{volume_id}",))


# Gaps.


def add_gap(connection: Connection, gap: Gap) -> None:
    """Add a gap, or let one of the same cause that it touches grow; one without duration is nothing.

    Giving a gap again with a later end lets it grow, so an ongoing one can be written as often as one likes.
    """
    if gap.end_us <= gap.start_us:
        return
    start_us, end_us = gap.start_us, gap.end_us
    left = connection.exec_driver_sql(
        "SELECT id, start_us, end_us, cause FROM gaps WHERE camera_id = ? AND start_us <= ? "
        "ORDER BY start_us DESC LIMIT 1",
        (gap.camera_id, start_us),
    ).one_or_none()
    right = connection.exec_driver_sql(
        "SELECT id, end_us FROM gaps WHERE camera_id = ? AND start_us > ? AND start_us <= ? AND cause = ? "
        "ORDER BY start_us DESC LIMIT 1",
        (gap.camera_id, start_us, end_us, gap.cause.value),
    ).one_or_none()
    if right is not None:
        end_us = WallUs(max(end_us, right[1]))
        connection.exec_driver_sql("DELETE FROM gaps WHERE id = ?", (right[0],))
    if left is not None and left[2] >= start_us and left[3] == gap.cause.value:
        connection.exec_driver_sql("UPDATE gaps SET end_us = max(end_us, ?) WHERE id = ?", (end_us, left[0]))
    else:
        _insert_gap(connection, Gap(gap.camera_id, start_us, end_us, gap.cause))


def _insert_gap(connection: Connection, gap: Gap) -> None:
    """Write a row of its own, unless it has no duration."""
    if gap.end_us > gap.start_us:
        connection.exec_driver_sql(
            "INSERT INTO gaps (camera_id, start_us, end_us, cause) VALUES (?, ?, ?, ?)",
            (gap.camera_id, gap.start_us, gap.end_us, gap.cause.value),
        )


def add_gaps(connection: Connection, gaps: Iterable[Gap]) -> None:
    """Add gaps as ``add_gap`` does, in their order."""
    for gap in gaps:
        add_gap(connection, gap)


def cut_gaps(connection: Connection, camera_id: CameraId, from_us: WallUs, to_us: WallUs) -> None:
    """Take a range out of a camera's gaps: footage of it was found after all."""
    for gap_id, gap in _gap_rows(connection, camera_id, from_us, to_us):
        connection.exec_driver_sql("DELETE FROM gaps WHERE id = ?", (gap_id,))
        _insert_gap(connection, Gap(camera_id, gap.start_us, min(from_us, gap.end_us), gap.cause))
        _insert_gap(connection, Gap(camera_id, max(to_us, gap.start_us), gap.end_us, gap.cause))


def fill_around(connection: Connection, segment: Segment, cause: Cause) -> None:
    """Say why the time between a segment and what is told of its camera before and after it is missing.

    Those are gaps of their own, whatever they touch: the book goes on from where they begin, and tells them
    anew.
    """
    told = connection.exec_driver_sql(
        "SELECT max(end_us) FROM (SELECT * FROM (SELECT end_us FROM segments WHERE camera_id = :camera "
        "AND start_us < :start ORDER BY start_us DESC LIMIT 1) UNION ALL SELECT * FROM (SELECT end_us "
        "FROM gaps WHERE camera_id = :camera AND start_us < :start ORDER BY start_us DESC LIMIT 1))",
        {"camera": segment.camera_id, "start": segment.start_us},
    ).scalar_one()
    if told is not None:
        _insert_gap(connection, Gap(segment.camera_id, WallUs(told), segment.start_us, cause))
    following = connection.exec_driver_sql(
        "SELECT min(start_us) FROM (SELECT min(start_us) AS start_us FROM segments WHERE "
        "camera_id = :camera AND start_us > :start UNION ALL SELECT min(start_us) FROM gaps WHERE "
        "camera_id = :camera AND start_us > :start)",
        {"camera": segment.camera_id, "start": segment.start_us},
    ).scalar_one()
    if following is not None:
        _insert_gap(connection, Gap(segment.camera_id, segment.end_us, WallUs(following), cause))


def join_ends(connection: Connection, segment: Segment, slack_us: int) -> list[Segment]:
    """Let a segment and its neighbours end where the next one begins, if they do so within ``slack_us``.

    The times in a file are coarser than the ledger's: what was recorded without a break has none there.

    Returns:
        Those that end elsewhere now, as they are.
    """
    joined = []
    from_us, to_us = WallUs(segment.start_us - slack_us), WallUs(segment.end_us + slack_us)
    for earlier, later in itertools.pairwise(segments_in(connection, segment.camera_id, from_us, to_us)):
        if 0 < abs(later.start_us - earlier.end_us) <= slack_us:
            connection.exec_driver_sql(
                "UPDATE segments SET end_us = ? WHERE id = ?", (later.start_us, earlier.id)
            )
            cut_gaps(connection, segment.camera_id, earlier.start_us, later.start_us)
            joined.append(dataclasses.replace(earlier, end_us=later.start_us))
    return joined


def gaps_in(connection: Connection, camera_id: CameraId, from_us: WallUs, to_us: WallUs) -> list[Gap]:
    """Return a camera's gaps that overlap a range, whole, oldest first."""
    return [gap for _, gap in _gap_rows(connection, camera_id, from_us, to_us)]


def forget_gaps(connection: Connection, before_us: WallUs, limit: int = 500) -> int:
    """Delete gaps that ended before a time and before their camera's oldest footage; return how many.

    From a camera's first moment on nothing is missing then: what is told of it just begins later.
    """
    deleted = connection.exec_driver_sql(
        f"DELETE FROM gaps WHERE id IN ({_CAMERAS_OF.format(table='gaps')}, "  # noqa: S608 - constants
        "oldest (camera_id, start_us) AS (SELECT camera_id, "
        "coalesce((SELECT min(s.start_us) FROM segments AS s WHERE s.camera_id = seen.camera_id), ?) "
        "FROM seen WHERE camera_id IS NOT NULL) "
        "SELECT g.id FROM oldest CROSS JOIN gaps AS g "
        "WHERE g.camera_id = oldest.camera_id AND g.start_us < min(oldest.start_us, ?) "
        "AND g.end_us <= min(oldest.start_us, ?) LIMIT ?)",
        (before_us, before_us, before_us, limit),
    )
    return deleted.rowcount


def accounted_until(connection: Connection) -> dict[CameraId, WallUs]:
    """Return for each camera up to when segments and gaps tell what was recorded."""
    ends: dict[CameraId, WallUs] = {}
    for table in ("segments", "gaps"):
        rows = connection.exec_driver_sql(
            f"{_CAMERAS_OF.format(table=table)} SELECT camera_id, (SELECT t.end_us FROM {table} AS t "  # noqa: S608 - constants
            "WHERE t.camera_id = seen.camera_id ORDER BY t.start_us DESC LIMIT 1) FROM seen "
            "WHERE camera_id IS NOT NULL"
        )
        for camera_id, end_us in rows:
            known = ends.get(CameraId(camera_id), WallUs(end_us))
            ends[CameraId(camera_id)] = max(known, WallUs(end_us))
    return ends


# Exports.


def save_export(connection: Connection, export: Export) -> None:
    """Insert an export, or bring its state, reason, size and gaps up to date."""
    gaps = [[gap.start_us, gap.end_us, gap.cause] for gap in export.gaps]
    connection.exec_driver_sql(
        f"INSERT INTO exports ({_EXPORT}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "  # noqa: S608 - constants
        "ON CONFLICT (id) DO UPDATE SET state = excluded.state, reason = excluded.reason, "
        "size = excluded.size, gaps = excluded.gaps",
        (
            *(export.id, export.camera_id, export.event_id, export.start_us, export.end_us),
            *(int(export.is_exact), export.state.value, export.reason, export.size),
            *(json.dumps(gaps), export.created_us),
        ),
    )


def export(connection: Connection, export_id: ExportId) -> Export | None:
    """Return one export, or ``None`` when there is none of that id."""
    row = connection.exec_driver_sql(
        f"SELECT {_EXPORT} FROM exports WHERE id = ?",  # noqa: S608 - constants
        (export_id,),
    ).one_or_none()
    return None if row is None else _export_of(row)


def exports(connection: Connection, states: Sequence[ExportState] = tuple(ExportState)) -> list[Export]:
    """Return the exports in some states, newest first."""
    rows = connection.exec_driver_sql(
        f"SELECT {_EXPORT} FROM exports WHERE state IN ({', '.join('?' * len(states))}) "  # noqa: S608 - constants
        "ORDER BY created_us DESC, id DESC",
        tuple(state.value for state in states),
    )
    return [_export_of(row) for row in rows]


def delete_export(connection: Connection, export_id: ExportId) -> bool:
    """Delete an export's row, before its file; return whether there was one."""
    return connection.exec_driver_sql("DELETE FROM exports WHERE id = ?", (export_id,)).rowcount > 0


# What is inside.

_CAMERAS_OF = (
    # From camera to camera along the index: no row of the same camera is looked at.
    "WITH RECURSIVE seen (camera_id) AS (SELECT min(camera_id) FROM {table} UNION ALL "
    "SELECT (SELECT min(t.camera_id) FROM {table} AS t WHERE t.camera_id > seen.camera_id) FROM seen "
    "WHERE seen.camera_id IS NOT NULL)"
)


def _meta(connection: Connection, key: str) -> str | None:
    value = connection.exec_driver_sql("SELECT value FROM meta WHERE key = ?", (key,)).scalar_one_or_none()
    return None if value is None else str(value)


def _save_meta(connection: Connection, key: str, value: str) -> None:
    connection.exec_driver_sql(
        "INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        (key, value),
    )


def _unfinished(connection: Connection, state: SegmentState) -> list[Segment]:
    rows = connection.exec_driver_sql(
        f"SELECT {_SEGMENT} FROM segments WHERE ({UNFINISHED}) AND state = ? ORDER BY id",  # noqa: S608 - constants
        (state.value,),
    )
    return [_segment(row) for row in rows]


def _gap_rows(
    connection: Connection, camera_id: CameraId, from_us: WallUs, to_us: WallUs
) -> list[tuple[int, Gap]]:
    rows = connection.exec_driver_sql(
        "SELECT id, start_us, end_us, cause FROM gaps WHERE camera_id = ? AND start_us >= coalesce("
        "(SELECT max(start_us) FROM gaps WHERE camera_id = ? AND start_us <= ?), 0) "
        "AND start_us < ? AND end_us > ? ORDER BY start_us",
        (camera_id, camera_id, from_us, to_us, from_us),
    )
    return [(row[0], Gap(camera_id, WallUs(row[1]), WallUs(row[2]), Cause(row[3]))) for row in rows]


def _segment_values(segment: Segment) -> tuple[str | int | None, ...]:
    return (
        *(segment.id, segment.camera_id, segment.volume_id, segment.path, segment.start_us, segment.end_us),
        *(segment.size, segment.sha256, segment.codecs, segment.width, segment.height),
        *(segment.state.value, int(segment.has_motion), int(segment.is_protected)),
    )


def _segment(row: _Values) -> Segment:
    return Segment(
        id=SegmentId(row[0]),
        camera_id=CameraId(row[1]),
        volume_id=VolumeId(row[2]),
        path=row[3],
        start_us=WallUs(row[4]),
        end_us=WallUs(row[5]),
        size=row[6],
        sha256=row[7],
        codecs=row[8],
        width=row[9],
        height=row[10],
        state=SegmentState(row[11]),
        has_motion=bool(row[12]),
        is_protected=bool(row[13]),
    )


def _kept(row: _Values) -> Kept:
    place = Place(VolumeId(row[2]), row[3])
    kept_from_us = None if row[5] is None else WallUs(row[5])
    return Kept(
        *(SegmentId(row[0]), CameraId(row[1]), place, WallUs(row[4]), kept_from_us, row[6]),
        _keep_class(row[7]),
    )


def _keep_class(word: str | None) -> KeepClass | None:
    return None if word is None else KeepClass(word)


def _export_of(row: _Values) -> Export:
    return Export(
        id=ExportId(row[0]),
        camera_id=CameraId(row[1]),
        event_id=None if row[2] is None else EventId(row[2]),
        start_us=WallUs(row[3]),
        end_us=WallUs(row[4]),
        is_exact=bool(row[5]),
        state=ExportState(row[6]),
        reason=row[7],
        size=row[8],
        gaps=tuple(
            Missing(WallUs(start), WallUs(end), None if cause is None else Cause(cause))
            for start, end, cause in json.loads(row[9])
        ),
        created_us=WallUs(row[10]),
    )
