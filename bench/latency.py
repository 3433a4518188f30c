"""How long until a screen knows: a frame's arrival → ``event_created``, a commit → ``camera_status``.

Both end when the message has been received over a real WebSocket on the loopback address, by a client on the
same event loop. The event's way is the product's own from the gate on: detection stage, tracker, event
machine, committer, trigger, publisher, bus, socket. Only the detector is a stub that answers at once, so that
inference is not in the figure; the frame counted is the third, the one that confirms the track.

The floor is what nobody can do without: one durable insert by ``sqlite3`` on a thread, then one message from
a bare aiohttp socket.
"""

import asyncio
import sqlite3
import tempfile
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from fractions import Fraction
from pathlib import Path

import msgspec
import numpy as np
import uvloop
from aiohttp import ClientSession, ClientWebSocketResponse, WSMsgType, web

from appliance.commit.event_writer import EventWriter
from appliance.commit.picture_keeper import PictureKeeper
from appliance.commit.settings import CommitSettings
from appliance.commit.spine import Spine, spine
from appliance.decisions.decider import Decider
from appliance.decisions.setup import Setup
from appliance.decisions.start import Start
from appliance.detections.settings import Settings as DetectionSettings
from appliance.detections.stage import DetectionStage
from appliance.detections.worker_client import DetectorInfo
from appliance.domain.camera import Camera, CameraReport, CameraState
from appliance.domain.detection import Detections
from appliance.domain.frame import Frame, Motion
from appliance.domain.ids import CameraId
from appliance.domain.time import MediaTime, wall_after
from appliance.runtime.clock import SystemClock
from appliance.runtime.health import Health
from appliance.runtime.metrics import Metrics
from appliance.runtime.supervisor import Supervisor
from appliance.store import pipeline
from appliance.store.pictures import Pictures
from appliance.store.settings import StoreSettings
from appliance.watch import Watch
from appliance.web.access import LOCAL
from appliance.web.websocket.handler import WebSocketHandler
from appliance.web.websocket.session import Source
from appliance.web.websocket.settings import WebSocketSettings
from bench.broadcast import Bare, served
from bench.report import median, percentile, progress, result
from detectors import contract
from tests.support.somebody import as_somebody

SAMPLES = 300
FRAMES_TO_CONFIRM = 3
FRONT = CameraId("front")
PERSON = contract.Detections(
    np.array([[100, 60, 180, 300]], np.float32), np.array([0.9], np.float32), np.array([0], np.int64)
)
MOVED = Motion(PERSON.xyxy, 0.1)
GREY = np.full((540, 640), 128, np.uint8)


class Typed(msgspec.Struct):
    """What a client looks at first."""

    type: str


class AtOnce:
    """A worker that sees one person in every picture, without looking."""

    name = "stub"
    info = DetectorInfo("stub", "stub", "none", ("person",), True, "stub")

    async def ready(self) -> DetectorInfo:
        """Return what it is."""
        return self.info

    async def detect(
        self, pictures: Sequence[contract.Picture]
    ) -> tuple[DetectorInfo, list[contract.Detections]]:
        """Return the person, as often as there are pictures."""
        return await self.ready(), [PERSON] * len(pictures)


class Street:
    """Cameras that exist for one visit each, on a running spine."""

    def __init__(self, running: Spine, folder: Path) -> None:
        self._clock = SystemClock()
        self.stage = DetectionStage([AtOnce()], self._clock, Metrics(), DetectionSettings(), self._found)
        self._writer = EventWriter(running.committer, Metrics())
        self._album = PictureKeeper(Pictures(folder), running.committer, Health(), lambda _: b"")
        self._watch: Watch | None = None
        self._reported = asyncio.Event()

    async def visit(self, number: int) -> int:
        """Let somebody come, and return when the frame that confirms the track arrived, monotonic ns."""
        camera = Camera(CameraId(f"camera-{number}"), f"Camera {number}", "demo:")
        self._watch = Watch(
            camera,
            Decider(Setup(camera.id, camera.name), Start(self._clock.wall_us(), "latency")),
            *(self.stage, self._writer, self._album, self._clock, "bench"),
        )
        self.stage.camera(camera.id)
        began = self._clock.wall_us()
        for index in range(FRAMES_TO_CONFIRM):
            arrived = self._clock.monotonic_ns()
            at = wall_after(began, index * 0.2)
            media = MediaTime(index, Fraction(1, 5))
            self._reported.clear()
            self.stage.offer(Frame(camera.id, GREY, media, at, arrived), MOVED)
            await self._reported.wait()
        self.stage.forget(camera.id)
        return arrived

    async def _found(self, frame: Frame, found: Detections) -> None:
        if self._watch is not None:
            self._watch.on_detections(frame, found)
        self._reported.set()


async def heard(socket: ClientWebSocketResponse, wanted: str) -> int:
    """Return when a message of that type was received."""
    while True:
        text = await socket.receive_str()
        now = time.monotonic_ns()
        if msgspec.json.decode(text, type=Typed).type == wanted:
            return now


async def status_ms(running: Spine, socket: ClientWebSocketResponse, number: int) -> tuple[float, float]:
    """Return milliseconds from the hand-over of a status to the client, and from its commit to the client."""
    report = CameraReport(FRONT, CameraState.OFFLINE, f"reason {number}")
    began = time.monotonic_ns()
    committed = asyncio.create_task(_commit(running, report))
    arrived = await heard(socket, "camera_status")
    return (arrived - began) / 1e6, (arrived - await committed) / 1e6


async def _commit(running: Spine, report: CameraReport) -> int:
    at = SystemClock().wall_us()
    await running.committer.commit(lambda connection: pipeline.save_report(connection, report, at))
    return time.monotonic_ns()


async def floor_ms(
    floor: sqlite3.Connection, bare: Bare, socket: ClientWebSocketResponse, number: int
) -> float:
    """Return milliseconds of a durable insert on a thread and a message of a bare socket."""
    began = time.monotonic_ns()
    await asyncio.to_thread(floor.execute, "INSERT INTO said (text) VALUES (?)", (f"reason {number}",))
    await bare.sockets[0].send_frame(b'{"type":"camera_status"}', WSMsgType.TEXT)
    return (await heard(socket, "camera_status") - began) / 1e6


async def measure(stack: AsyncExitStack, folder: Path) -> dict[str, list[float]]:
    """Return all samples in milliseconds."""
    clock, taken = SystemClock(), {"event": [], "status": [], "after commit": [], "floor": []}  # type: ignore[var-annotated]
    running = await stack.enter_async_context(
        spine(folder, clock, Health(), Metrics(), StoreSettings(), CommitSettings())
    )
    await running.committer.commit(
        lambda connection: pipeline.provision(connection, [Camera(FRONT, "Front", "demo:")], clock.wall_us())
    )
    source = Source(running.bus, running.log, clock, running.store.opening.epoch)
    app = web.Application(middlewares=[as_somebody(LOCAL)])
    bare_app, bare = web.Application(), Bare()
    app.router.add_get("/api/v1/ws", WebSocketHandler(source, WebSocketSettings(), Metrics()).handle)
    bare_app.router.add_get("/api/v1/ws", bare.handle)
    ports = [await stack.enter_async_context(served(one)) for one in (app, bare_app)]
    http = await stack.enter_async_context(ClientSession())
    ours, theirs = [
        await stack.enter_async_context(http.ws_connect(f"http://127.0.0.1:{port}/api/v1/ws{query}"))
        for port, query in zip(ports, ("?channels=events,system", ""), strict=True)
    ]
    floor = sqlite3.connect(folder / "floor.db", isolation_level=None, check_same_thread=False)
    floor.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; CREATE TABLE said (text TEXT);")
    street = Street(running, folder)
    parts = await stack.enter_async_context(Supervisor(clock, Health()))
    parts.start("detections", street.stage.run)
    await heard(ours, "subscribed")
    for number in range(SAMPLES):
        arrived = await street.visit(number)
        taken["event"].append((await heard(ours, "event_created") - arrived) / 1e6)
        handed, committed = await status_ms(running, ours, number)
        taken["status"].append(handed)
        taken["after commit"].append(committed)
        taken["floor"].append(await floor_ms(floor, bare, theirs, number))
        if number % 100 == 99:
            progress(f"{number + 1} of {SAMPLES} samples")
    floor.close()
    return taken


async def main() -> None:
    """Measure, and print medians and 99th percentiles."""
    with tempfile.TemporaryDirectory() as folder:
        async with AsyncExitStack() as stack:
            taken = await measure(stack, Path(folder))
    figures: dict[str, object] = {}
    for name, samples in taken.items():
        figures[f"{name.replace(' ', '_')}_p50_ms"] = round(percentile(samples, 50), 2)
        figures[f"{name.replace(' ', '_')}_p99_ms"] = round(percentile(samples, 99), 2)
    value, floor = percentile(taken["status"], 99), percentile(taken["floor"], 99)
    ratio = median([ours / below for ours, below in zip(taken["status"], taken["floor"], strict=True)])
    result("latency", value, "ms, camera_status handed over to received, p99", floor, ratio, figures)


if __name__ == "__main__":
    uvloop.run(main())
