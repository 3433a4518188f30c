"""Where objects stood at a camera: the foot points of the boxes of some of its analysed frames."""

import itertools
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from sqlalchemy import Connection

from appliance.domain.ids import CameraId
from appliance.domain.time import WallUs
from appliance.store.boxes import BOX, FORMER_BOX, PROBE, STEPS, label_names

MOST_POINTS = 2000
MANY_FRAMES = 20_000
"""So many are numbered in 15 ms; of more, one is looked for in each of equal times, which takes 5 ms."""

# All of these go by the index on camera and time alone; only the chosen frames are read.
COUNT = "SELECT count(*) FROM detections WHERE camera_id = ? AND at_us >= ? AND at_us < ?"
NUMBERED = """
    SELECT id FROM (
        SELECT id, row_number() OVER (ORDER BY at_us, id) AS n FROM detections
        WHERE camera_id = ?1 AND at_us >= ?2 AND at_us < ?3
    ) WHERE n * ?5 / ?4 <> (n - 1) * ?5 / ?4
"""
IN_EACH_PART = """
    WITH RECURSIVE part(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM part WHERE n < ?4 - 1)
    SELECT (
        SELECT id FROM detections WHERE camera_id = ?1
        AND at_us >= ?2 + (?3 - ?2) * n / ?4 AND at_us < ?2 + (?3 - ?2) * (n + 1) / ?4
        ORDER BY at_us, id LIMIT 1
    ) FROM part
"""
FRAMES = """
    SELECT at_us, width, height, labels, boxes, model_id FROM detections
    WHERE id IN ({marks}) ORDER BY at_us, id
"""

Ints = npt.NDArray[np.int64]
NO_INTS: Ints = np.zeros(0, np.int64)


class Footpoint(NamedTuple):
    """The middle of a box's lower edge, in unit coordinates.

    Attributes:
        track_id: of the object; ``None`` where it was not followed.
    """

    at_us: WallUs
    track_id: int | None
    label: str
    x: float
    y: float


class Frame(NamedTuple):
    """What is read of an analysed frame."""

    at_us: WallUs
    width: int
    height: int
    labels: str
    boxes: bytes
    model_id: int | None


class Boxes(NamedTuple):
    """The boxes of some frames, one after the other; all arrays have the same length.

    Attributes:
        frame: which of the frames each box is in.
        label: the place of its label among those of the frame.
        track: the number of its track; 0 for none.
        foot: shape (n, 2), in unit coordinates.
    """

    frame: Ints
    label: Ints
    track: Ints
    foot: npt.NDArray[np.float64]


def footpoints(
    connection: Connection, camera_id: CameraId, from_us: WallUs, to_us: WallUs
) -> list[Footpoint]:
    """Return where objects stood from ``from_us`` until before ``to_us``, in order of time.

    There are at most ``MOST_POINTS``: of more they are those of frames that are evenly spread, over the
    frames that were analysed or, where these are very many, over the time.
    """
    frames = _frames(connection, _chosen(connection, camera_id, from_us, to_us))
    boxes = _boxes(frames)
    count = len(boxes.frame)
    kept = np.arange(min(count, MOST_POINTS)) * count // max(min(count, MOST_POINTS), 1)
    names = {frame.labels: label_names(frame.labels) for frame in frames}
    columns = (boxes.frame[kept], boxes.label[kept], boxes.track[kept], np.round(boxes.foot[kept], 4))
    return [
        Footpoint(frames[frame].at_us, track or None, names[frames[frame].labels][label], x, y)
        for frame, label, track, (x, y) in zip(*(column.tolist() for column in columns), strict=True)
    ]


def _chosen(connection: Connection, camera_id: CameraId, from_us: WallUs, to_us: WallUs) -> list[int]:
    """Return the ids of the frames to look at."""
    range_ = (camera_id, from_us, to_us)
    count = connection.exec_driver_sql(COUNT, range_).scalar_one()
    if count > MANY_FRAMES:
        found = connection.exec_driver_sql(IN_EACH_PART, (*range_, MOST_POINTS)).scalars()
        return [frame for frame in found if frame is not None]
    return list(connection.exec_driver_sql(NUMBERED, (*range_, count, MOST_POINTS)).scalars())


def _frames(connection: Connection, ids: Sequence[int]) -> list[Frame]:
    statement = FRAMES.format(marks=", ".join("?" * len(ids)))
    return [Frame(*row) for row in connection.exec_driver_sql(statement, tuple(ids))]


def _boxes(frames: Sequence[Frame]) -> Boxes:
    """Return the boxes of frames; probes are none. Frames of one form are read at once, which is quick."""
    first, parts = 0, [Boxes(NO_INTS, NO_INTS, NO_INTS, np.zeros((0, 2)))]
    for is_former, run in itertools.groupby(frames, lambda frame: frame.model_id is None):
        alike = list(run)
        found = _former_boxes(alike) if is_former else _present_boxes(alike)
        parts.append(found._replace(frame=found.frame + first))
        first += len(alike)
    return Boxes(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def _present_boxes(frames: Sequence[Frame]) -> Boxes:
    records, whose = _records(frames, BOX)
    is_box = records["label"] != PROBE
    records = records[is_box]
    return _placed(records, whose[is_box], records["unit"] / STEPS)


def _former_boxes(frames: Sequence[Frame]) -> Boxes:
    records, whose = _records(frames, FORMER_BOX)
    sizes = np.array([(frame.width, frame.height) * 2 for frame in frames], np.float64)
    return _placed(records, whose, records["xyxy"] / sizes[whose])


def _records(frames: Sequence[Frame], form: "np.dtype[np.void]") -> tuple[npt.NDArray[np.void], Ints]:
    """Return the records of frames, and which frame each one is of; half a record is cut off."""
    counts = [len(frame.boxes) // form.itemsize for frame in frames]
    whole = (frame.boxes[: n * form.itemsize] for frame, n in zip(frames, counts, strict=True))
    return np.frombuffer(b"".join(whole), form), np.repeat(np.arange(len(frames)), counts)


def _placed(records: npt.NDArray[np.void], whose: Ints, edges: npt.NDArray[np.float64]) -> Boxes:
    foot = np.stack(((edges[:, 0] + edges[:, 2]) / 2, edges[:, 3]), axis=1)
    return Boxes(whose, records["label"].astype(np.int64), records["track_id"].astype(np.int64), foot)
