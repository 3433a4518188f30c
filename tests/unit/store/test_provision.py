"""The cameras of the configuration file become rows, and what changes of them is said."""

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection

from appliance.domain.camera import Camera, Credentials, DecodePolicy
from appliance.domain.footage import DEFAULT_POLICY, RecordingMode, RecordingPolicy, ScheduleEntry
from appliance.domain.ids import CameraId
from appliance.domain.scene import EMPTY_SCENE, Line, LineId, Scene
from appliance.domain.time import WallUs
from appliance.store import pipeline, scene_form
from appliance.store.engine import Store
from appliance.store.settings import StoreSettings
from appliance.store.statements import change_camera
from tests.support.clock import SimulatedClock
from tests.support.rows import NOON_US

FRONT = Camera(
    CameraId("front"),
    "Front door",
    "rtsp://192.0.2.1/a",
    Credentials("eve", "canary-1"),
    decode=DecodePolicy.KEYFRAMES,
    live_url="rtsp://192.0.2.1/small",
    recording=RecordingPolicy(
        RecordingMode.EVENTS,
        schedule=(ScheduleEntry(frozenset({0, 6}), 22 * 60, 6 * 60 + 30, RecordingMode.OFF),),
        keep_days=14.0,
        sound=False,
    ),
)
YARD = Camera(CameraId("yard"), "Yard", "demo:", None, loop=True, labels=frozenset({"dog", "cat"}))


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[Connection]:
    """A transaction on a database that knows both cameras, with everything about them said."""
    with Store(tmp_path, SimulatedClock(), StoreSettings()) as store, store.writer.begin() as made:
        pipeline.provision(made, [FRONT, YARD], WallUs(NOON_US))
        yield made


def said_by(connection: Connection, *cameras: Camera) -> list[tuple[str, str]]:
    """Make these the file's cameras, a day later; return type and camera of each message about it."""
    before = connection.exec_driver_sql("SELECT max(cursor) FROM outbox").scalar_one()
    pipeline.provision(connection, cameras, WallUs(NOON_US + 86_400_000_000))
    after = connection.exec_driver_sql("SELECT type, camera_id FROM outbox WHERE cursor > ?", (before,))
    return [(row[0], row[1]) for row in after]


def test_a_camera_of_the_file_comes_back_as_it_was_written(connection: Connection) -> None:
    """With its credentials, which only its reader is given."""
    assert pipeline.cameras(connection) == [FRONT, YARD]


def test_an_unchanged_file_says_nothing(connection: Connection) -> None:
    """Every start reads the file; the clients need not hear of it."""
    assert said_by(connection, YARD, FRONT) == []


@pytest.mark.parametrize(
    "change",
    [
        {"name": "Gate"},
        {"url": "rtsp://192.0.2.1/b"},
        {"enabled": False},
        {"detect_fps": 2.0},
        {"decode": DecodePolicy.ALWAYS},
        {"live_url": None},
        {"live_url": "rtsp://192.0.2.1/smaller"},
        {"recording": RecordingPolicy(RecordingMode.MOTION, 1.5, 20.0, most_bytes=10**9)},
        {"recording": DEFAULT_POLICY},
    ],
)
def test_a_changed_camera_is_said_once(connection: Connection, change: dict[str, object]) -> None:
    """And no other with it."""
    changed = dataclasses.replace(FRONT, **change)  # type: ignore[arg-type]
    assert said_by(connection, changed, YARD) == [("camera_updated", "front")]
    assert pipeline.cameras(connection) == [changed, YARD]


@pytest.mark.parametrize(
    "credentials", [Credentials("eve", "canary-2"), Credentials("mallory", "canary-1"), None]
)
def test_changed_credentials_are_said_and_never_shown(
    connection: Connection, credentials: Credentials | None
) -> None:
    """A reader must log in anew; nobody else may learn with what."""
    changed = dataclasses.replace(FRONT, credentials=credentials)
    assert said_by(connection, changed, YARD) == [("camera_updated", "front")]
    assert pipeline.cameras(connection) == [changed, YARD]
    outbox = str(connection.exec_driver_sql("SELECT * FROM outbox").fetchall())
    assert "canary" not in outbox
    assert "192.0.2.1" not in outbox


def test_one_that_leaves_the_file_is_switched_off_and_handed_to_the_api(connection: Connection) -> None:
    """It is said once; its owner may then change or delete it."""
    assert said_by(connection, YARD) == [("camera_updated", "front")]
    rows = connection.exec_driver_sql("SELECT id, managed_by, enabled FROM cameras ORDER BY id").fetchall()
    assert [tuple(row) for row in rows] == [("front", "api", 0), ("yard", "file", 1)]
    assert said_by(connection, YARD) == []


def test_one_that_returns_to_the_file_is_the_file_s_again(connection: Connection) -> None:
    """It keeps the time at which it was first known."""
    said_by(connection, YARD)
    assert said_by(connection, FRONT, YARD) == [("camera_updated", "front")]
    assert pipeline.cameras(connection) == [FRONT, YARD]
    created = connection.exec_driver_sql("SELECT created_us FROM cameras WHERE id = 'front'").scalar_one()
    assert created == NOON_US


def test_cameras_that_the_api_made_are_not_the_file_s_to_take(connection: Connection) -> None:
    """An empty file touches only what a file made."""
    connection.exec_driver_sql("INSERT INTO cameras (id, name, url) VALUES ('mine', '', '')")
    assert said_by(connection) == [("camera_updated", "front"), ("camera_updated", "yard")]
    mine = connection.exec_driver_sql("SELECT enabled FROM cameras WHERE id = 'mine'").scalar_one()
    assert mine == 1


@pytest.mark.parametrize("recording", ["5", '{"mode": "sometimes"}', '{"schedule": [{}]}', "[]", "null"])
def test_a_recording_that_makes_no_sense_is_the_usual_one(
    connection: Connection, recording: str, caplog: pytest.LogCaptureFixture
) -> None:
    """A foreign program wrote it: the camera is recorded all the same, and so are the others."""
    connection.exec_driver_sql("UPDATE cameras SET recording = ? WHERE id = 'front'", (recording,))
    front, yard = pipeline.cameras(connection)
    assert (front.recording, yard) == (DEFAULT_POLICY, YARD)
    assert "camera front: its recording is not as it should be" in caplog.text


GATE = Scene(lines=(Line(LineId("gate"), "Gate", (0.0, 0.5), (1.0, 0.5)),))


def drawn(connection: Connection, camera: Camera) -> tuple[Scene, str]:
    """Return what is drawn on the picture of a camera, and who draws it."""
    by = connection.exec_driver_sql("SELECT scene_managed_by FROM cameras WHERE id = ?", (camera.id,))
    (scene,) = (made.scene for made in pipeline.cameras(connection) if made.id == camera.id)
    return scene, by.scalar_one()


def test_what_the_file_draws_is_the_file_s(connection: Connection) -> None:
    """Until it draws nothing any more: then nothing is drawn, and others may."""
    said_by(connection, YARD, dataclasses.replace(FRONT, scene=GATE))
    assert drawn(connection, FRONT) == (GATE, "file")
    assert said_by(connection, YARD, FRONT) == [("camera_updated", "front")]
    assert drawn(connection, FRONT) == (EMPTY_SCENE, "api")


def test_where_the_file_draws_nothing_others_do(connection: Connection) -> None:
    """Their zones outlast every start; a camera that leaves the file keeps its own."""
    change_camera(connection, FRONT.id, {"scene": scene_form.row_of(GATE)}, None, WallUs(NOON_US))
    assert said_by(connection, YARD, FRONT) == []
    assert drawn(connection, FRONT) == (GATE, "api")
    said_by(connection, FRONT, dataclasses.replace(YARD, scene=GATE))
    said_by(connection, FRONT)
    assert drawn(connection, YARD) == (GATE, "api")
