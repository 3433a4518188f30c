"""Fetching a model from a real HTTP server, right and wrong."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from appliance.detections import shelf
from appliance.detections.catalogue import Release
from appliance.detections.child import Child
from appliance.detections.keeper import FETCH_AGAIN_FIRST_S, PART, ModelKeeper
from appliance.detections.models import MANIFEST, ModelFolder
from appliance.detections.settings import Settings
from appliance.detections.worker_client import BUILTIN, WorkerClient
from appliance.errors import Conflict, InvalidInput, ModelError, NotFound, TemporaryFailure
from appliance.runtime.clock import SystemClock
from appliance.runtime.health import Health
from appliance.runtime.supervisor import Supervisor
from detectors.decode import cells
from detectors.messages import Answer, Load, Request
from tests.support.clock import SimulatedClock
from tests.support.fake_worker import FakeWorker
from tests.support.pictures import picture
from tests.support.tiny_onnx import write_model

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Publisher:
    """Serves one file, or whatever a test wants instead."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        self.asked = 0
        self.go = asyncio.Event()
        self.go.set()
        self.half_sent = asyncio.Event()
        self.handler: Handler = self.whole
        self.release = Release(
            "yolox_nano", "", len(content), hashlib.sha256(content).hexdigest(), "Apache-2.0"
        )

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Answer as the test wants."""
        self.asked += 1
        return await self.handler(request)

    async def whole(self, request: web.Request) -> web.StreamResponse:
        """Send the file, holding back its second half until the test lets it go."""
        response = web.StreamResponse()
        await response.prepare(request)
        half = len(self.content) // 2
        await response.write(self.content[:half])
        self.half_sent.set()
        await self.go.wait()
        await response.write(self.content[half:])
        return response

    def sends(self, content: bytes, status: int = 200) -> None:
        """Have it send other bytes, or another status."""

        async def send(_request: web.Request) -> web.StreamResponse:
            return web.Response(body=content, status=status)

        self.handler = send

    def redirects(self) -> None:
        """Have it send everyone to another address first, as the official server does."""

        async def redirect(request: web.Request) -> web.StreamResponse:
            if request.path.endswith("elsewhere"):
                return web.Response(body=self.content)
            raise web.HTTPFound("/elsewhere")

        self.handler = redirect

    def hangs_up(self) -> None:
        """Have it cut the connection in the middle."""

        async def hang_up(request: web.Request) -> web.StreamResponse:
            response = web.StreamResponse(headers={"Content-Length": str(len(self.content))})
            await response.prepare(request)
            await response.write(self.content[:10])
            assert request.transport is not None
            request.transport.abort()
            return response

        self.handler = hang_up


@pytest.fixture
async def publisher(tmp_path: Path) -> AsyncIterator[Publisher]:
    """Serve a model that sees a person in every picture."""
    output = np.zeros((1, cells(64, 64), 85), np.float32)
    output[0, 36, :6] = (0, 0, 1, 1, 1, 0.9)
    file = write_model(tmp_path / "published.onnx", output)
    one = Publisher(file.read_bytes())
    app = web.Application()
    app.router.add_get("/{name}", one.serve)
    async with TestServer(app) as server:
        one.release = replace(one.release, url=str(server.make_url("/yolox_nano.onnx")))
        yield one


@pytest.fixture
def folder(tmp_path: Path) -> ModelFolder:
    """Return the models of a new data directory."""
    return ModelFolder(tmp_path / "data" / "models")


def files(folder: ModelFolder) -> set[str]:
    """Return the names of the files in the folder."""
    return {path.name for path in folder.folder.iterdir()} if folder.folder.exists() else set()


async def test_a_model_is_pulled_verified_and_recorded(publisher: Publisher, folder: ModelFolder) -> None:
    """The exact bytes, with where they came from; progress goes from nothing to everything."""
    progress: list[float] = []
    path = await shelf.pull(folder, "yolox_nano", progress.append, (publisher.release,))
    assert path.read_bytes() == publisher.content
    assert (progress[0], progress[-1]) == (0.0, 1.0)
    model = folder.find("yolox_nano")
    assert (model.sha256, model.licence, model.source) == (
        publisher.release.sha256,
        "Apache-2.0",
        publisher.release.url,
    )
    assert folder.verified(model) == path
    assert files(folder) == {"yolox_nano.onnx", MANIFEST, ".lock"}


async def test_redirects_are_followed(publisher: Publisher, folder: ModelFolder) -> None:
    """The official release lies behind one; the bytes decide, not the address."""
    publisher.redirects()
    await shelf.pull(folder, "yolox_nano", lambda _: None, (publisher.release,))
    assert folder.find("yolox_nano").size_bytes == len(publisher.content)


@pytest.mark.parametrize("wrong", ["other bytes", "too few", "too many", "nothing"])
async def test_wrong_bytes_are_refused(wrong: str, publisher: Publisher, folder: ModelFolder) -> None:
    """Not one byte of them stays, and the message says what was expected."""
    content = publisher.content
    publisher.sends(
        {
            "other bytes": b"x" * len(content),
            "too few": content[:-1],
            "too many": content + b"x" * 100_000,
            "nothing": b"",
        }[wrong]
    )
    with pytest.raises(ModelError, match=f"expected {len(content)} bytes with SHA-256"):
        await shelf.pull(folder, "yolox_nano", lambda _: None, (publisher.release,))
    assert files(folder) == set()


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("status", r"yolox_nano\.onnx: expected status 200"),
        ("hang-up", r"yolox_nano\.onnx: "),
        ("nobody", r"^127\.0\.0\.1 cannot be reached"),
    ],
)
async def test_a_network_that_fails_is_said_so(
    fault: str, said: str, publisher: Publisher, folder: ModelFolder
) -> None:
    """It may work later; nothing half is left."""
    release = publisher.release
    match fault:
        case "status":
            publisher.sends(b"not here", status=404)
        case "hang-up":
            publisher.hangs_up()
        case "nobody":
            release = replace(release, url="http://127.0.0.1:9/yolox_nano.onnx")
    with pytest.raises(TemporaryFailure, match=said):
        await shelf.pull(folder, "yolox_nano", lambda _: None, (release,))
    assert files(folder) == set()


async def test_an_unknown_name_is_answered_with_the_known_ones(folder: ModelFolder) -> None:
    """Nobody has to guess."""
    with pytest.raises(NotFound, match=r"'yolo99'.*yolox_nano"):
        await shelf.pull(folder, "yolo99", lambda _: None)


class TestAuto:
    """`model = "auto"` on a box without a model."""

    @pytest.fixture
    def clock(self) -> SimulatedClock:
        """Return a clock that stands still."""
        return SimulatedClock()

    async def test_fetches_in_the_background_and_changes_over(
        self, publisher: Publisher, folder: ModelFolder
    ) -> None:
        """The real worker finds with built-in meanwhile, and with the model when it is there; no restart."""
        client, health = WorkerClient(SystemClock(), Settings()), Health()
        keeper = ModelKeeper(client, folder, SystemClock(), health, Settings(), publisher.release)
        publisher.go.clear()
        async with Supervisor(SystemClock(), Health()) as supervisor:
            supervisor.start("worker", client.run)
            supervisor.start("keeper", keeper.run)
            await publisher.half_sent.wait()
            before = (await client.ready()).model, client.pid
            assert "is being fetched" in reason(health)
            assert keeper.status.note.startswith("fetching yolox_nano: ")
            publisher.go.set()
            while (await client.ready()).model == BUILTIN:
                await client.detect([picture()])
            _, found = await client.detect([picture()])
            assert len(found[0]) == 1
            assert (BUILTIN, client.pid) == before

    async def test_stays_with_built_in_where_the_fetch_fails_and_tries_again(
        self, publisher: Publisher, folder: ModelFolder, clock: SimulatedClock
    ) -> None:
        """The owner reads why, and when it is tried again; it is not tried before."""
        worker, health = FakeWorker(), Health()
        keeper = ModelKeeper(worker, folder, clock, health, Settings(), publisher.release)
        publisher.sends(b"a captive portal")
        await keeper.run_once()
        await keeper.run_once()
        assert publisher.asked == 1
        assert "fetch failed" in reason(health)
        assert "next try in" in keeper.status.note
        publisher.handler = publisher.whole
        await clock.advance(FETCH_AGAIN_FIRST_S)
        await keeper.run_once()
        assert publisher.asked == 2
        assert worker.loads == [str(folder.folder / "yolox_nano.onnx")]
        assert (reason(health), keeper.status.note) == ("", "")

    async def test_asks_nobody_where_a_model_is_there(
        self, publisher: Publisher, folder: ModelFolder, clock: SimulatedClock
    ) -> None:
        """What is in the data directory is taken as it is."""
        folder.folder.mkdir(parents=True)
        (folder.folder / "mine.onnx").write_bytes(publisher.content)
        keeper = ModelKeeper(FakeWorker(), folder, clock, Health(), Settings(), publisher.release)
        await keeper.run_once()
        assert publisher.asked == 0

    @pytest.mark.parametrize(
        "settings", [Settings(fetch=False), Settings(model="builtin"), Settings(model="yolox_nano")]
    )
    async def test_is_the_only_setting_that_lets_anything_leave_the_box(
        self, settings: Settings, publisher: Publisher, folder: ModelFolder, clock: SimulatedClock
    ) -> None:
        """Switched off, or with a model named, no server is asked, ever."""
        keeper = ModelKeeper(FakeWorker(), folder, clock, Health(), settings, publisher.release)
        for _ in range(3):
            await keeper.run_once()
            await clock.advance(7200.0)
        assert publisher.asked == 0

    async def test_does_not_fetch_again_and_again_what_cannot_be_loaded(
        self, publisher: Publisher, folder: ModelFolder, clock: SimulatedClock
    ) -> None:
        """Right bytes that this box cannot use are no reason to fetch them every few seconds."""
        worker = FakeWorker()
        worker.bad.add(str(folder.folder / "yolox_nano.onnx"))
        keeper = ModelKeeper(worker, folder, clock, Health(), Settings(), publisher.release)
        for _ in range(5):
            await keeper.run_once()
            await clock.advance(5.0)
        assert publisher.asked == 1


class TestAdd:
    """`nightjar model add FILE`."""

    async def test_tries_the_file_and_copies_it_in(
        self, publisher: Publisher, folder: ModelFolder, tmp_path: Path
    ) -> None:
        """What is recorded can be loaded on this box."""
        file = tmp_path / "mine.onnx"
        file.write_bytes(publisher.content)
        model = await shelf.add(folder, file, SystemClock(), Settings(), "MIT")
        assert folder.find("mine") == model
        assert folder.verified(model).read_bytes() == publisher.content
        file.write_bytes(publisher.content + b"\x00")
        with pytest.raises((Conflict, ModelError)):
            await shelf.add(folder, file, SystemClock(), Settings())

    async def test_refuses_what_is_no_model(self, folder: ModelFolder, tmp_path: Path) -> None:
        """Nothing is copied; the message says what came."""
        file = tmp_path / "mine.onnx"
        file.write_bytes(b"no model")
        with pytest.raises(ModelError, match=r"mine\.onnx: expected an ONNX model, got 8 bytes"):
            await shelf.add(folder, file, SystemClock(), Settings())
        with pytest.raises(InvalidInput, match="found none"):
            await shelf.add(folder, tmp_path / "gone.onnx", SystemClock(), Settings())
        assert files(folder) <= {".lock"}

    async def test_records_the_bytes_that_it_has_tried(
        self, publisher: Publisher, folder: ModelFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A file that is exchanged meanwhile is not what was tried."""
        file = tmp_path / "mine.onnx"
        file.write_bytes(publisher.content)
        asked = Child.ask

        async def exchanged(child: Child, request: Request) -> Answer:
            file.write_bytes(b"other")
            assert isinstance(request, Load)
            assert request.sha256 == hashlib.sha256(publisher.content).hexdigest()
            return await asked(child, request)

        monkeypatch.setattr(Child, "ask", exchanged)
        model = await shelf.add(folder, file, SystemClock(), Settings())
        assert folder.verified(model).read_bytes() == publisher.content

    async def test_adds_what_runs_code(self, folder: ModelFolder, tmp_path: Path) -> None:
        """It is loaded as the bytes that are here now: what is refused is what is wrong with them."""
        file = tmp_path / "mine.pt"
        file.write_bytes(b"no weights")
        with pytest.raises(ModelError) as refused:
            await shelf.add(folder, file, SystemClock(), Settings())
        assert str(refused.value).startswith(f"{file}: ")
        assert "recorded" not in str(refused.value)
        assert files(folder) <= {".lock"}


def reason(health: Health) -> str:
    """Return what health says of the model."""
    return next((part.reason for part in health.parts() if part.part == PART), "")
