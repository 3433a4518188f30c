"""What readers say of their cameras becomes rows, and what changes by it is said."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection

from appliance.domain.camera import (
    Camera,
    CameraReport,
    CameraState,
    DecodeMode,
    Decoding,
    StreamFacts,
    StreamMeasured,
)
from appliance.domain.ids import CameraId
from appliance.domain.time import WallUs
from appliance.store import pipeline
from appliance.store.engine import Store
from appliance.store.settings import StoreSettings
from appliance.store.times import iso_of_us
from tests.support.clock import SimulatedClock
from tests.support.rows import NOON_US

FRONT = CameraId("front")
ANNOUNCED = StreamFacts("h264", 1920, 1080, 15.0)
MEASURED = StreamFacts(
    "h264",
    1920,
    1080,
    14.98765,
    8.00049,
    Decoding(
        DecodeMode.CONTINUOUS,
        "the keyframe interval is 8.0 s",
        "set it to 1 to 2 s",
        "software",
        "there is no GPU",
    ),
)
WIRE = {
    "codec": "h264",
    "width": 1920,
    "height": 1080,
    "fps": 14.988,
    "gop_s": 8.0,
    "decoding": {
        "mode": "continuous",
        "reason": "the keyframe interval is 8.0 s",
        "advice": "set it to 1 to 2 s",
        "decoder": "software",
        "decoder_note": "there is no GPU",
    },
}
"""``MEASURED`` as lists and messages show it."""


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[Connection]:
    """A transaction on a database with one camera, which is online as announced."""
    with Store(tmp_path, SimulatedClock(), StoreSettings()) as store, store.writer.begin() as made:
        pipeline.provision(made, [Camera(FRONT, "Front door", "demo:")], WallUs(NOON_US))
        pipeline.save_report(made, CameraReport(FRONT, CameraState.ONLINE, "", ANNOUNCED), WallUs(NOON_US))
        yield made


def last(connection: Connection) -> tuple[int, str, dict[str, Any]]:
    """Return cursor, type and data of the newest message."""
    row = connection.exec_driver_sql(
        "SELECT cursor, type, data FROM outbox ORDER BY cursor DESC LIMIT 1"
    ).one()
    return row[0], row[1], json.loads(row[2])


def test_a_stream_that_was_announced_says_what_is_not_known_yet(connection: Connection) -> None:
    """A figure that nobody has measured is null."""
    _, kind, data = last(connection)
    assert (kind, data["status"]) == ("camera_status", "online")
    assert data["stream"] == {**WIRE, "fps": 15.0, "gop_s": None, "decoding": None}


def test_what_was_measured_is_said_as_a_change_of_the_stream(connection: Connection) -> None:
    """Once: the same again is no news. State and reason stay, and the time since when they hold."""
    before, _, said = last(connection)
    for _ in range(2):
        pipeline.save_measured(connection, StreamMeasured(FRONT, MEASURED))
    assert last(connection) == (before + 1, "camera_status", {**said, "stream": WIRE})


@pytest.mark.parametrize("state", [state for state in CameraState if state is not CameraState.ONLINE])
def test_what_was_measured_before_a_connection_broke_is_no_news(
    connection: Connection, state: CameraState
) -> None:
    """A late word of a reader does not make a camera look as if it were read."""
    pipeline.save_report(connection, CameraReport(FRONT, state, "gone"), WallUs(NOON_US + 1))
    before = last(connection)
    pipeline.save_measured(connection, StreamMeasured(FRONT, MEASURED))
    assert last(connection) == before


def test_what_was_measured_of_a_deleted_camera_changes_nothing(connection: Connection) -> None:
    """Its reader may still have been at work."""
    connection.exec_driver_sql("DELETE FROM cameras")
    before = last(connection)
    pipeline.save_measured(connection, StreamMeasured(FRONT, MEASURED))
    assert last(connection) == before


def test_the_same_state_since_another_time_is_said(connection: Connection) -> None:
    """A service that was stopped while it connected and starts again: the last word is what the row holds."""
    report = CameraReport(FRONT, CameraState.CONNECTING, "connecting for the first time")
    for second in (1, 2):
        pipeline.save_report(connection, report, WallUs(NOON_US + second * 1_000_000))
    _, kind, data = last(connection)
    assert (kind, data["status_since"]) == ("camera_status", iso_of_us(WallUs(NOON_US + 2_000_000)))
