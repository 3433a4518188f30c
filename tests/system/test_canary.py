"""Secrets of a running appliance are looked for everywhere: they lie sealed in their rows, nowhere else."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, closing
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession, CookieJar, WSMsgType
from sqlalchemy import create_engine

from appliance.domain.camera import Credentials
from appliance.domain.ids import TargetId
from appliance.store import pipeline, targets
from appliance.store.engine import DATABASE
from appliance.store.seal import OPTION, read_seal
from tests.support.canary import Canary, descendants, files, found, processes
from tests.support.http_camera import http_camera, with_basic
from tests.support.server import Server, nightjar

pytestmark = pytest.mark.system

USER = Canary("user")
OF_FILE = Canary("password of the file's camera")
OF_API = Canary("password of the API's camera")
NEXT = Canary("password that replaces it")
TOKEN = Canary("path of a webhook")
PHONE = Canary("token of a phone")
ADMIN = Canary("password of an admin")
CHANGED = Canary("password that the admin chose next")
VIEWER = Canary("password of a viewer")
WRONG = Canary("password that is wrong")
CANARIES = (USER, OF_FILE, OF_API, NEXT, TOKEN, PHONE, ADMIN, CHANGED, VIEWER, WRONG)
CONFIG = """
[log]
level = "DEBUG"
[detector]
model = "builtin"
[notifications]
timeout_s = 0.5
[[cameras]]
id = "file"
url = "http://{user}:{password}@127.0.0.1:{port}/video.mjpg"
"""
API = "/api/v1"
TIME = "from=2026-01-01T00:00:00Z&to=2026-01-02T00:00:00Z"


class Seen:
    """Everything that clients were told: answers with their headers, and frames of the WebSocket."""

    def __init__(self, server: Server, http: ClientSession) -> None:
        self.places: list[tuple[str, bytes]] = []
        self._server = server
        self._http = http

    async def ask(self, method: str, path: str, body: object = None) -> Any:
        """Ask, keep the answer, and return its JSON, if it is some."""
        async with self._http.request(method, f"{self._server.url}{path}", json=body) as answer:
            content = await answer.read()
            self.places.append((f"{method} {path} {answer.status}", f"{answer.headers}".encode() + content))
            return json.loads(content) if answer.content_type.endswith("json") and content else None

    async def ask_all(self, ids: dict[str, str]) -> int:
        """Ask every path of the API's own description that is only read, and return how many there are."""
        document = await self.ask("GET", f"{API}/openapi.json")
        paths = [path for path, methods in document["paths"].items() if "get" in methods]
        for path in paths:
            if not path.endswith(("/ws", "/live")):
                made = path.format_map(Ids(ids))
                await self.ask("GET", made)
                await self.ask("GET", f"{made}?{TIME}")
        return len(paths)

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[None]:
        """Keep every frame of the WebSocket from the first message on."""
        async with self._http.ws_connect(f"{self._server.url}{API}/ws?after=0", max_msg_size=0) as socket:
            reading = asyncio.create_task(self._read(socket))
            yield
            await socket.close()
            await reading

    async def _read(self, socket: Any) -> None:
        async for message in socket:
            if message.type is WSMsgType.TEXT:
                self.places.append(("WebSocket", message.data.encode()))


def browser_of(server: Server) -> ClientSession:
    """Return a client that keeps cookies, and says like a browser which page it shows."""
    return ClientSession(cookie_jar=CookieJar(unsafe=True), headers={"Origin": server.url})


class Ids(dict[str, str]):
    """The ids of a path; one that nobody has where none is known."""

    def __missing__(self, key: str) -> str:
        return "none"


def camera(password: Canary) -> dict[str, object]:
    """Return a camera for the API, at an address that nobody answers."""
    return {"id": "api", "name": "Gate", "address": f"rtsp://{USER.text}:{password.text}@192.0.2.7/stream"}


async def claim(seen: Seen) -> None:
    """Claim the box, log in well and badly, choose another password, and add a user."""
    ann = {"name": "ann", "password": ADMIN.text}
    assert (await seen.ask("POST", f"{API}/claim", ann))["role"] == "admin"
    await seen.ask("POST", f"{API}/login", {**ann, "password": WRONG.text})
    await seen.ask("POST", f"{API}/login", {"name": WRONG.text, "password": ADMIN.text})
    await seen.ask("POST", f"{API}/login", {**ann, "password": [ADMIN.text]})
    assert (await seen.ask("POST", f"{API}/login", ann))["name"] == "ann"
    await seen.ask("PUT", f"{API}/account/password", {"current": WRONG.text, "new": CHANGED.text})
    await seen.ask("PUT", f"{API}/account/password", {"current": ADMIN.text, "new": CHANGED.text})
    assert (await seen.ask("POST", f"{API}/login", {**ann, "password": CHANGED.text}))["name"] == "ann"
    viewer = {"name": "vera", "password": VIEWER.text, "role": "viewer", "cameras": ["file"]}
    assert (await seen.ask("POST", f"{API}/users", viewer))["role"] == "viewer"


async def add_secrets(seen: Seen) -> str:
    """Set everything that is secret over the API, well and badly, and return the id of a target."""
    await seen.ask("POST", f"{API}/cameras", camera(OF_API))
    await seen.ask("POST", f"{API}/cameras", {**camera(OF_API), "live_address": [camera(OF_API)["address"]]})
    await seen.ask("POST", f"{API}/cameras/test", {"address": camera(OF_API)["address"]})
    hook = {"name": "Hall", "kind": "webhook", "address": f"http://127.0.0.1:9/{TOKEN.text}"}
    made = await seen.ask("POST", f"{API}/targets", hook)
    await seen.ask("POST", f"{API}/targets/{made['id']}/test")
    phone = {
        "name": "Phone",
        "kind": "ntfy",
        "address": "http://127.0.0.1:9",
        "topic": "t",
        "token": PHONE.text,
    }
    await seen.ask("POST", f"{API}/targets", phone)
    await seen.ask("POST", f"{API}/targets", {**phone, "user": USER.text, "password": NEXT.text})
    return str(made["id"])


def kept(data: Path, target: str) -> tuple[dict[str, Credentials | None], targets.Route]:
    """Return what whoever has the key reads: the proof that the secrets are there."""
    engine = create_engine(f"sqlite:///{data / DATABASE}", execution_options={OPTION: read_seal(data)})
    with closing(engine.raw_connection()), engine.connect() as connection:
        cameras = {str(one.id): one.credentials for one in pipeline.cameras(connection)}
        route = targets.route(connection, TargetId(target))
    engine.dispose()
    return cameras, route


@pytest.fixture
def config() -> Iterator[str]:
    """A camera that asks for its password, and the file that names it."""
    with ExitStack() as stack:
        served = stack.enter_context(http_camera(with_basic(Credentials(USER.text, OF_FILE.text))))
        yield CONFIG.format(user=USER.text, password=OF_FILE.text, port=served.port)


async def test_no_secret_is_anywhere_but_sealed_in_its_own_row(tmp_path: Path, config: str) -> None:
    """Not in the log at its chattiest, answers, frames, command lines, environments, or bytes of any file."""
    data = tmp_path / "data"
    async with nightjar(data, config) as server, browser_of(server) as http:
        seen = Seen(server, http)
        await claim(seen)
        async with seen.listening():
            target = await add_secrets(seen)
            assert await seen.ask_all({"camera_id": "api", "target_id": target}) > 30
            assert found(CANARIES, files(data)) == []
            assert descendants(server.process.pid), "the detection worker was not looked at"
            assert found(CANARIES, processes(server.process.pid)) == []
            cameras, route = kept(data, target)
            assert cameras == {
                "file": Credentials(USER.text, OF_FILE.text),
                "api": Credentials(USER.text, OF_API.text),
            }
            assert TOKEN.text in route.settings["address"]
            await seen.ask("PATCH", f"{API}/cameras/api", {"address": camera(NEXT)["address"]})
            assert found(CANARIES, files(data)) == []
            await seen.ask("DELETE", f"{API}/cameras/api")
            await seen.ask("DELETE", f"{API}/targets/{target}")
            assert found(CANARIES, files(data)) == []
        assert await server.stop() == 0
    assert found(CANARIES, [*seen.places, ("log", bytes(server.output))]) == []
    assert found(CANARIES, files(data)) == []
    texts = b"".join(content for where, content in seen.places if where == "WebSocket")
    assert b"camera_created" in texts
    assert b"camera_deleted" in texts
    assert b'"online"' in texts, "the file's camera took its password"


def test_a_canary_is_found_in_every_form() -> None:
    """What is looked for would be seen: as it is, encoded with something before it, and in hexadecimal."""
    one = Canary("one")
    plain = one.text.encode()
    for before in range(5):
        assert one.is_in(base64.b64encode(b"x" * before + plain + b":y"))
    assert one.is_in(plain.hex().encode())
    assert one.is_in(f"'{one.text}'".encode("utf-16-le"))
    assert not one.is_in(Canary("other").text.encode())
    assert found([one], [("here", plain), ("there", b"")]) == [("one", "here")]
