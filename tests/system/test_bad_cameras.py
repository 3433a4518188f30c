"""Passwords before a real RTSP server, and a real model cut short, as the running appliance takes them."""

import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.support.listener import Heard
from tests.support.passer import write_passer
from tests.support.rtsp import RtspServer, RtspServerMissing, rtsp_server, shared_folder
from tests.support.server import nightjar, nightjar_command

pytestmark = pytest.mark.system

USER, PASSWORD, WRONG = "admin", "s:e@c/r#e t", "Tr0mb:ne@/?"


@pytest.fixture
def locked(tmp_path: Path) -> Iterator[RtspServer]:
    """A server that wants digest authentication."""
    clip = write_passer(tmp_path / "door.mp4")
    try:
        with rtsp_server([clip], USER, PASSWORD) as server:
            yield server
    except RtspServerMissing as err:
        pytest.skip(str(err))


def has_status(camera: str, status: str, heard: Heard) -> bool:
    """Return whether a message says that this camera is in that state."""
    said = heard.type == "camera_status" and heard.data["id"] == camera
    return said and heard.data["status"] == status


def address(server: RtspServer, password: str) -> str:
    """Return the address with user name and password, as an owner writes it."""
    return server.url("door").replace("rtsp://", f"rtsp://{USER}:{quote(password, safe='')}@")


async def test_the_right_password_opens_and_the_wrong_one_is_named_but_not_shown(
    locked: RtspServer, tmp_path: Path
) -> None:
    """One camera is online beside the other's ``auth_failed``; neither password leaves the process."""
    config = '[detector]\nmodel = "builtin"\n' + "".join(
        f'[[cameras]]\nid = "{name}"\nurl = "{address(locked, password)}"\n'
        for name, password in (("right", PASSWORD), ("wrong", WRONG))
    )
    async with nightjar(tmp_path / "data", config) as server:
        async with server.listener("events,detections,alerts,system") as listener:
            await listener.first(partial(has_status, "right", "online"))
            refused = await listener.first(partial(has_status, "wrong", "auth_failed"))
            assert "refuses user name or password" in refused.data["status_reason"]
            await listener.first(lambda heard: heard.type == "event_created")
            said = json.dumps([heard.message for heard in listener.heard])
        paths = ("cameras", "cameras/wrong", "cameras/wrong/address", "events", "system")
        said += json.dumps([await server.get(path) for path in paths])
        said += await server.text("metrics")
    said += server.output.decode()
    for secret in (PASSWORD, WRONG):
        assert secret not in said
        assert quote(secret, safe="") not in said


async def test_a_model_that_was_cut_short_is_named_and_the_builtin_detector_works(tmp_path: Path) -> None:
    """Half of a real model's file: the service is up and detects without it, and says so."""
    whole = shared_folder() / "models" / "yolox_nano.onnx"
    if not whole.is_file():
        pytest.skip(f"no model: {whole} is absent (NIGHTJAR_SHARED names its folder)")
    model = tmp_path / "yolox_nano.onnx"
    content = whole.read_bytes()
    model.write_bytes(content[: len(content) // 2])
    url = write_passer(tmp_path / "passer.mp4").as_uri()
    config = f'[detector]\nmodel = "{model}"\n[[cameras]]\nid = "door"\nurl = "{url}"\nloop = true\n'
    async with nightjar(tmp_path / "data", config) as server, server.listener("events,system") as listener:
        await listener.first(lambda heard: heard.type == "health" and is_degraded(heard, "model"))
        await listener.first(lambda heard: heard.type == "event_created")
        detector = (await server.get("system"))["detector"]
        assert (detector["state"], detector["name"].split()[0]) == ("ready", "built-in")
        assert "yolox_nano.onnx" in detector["note"]
        assert await server.stop() == 0
    assert (await nightjar_command("check", "--data", str(tmp_path / "data")))[0] == 0


def is_degraded(health: Heard, part: str) -> bool:
    """Return whether a message of health says that of a part."""
    return any(one["part"] == part and one["level"] == "degraded" for one in health.data["parts"])
