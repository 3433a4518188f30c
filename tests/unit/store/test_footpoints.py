"""Where objects stood, read from rows of both forms."""

import itertools
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import Connection

from appliance.domain.ids import CameraId
from appliance.domain.time import US_PER_S, WallUs
from appliance.store import footpoints as read
from appliance.store.boxes import BOX, FORMER_BOX, PROBE, STEPS
from appliance.store.engine import Store
from appliance.store.footpoints import MANY_FRAMES, MOST_POINTS, Footpoint, footpoints
from appliance.store.settings import StoreSettings
from tests.support.clock import SimulatedClock

FRONT = CameraId("front")
INSERT = (
    "INSERT INTO detections (camera_id, at_us, width, height, labels, boxes, model_id) "
    "VALUES ('front', ?, 640, 360, '[\"car\",\"person\"]', ?, ?)"
)


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[Connection]:
    """A transaction on an empty database."""
    with Store(tmp_path, SimulatedClock(), StoreSettings()) as store, store.writer.begin() as made:
        yield made


def present(*boxes: tuple[float, float, float, float, int, int]) -> bytes:
    """Return boxes of today's form: xyxy in unit coordinates, the label's place, the track."""
    records = np.zeros(len(boxes), BOX)
    for record, (*edges, label, track) in zip(records, boxes, strict=True):
        record["unit"] = np.rint(np.array(edges) * STEPS)
        record["label"], record["track_id"] = label, track
    return records.tobytes()


def former(*boxes: tuple[float, float, float, float, int, int]) -> bytes:
    """Return boxes of the former form: xyxy in pixels, the label's place, the track."""
    records = np.zeros(len(boxes), FORMER_BOX)
    for record, (*edges, label, track) in zip(records, boxes, strict=True):
        record["xyxy"], record["label"], record["track_id"] = edges, label, track
    return records.tobytes()


def found(connection: Connection, to_s: float) -> list[Footpoint]:
    """Return the points of so many seconds."""
    return footpoints(connection, FRONT, WallUs(0), WallUs(round(to_s * US_PER_S)))


def test_both_forms_of_rows_are_read_and_probes_are_none(connection: Connection) -> None:
    """Frames from before an upgrade stand among those from after it; a look at a place is no object."""
    connection.exec_driver_sql(INSERT, (1, former((64, 36, 192, 180, 1, 5)), None))
    connection.exec_driver_sql(INSERT, (2, present((0.2, 0.1, 0.4, 0.75, 0, 0), (0, 0, 1, 1, PROBE, 0)), 1))
    connection.exec_driver_sql(INSERT, (3, former((0, 0, 640, 360, 0, 6)), None))
    connection.exec_driver_sql(INSERT, (4, b"", 1))
    assert found(connection, 1) == [
        Footpoint(WallUs(1), 5, "person", 0.2, 0.5),
        Footpoint(WallUs(2), None, "car", 0.3, 0.75),
        Footpoint(WallUs(3), 6, "car", 0.5, 1.0),
    ]


def test_a_time_without_frames_has_no_points(connection: Connection) -> None:
    """Nor has one whose frames are empty."""
    assert found(connection, 60) == []
    connection.exec_driver_sql(INSERT, (1, b"", 1))
    assert found(connection, 60) == []


@pytest.mark.parametrize("count", [MOST_POINTS, MOST_POINTS + 1, 3 * MOST_POINTS, MANY_FRAMES + 1])
def test_of_many_frames_some_stand_for_the_others(connection: Connection, count: int) -> None:
    """They are evenly spread over all of them, be they few, many or very many."""
    boxes = present((0.2, 0.1, 0.4, 0.75, 0, 1))
    rows = [(n * US_PER_S, boxes, 1) for n in range(count)]
    connection.exec_driver_sql(INSERT, rows)
    times = [point.at_us // US_PER_S for point in found(connection, count)]
    assert len(times) == MOST_POINTS
    steps = {later - earlier for earlier, later in itertools.pairwise(times)}
    assert steps <= {count // MOST_POINTS, count // MOST_POINTS + 1}
    assert max(times[0], count - times[-1]) <= count // MOST_POINTS + 1


def test_only_the_index_and_the_chosen_frames_are_read(connection: Connection) -> None:
    """However long the time: nobody waits for rows that are not shown."""
    range_ = (FRONT, 0, 10)
    for statement, values in (
        (read.COUNT, range_),
        (read.NUMBERED, (*range_, 1, 1)),
        (read.IN_EACH_PART, (*range_, 1)),
    ):
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values).fetchall()
        ways = [row[3] for row in plan if "detections" in row[3]]
        assert ways
        assert all("USING COVERING INDEX ix_detections_camera_id_at_us" in way for way in ways), ways
