"""Camera samples on a real file."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from appliance.domain.camera import CameraState
from appliance.domain.ids import CameraId
from appliance.domain.time import WallUs
from appliance.store import camera_samples, footage, statements, timeline_columns
from appliance.store.camera_samples import CameraNow, CameraSample, CameraSum
from appliance.store.engine import Store
from appliance.store.settings import StoreSettings
from appliance.store.tables import CameraSample as Row
from tests.support.clock import SimulatedClock
from tests.support.footage_rows import FRONT, minute

YARD = CameraId("yard")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A database with two cameras."""
    with Store(tmp_path, SimulatedClock(), StoreSettings()) as made:
        with made.writer.begin() as connection:
            for camera_id in (FRONT, YARD):
                connection.exec_driver_sql(
                    "INSERT INTO cameras (id, name, url) VALUES (?, ?, 'demo:')", (camera_id, camera_id)
                )
        yield made


def sample(number: float, camera_id: CameraId = FRONT, **changes: Any) -> CameraSample:
    """Return a sample of a camera that was there for the whole five minutes."""
    plain = CameraSample(camera_id, minute(number), 300.0, 300.0, 25.0, 4_000_000, 0, 0)
    return plain._replace(**changes)


def test_samples_of_a_time_are_summed_up_and_their_median_is_found(store: Store) -> None:
    """What was not measured is left out of the median; another camera's is its own."""
    rows = [
        sample(0, fps=99.0),
        sample(5, fps=10.0, bitrate_bps=1_000, losses=2),
        sample(10, online_s=60.0, fps=20.0, bitrate_bps=2_000, corrupt_frames=7),
        sample(15, online_s=0.0, fps=None, bitrate_bps=None, losses=1),
        sample(20, fps=15.5, bitrate_bps=3_000),
        sample(25, fps=99.0),
        sample(10, YARD, fps=1.0),
    ]
    with store.writer.begin() as connection:
        camera_samples.add(connection, rows)
        found = camera_samples.summed(connection, minute(0), minute(20))
    assert found[FRONT] == CameraSum(1200.0, 660.0, 3, 7, 15.5, 2000.0)
    assert found[YARD].fps == 1.0


def test_a_camera_that_was_deleted_leaves_no_figures_to_the_next_of_its_name(store: Store) -> None:
    """The one that takes its place in the garden did not break forty times."""
    with store.writer.begin() as connection:
        camera_samples.add(connection, [sample(5, losses=40), sample(5, YARD)])
        statements.delete_camera(connection, FRONT)
        connection.exec_driver_sql(
            "INSERT INTO cameras (id, name, url) VALUES (?, ?, 'demo:')", (FRONT, FRONT)
        )
        found = camera_samples.summed(connection, minute(0), minute(20))
    assert list(found) == [YARD]


@pytest.mark.parametrize("others", [{}, {"fps": None, "bitrate_bps": None}])
def test_of_a_time_without_samples_nothing_is_known(store: Store, others: dict[str, Any]) -> None:
    """And of one in which nothing came no median is."""
    with store.writer.begin() as connection:
        camera_samples.add(connection, [])
        assert camera_samples.summed(connection, minute(0), minute(20)) == {}
        camera_samples.add(connection, [sample(5, **others)])
        found = camera_samples.summed(connection, minute(0), minute(20))[FRONT]
    assert (found.fps is None, found.bitrate_bps is None) == (bool(others),) * 2


def test_a_second_sample_of_the_same_moment_is_left_out(store: Store) -> None:
    """After the clock went back."""
    with store.writer.begin() as connection:
        camera_samples.add(connection, [sample(5, losses=1)])
        camera_samples.add(connection, [sample(5, losses=8)])
        found = camera_samples.summed(connection, minute(0), minute(20))
    assert found[FRONT].losses == 1


def test_the_oldest_go_in_portions_of_every_camera(store: Store) -> None:
    """And what is young enough stays."""
    with store.writer.begin() as connection:
        for camera_id in (FRONT, YARD):
            camera_samples.add(connection, [sample(number, camera_id) for number in range(4)])
        assert [camera_samples.forget(connection, minute(3), 4) for _ in range(3)] == [4, 2, 0]
        left = connection.exec_driver_sql("SELECT camera_id, at_us FROM camera_samples").fetchall()
    assert left == [(FRONT, minute(3)), (YARD, minute(3))]


def test_only_the_time_that_is_asked_for_is_looked_at(store: Store) -> None:
    """Of each camera, along a key or an index that has all that is wanted, however much else there is."""
    asked = [(camera_samples.SUM, 2), (footage.RECORDED_US, 5), (timeline_columns.GAPS_OF_ALL, 3)]
    with store.writer.begin() as connection:
        plans = [
            [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", (1,) * values)]
            for sql, values in asked
        ]
    for plan in plans:
        assert [step for step in plan if step.startswith("SCAN")] in (
            ["SCAN c"],
            ["SCAN c USING COVERING INDEX sqlite_autoindex_cameras_1"],
        )
    assert "SEARCH s USING PRIMARY KEY (camera_id=? AND at_us>? AND at_us<?)" in plans[0]
    timelines = [step for plan in plans[1:] for step in plan if step.startswith("SEARCH")]
    assert all("COVERING INDEX ix_" in step and "_timeline (camera_id=?" in step for step in timelines)


def test_a_sample_has_the_columns_of_its_table() -> None:
    """In the same order."""
    assert tuple(column.name for column in Row.__table__.columns) == CameraSample._fields


def test_cameras_are_told_in_the_order_of_their_names(store: Store) -> None:
    """With the keyframe interval where one was measured."""
    with store.writer.begin() as connection:
        connection.exec_driver_sql("DELETE FROM cameras")
        connection.exec_driver_sql(
            "INSERT INTO cameras (id, name, url, status, status_reason, status_since_us, stream) VALUES "
            "('b', 'Barn', 'demo:', 'offline', 'no answer', 7, NULL), "
            "('a', 'Yard', 'demo:', 'online', '', 8, '{\"gop_s\": 2.5}')"
        )
        assert camera_samples.cameras_now(connection) == [
            CameraNow(CameraId("b"), CameraState.OFFLINE, "no answer", WallUs(7), None),
            CameraNow(CameraId("a"), CameraState.ONLINE, "", WallUs(8), 2.5),
        ]
