"""Where objects stood at a camera: the foot points of the boxes of some of its analysed frames."""

from collections.abc import Sequence
from typing import NamedTuple, TypeVar

from sqlalchemy import Connection

from appliance.domain.ids import CameraId
from appliance.domain.time import WallUs
from appliance.store.boxes import wire_boxes

MOST_POINTS = 2000

# By the index alone: what is read of each of the 18,000 frames of an hour is its place in it.
IDS = "SELECT id FROM detections WHERE camera_id = ? AND at_us >= ? AND at_us < ? ORDER BY at_us, id"
FRAMES = (
    "SELECT at_us, width, height, labels, boxes, model_id FROM detections "
    "WHERE id IN ({marks}) ORDER BY at_us, id"
)

T = TypeVar("T")


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


def footpoints(
    connection: Connection, camera_id: CameraId, from_us: WallUs, to_us: WallUs
) -> list[Footpoint]:
    """Return where objects stood from ``from_us`` until before ``to_us``, in order of time.

    Of a long or a lively time there are as many frames, evenly spread over those that were analysed, as make
    about ``MOST_POINTS`` points, and never more points than that.
    """
    ids = connection.exec_driver_sql(IDS, (camera_id, from_us, to_us)).scalars().all()
    chosen = spread(ids, MOST_POINTS)
    marks = ", ".join("?" * len(chosen))
    rows = connection.exec_driver_sql(FRAMES.format(marks=marks), tuple(chosen))
    points = [
        Footpoint(
            WallUs(at_us),
            box.track_id,
            box.label,
            round((box.box[0] + box.box[2]) / 2 / width, 4),
            round(box.box[3] / height, 4),
        )
        for at_us, width, height, labels, boxes, model_id in rows
        for box in wire_boxes(labels, boxes, model_id, width, height)
    ]
    return spread(points, MOST_POINTS)


def spread(items: Sequence[T], most: int) -> list[T]:
    """Return so many of the items at most, in their order and evenly spread; all where they are few."""
    if len(items) <= most:
        return list(items)
    return [items[n * len(items) // most] for n in range(most)]
