"""Bad input meets a clear error at the running appliance, and costs nothing else."""

import asyncio
import json
import sqlite3
from contextlib import ExitStack, closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest

from tests.support.clips import write_sound
from tests.support.listener import Heard, Json
from tests.support.mute_server import mute_server
from tests.support.passer import write_passer
from tests.support.refusing_server import refusing_server
from tests.support.server import nightjar, nightjar_command

SECRET = "Tr0mb!ne"
BUILTIN = '[detector]\nmodel = "builtin"\n'
ALL = "events,detections,alerts,system"


def camera(camera_id: str, url: str) -> str:
    """Return a camera's table."""
    return f'[[cameras]]\nid = "{camera_id}"\nurl = "{url}"\n'


@dataclass(frozen=True, slots=True)
class Trouble:
    """What a service with nothing but bad input says.

    Attributes:
        cameras: by id.
        system: the answer of ``/api/v1/system``.
        said: everything that left the process, the outbox included.
        log: what it printed.
    """

    cameras: dict[str, Json]
    system: Json
    said: str
    log: str


async def trouble_of(folder: Path, mute_port: int, refusing_port: int) -> Trouble:
    """Run a service on a broken model and on cameras that give no picture, until all of them have said so."""
    model = folder / "broken.onnx"
    model.write_bytes(b"\x08\x07\x12\x07pytorch" + bytes(range(256)) * 8)
    sound = write_sound(folder / "sound.mp4")
    config = (
        f'[packets]\nopen_timeout_s = 1.0\n[detector]\nmodel = "{model}"\n'
        + camera("mute", f"rtsp://127.0.0.1:{mute_port}/live")
        + camera("locked", f"rtsp://admin:{SECRET}@127.0.0.1:{refusing_port}/live")
        + camera("deaf", sound.as_uri())
        + camera("gone", (folder / "gone.mp4").as_uri())
        + camera("good", write_passer(folder / "passer.mp4").as_uri())
    )
    async with nightjar(folder / "data", config) as server, server.listener(ALL) as listener:
        for camera_id in ("mute", "locked", "deaf", "gone", "good"):
            await listener.first(partial(has_a_state, camera_id))
        await listener.first(lambda heard: heard.type == "event_created")
        listed = (await server.get("cameras"))["items"]
        system = await server.get("system")
        while "broken.onnx" not in system["detector"]["note"]:
            system = await server.get("system")
        paths = ["events", "system/health", "cameras/locked", "cameras/locked/address", "openapi.json"]
        bodies = [await server.get(path) for path in paths]
        metrics = await server.text("metrics")
        heard = [one.message for one in listener.heard]
    said = json.dumps([listed, system, bodies, heard]) + metrics + outbox(folder / "data")
    return Trouble({one["id"]: one for one in listed}, system, said, server.output.decode())


def has_a_state(camera_id: str, heard: Heard) -> bool:
    """Return whether a message says how the first attempt to read a camera went."""
    return (
        heard.type == "camera_status"
        and heard.data["id"] == camera_id
        and heard.data["status"] != "connecting"
    )


def outbox(data: Path) -> str:
    """Return every row of the outbox as text."""
    with closing(sqlite3.connect(data / "nightjar.db")) as connection:
        return str(connection.execute("SELECT * FROM outbox").fetchall())


@pytest.fixture(scope="module")
def trouble(tmp_path_factory: pytest.TempPathFactory) -> Trouble:
    """One run for all the tests that only look at what it said."""
    with ExitStack() as stack:
        mute, refusing = stack.enter_context(mute_server()), stack.enter_context(refusing_server())
        return asyncio.run(trouble_of(tmp_path_factory.mktemp("trouble"), mute, refusing))


@pytest.mark.parametrize(
    ("camera_id", "status", "reason"),
    [
        ("mute", "offline", "does not answer within 1 s"),
        ("locked", "auth_failed", "refuses user name or password"),
        ("deaf", "no_video", "no video stream"),
        ("gone", "offline", "there is no file gone.mp4"),
        ("good", "online", ""),
    ],
)
def test_a_camera_that_gives_no_picture_says_why(
    trouble: Trouble, camera_id: str, status: str, reason: str
) -> None:
    """Each trouble has a state and a sentence of its own, and none of them costs the good camera anything."""
    shown = trouble.cameras[camera_id]
    assert shown["status"] == status
    assert reason in shown["status_reason"]


def test_a_wrong_password_is_nowhere(trouble: Trouble) -> None:
    """Not in the log, an answer, a message, a metric or the outbox."""
    assert "locked" in trouble.said
    assert SECRET not in trouble.said
    assert SECRET not in trouble.log


def test_a_broken_model_leaves_the_builtin_detector_at_work(trouble: Trouble) -> None:
    """The service is up, detects, and says which file is wrong and that built-in works instead."""
    detector = trouble.system["detector"]
    assert (detector["state"], detector["name"].split()[0]) == ("ready", "built-in")
    assert "broken.onnx" in detector["note"]
    parts = {part["part"]: part for part in trouble.system["health"]["parts"]}
    assert parts["model"]["level"] == "degraded"
    assert "broken.onnx" in parts["model"]["reason"]


async def test_a_corrupt_database_is_moved_aside(tmp_path: Path) -> None:
    """The start goes on with a new database of a new epoch; the old file is kept, and health says so."""
    data = tmp_path / "data"
    async with nightjar(data, BUILTIN) as server:
        old = (await server.get("system/version"))["epoch"]
    database = data / "nightjar.db"
    database.write_bytes(b"\x00nothing like a header" + database.read_bytes()[22:])
    damaged = database.read_bytes()
    async with nightjar(data, BUILTIN) as server, server.socket() as socket_:
        hello = await socket_.receive_json(timeout=10)
        await socket_.send_json({"type": "subscribe", "channels": ["events"], "epoch": old, "after": 0})
        answers = [await socket_.receive_json(timeout=10) for _ in range(2)]
        health = await server.get("system/health")
    assert hello["epoch"] != old
    assert [a["reason"] for a in answers if a["type"] == "reset"] == ["new_epoch"]
    aside = list(data.glob("nightjar.db.corrupt.*"))
    assert [file.read_bytes() for file in aside] == [damaged]
    parts = {part["part"]: part for part in health["parts"]}
    assert parts["database file"]["level"] == "degraded"
    assert aside[0].name in parts["database file"]["reason"]
    assert (await nightjar_command("check", "--data", str(data)))[0] == 0


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7 something else" * 400])
async def test_any_file_in_place_of_the_database_is_survived(tmp_path: Path, content: bytes) -> None:
    """Empty or of another kind: the service starts and its database is sound."""
    data = tmp_path / "data"
    data.mkdir()
    (data / "nightjar.db").write_bytes(content)
    async with nightjar(data, BUILTIN) as server:
        assert (await server.get("cameras"))["items"] == []
    assert (await nightjar_command("check", "--data", str(data)))[0] == 0
