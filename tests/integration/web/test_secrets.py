"""A camera's password is looked for everywhere."""

import asyncio
import json
import logging
import re
from pathlib import Path

import pytest

from appliance.domain.camera import Credentials
from appliance.errors import SourceFailure
from appliance.store import pipeline
from appliance.web.app import route_table
from appliance.web.settings import WebSettings
from appliance.web.websocket.handler import WebSocketHandler
from appliance.web.websocket.session import Source
from appliance.web.websocket.settings import WebSocketSettings
from tests.support.web import Answer, FakeCameras, WebBox

CANARY = "kanarienvogel"
USER = "wachtmeister"
ADDRESS = f"rtsp://{USER}:{CANARY}@192.0.2.7/stream"
OTHERS = [f"{scheme}://{USER}:{CANARY}@192.0.2.7/v?a=b" for scheme in ("rtsps", "http", "https")]
CAMERAS = "/api/v1/cameras"
SEARCH = {"host": "192.0.2.7", "user": USER, "password": CANARY}
BAD_SEARCHES: list[dict[str, object]] = [
    {"host": ADDRESS},
    {"host": [ADDRESS]},
    {"host": "127.0.0.1"},
    {"user": [USER], "password": [CANARY]},
    {"password": CANARY * 30},
    {"password": {"word": CANARY}},
    {"user": f"{USER}\u0000"},
]
FOOTAGE = {"segment_id": "s", "export_id": "x", "target_id": "t"}


async def provoke(box: WebBox) -> list[Answer]:
    """Do everything that is done with an address, well and badly."""
    assert isinstance(box.with_.cameras, FakeCameras)
    new = {"name": "Gate", "address": ADDRESS}
    answers = [
        await box.ask("POST", CAMERAS, new),
        await box.ask("POST", CAMERAS, {**new, "id": "gate"}),
        await box.ask("PATCH", f"{CAMERAS}/gate", {"address": ADDRESS, "name": "Front gate"}),
        await box.ask("POST", f"{CAMERAS}/test", {"address": ADDRESS}),
        await box.ask("POST", CAMERAS, {**new, "address": [ADDRESS]}),
        await box.ask("POST", CAMERAS, {**new, "live_address": ADDRESS}),
        await box.ask("POST", CAMERAS, {**new, "live_address": [ADDRESS]}),
        await box.ask("PATCH", f"{CAMERAS}/gate", {"live_address": ADDRESS}),
        await box.ask("POST", CAMERAS, {**new, "address": f"rtsp://{USER}:{CANARY}@"}),
        await box.ask("POST", CAMERAS, {**new, "address": f"rtsp://{USER}:{CANARY}@cam:x/"}),
        await box.ask("POST", CAMERAS, {**new, "address": f"ftp://{USER}:{CANARY}@cam/"}),
        *[await box.ask("POST", CAMERAS, {**new, "address": address}) for address in OTHERS],
        *[await box.ask("POST", f"{CAMERAS}/test", {"address": address}) for address in OTHERS],
        await box.ask("POST", f"{CAMERAS}/find", SEARCH),
        *[await box.ask("POST", f"{CAMERAS}/find", {**SEARCH, **change}) for change in BAD_SEARCHES],
        await box.ask("POST", CAMERAS, {**new, "address": f"http://192.0.2.7/v?user={USER}&pwd={CANARY}"}),
        await box.ask("POST", CAMERAS, {**new, "address": f"rtsp://127.0.0.1/{CANARY}?password={CANARY}"}),
        await box.ask(
            "POST", CAMERAS, raw=json.dumps(new)[:-1].encode(), headers={"Content-Type": "application/json"}
        ),
    ]
    box.with_.cameras.failure = SourceFailure("unauthorized", f"401 from {ADDRESS}")
    answers.append(await box.ask("POST", f"{CAMERAS}/test", {"address": ADDRESS}))
    answers.append(await box.ask("POST", f"{CAMERAS}/find", SEARCH))
    return answers


async def readable(box: WebBox) -> list[Answer]:
    """Ask every route that only reads."""
    source = Source(box.spine.bus, box.spine.log, box.with_.clock, "epoch")
    socket = WebSocketHandler(source, WebSocketSettings(), box.with_.metrics)
    routes = route_table(box.with_, WebSettings(), socket.handle)
    paths = [
        r.path.format(camera_id="gate", event_id="e", batch_id="b", alert_id="a", rule_id="r", **FOOTAGE)
        for r in routes
        if r.method == "GET" and not r.path.endswith("/ws")
    ]
    return [await box.get(path) for path in paths]


async def heard(box: WebBox) -> str:
    """Return everything that a client of the live messages is sent from the beginning."""
    async with box.http.ws_connect(f"{box.url}/api/v1/ws?after=0") as socket:
        async with asyncio.timeout(10):
            texts = [await socket.receive_str() for _ in range(8)]
    return "\n".join(texts)


async def test_a_cameras_password_is_nowhere_but_sealed_in_its_own_table(
    box: WebBox, caplog: pytest.LogCaptureFixture
) -> None:
    """No answer, header, message, outbox row, metric or log line has user or password of a camera."""
    caplog.set_level(logging.DEBUG)
    answers = [*await provoke(box), *await readable(box)]
    said = "\n".join(
        [*(f"{a.headers} {a.body.decode(errors='replace')}" for a in answers), await heard(box), caplog.text]
    )
    assert "camera_created" in said
    for secret in (CANARY, USER):
        assert secret not in said
    async with box.spine.reader.read() as connection:
        for table in ("outbox", "cameras", "camera_credentials"):
            rows = (await connection.exec_driver_sql(f"SELECT * FROM {table}")).fetchall()
            assert rows
            assert CANARY not in str(rows), table
    stored = await box.spine.reader.ask(pipeline.cameras)
    assert Credentials(USER, CANARY) in [camera.credentials for camera in stored]


async def test_the_page_itself_loads_nothing_from_elsewhere(box: WebBox) -> None:
    """Nothing leaves the box: no other host is named or allowed, nor script or style in the page's text.

    That nothing is asked of another host is seen in a browser (``tests/e2e``).
    """
    answer = await box.get("/")
    page = answer.body.decode()
    assert "/static/index-" in page, "the page was not built: make page"
    sheets = list((Path(__file__).parents[3] / "appliance" / "web" / "static").glob("*.css"))
    assert sheets
    for text in (page, *(path.read_text() for path in sheets)):
        assert re.findall(r"https?://|//cdn|@import", text) == []
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'self';" in policy
    assert re.findall(r"unsafe|https?:|\*", policy) == []
    assert "<style" not in page
    assert "style=" not in page
    assert "onclick" not in page
    assert re.findall(r"<script(?![^>]* src=./static/)", page) == []
