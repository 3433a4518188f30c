"""A client that sends nonsense, floods or comes from a website: answered, cut or refused, alone."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from aiohttp import ClientSession, WSCloseCode, WSServerHandshakeError

from tests.support.server import Server, nightjar

pytestmark = pytest.mark.asyncio(loop_scope="module")

FOREIGN = (
    ({"Host": "nightjar.example"}, 421, "Host"),
    ({"Origin": "http://nightjar.example"}, 403, "Origin"),
    ({"Origin": "null"}, 403, "Origin"),
)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Server]:
    """A service without cameras."""
    config = '[detector]\nmodel = "builtin"\n'
    async with nightjar(tmp_path_factory.mktemp("clients") / "data", config) as running:
        yield running


async def test_nonsense_is_answered_and_the_connection_stays(server: Server) -> None:
    """Every message that cannot be understood gets an error that says what was expected."""
    nonsense = ["garbage", "[]", "{", '{"type":"subscribe","channels":["evnts"]}', "\x00", "9" * 60_000]
    async with server.socket() as talker:
        await talker.receive_json(timeout=10)
        for text in nonsense:
            await talker.send_str(text)
            answer = await talker.receive_json(timeout=10)
            assert (answer["type"], bool(answer["message"])) == ("error", True), text[:40]
        await talker.send_bytes(bytes(range(256)))
        assert (await talker.receive_json(timeout=10))["type"] == "error"
        await talker.send_str('{"type":"ping"}')
        assert (await talker.receive_json(timeout=10))["type"] == "pong"


async def test_a_megabyte_closes_its_own_connection_only(server: Server) -> None:
    """The one is closed with 1009, the other goes on to hear what happens."""
    async with server.listener("system") as listener, server.socket() as flood:
        await flood.receive_json(timeout=10)
        await flood.send_str("x" * 1_000_000)
        assert (await flood.receive(timeout=10)).data == WSCloseCode.MESSAGE_TOO_BIG
        camera = {"id": "gate", "name": "Gate", "address": "rtsp://192.0.2.1/live"}
        assert (await server.ask("POST", "cameras", camera))[0] == 201
        await listener.first(lambda heard: heard.type == "camera_created")


async def test_a_foreign_website_reaches_nothing(server: Server) -> None:
    """Neither page, API nor WebSocket, and the answer says which header was wrong and what is right."""
    async with ClientSession() as http:
        for headers, status, named in FOREIGN:
            for path in ("/", "/api/v1/cameras", "/metrics"):
                async with http.get(server.url + path, headers=headers) as answer:
                    problem = await answer.json(content_type="application/problem+json")
                    assert (answer.status, problem["field"]) == (status, named), path
                    assert problem["expected"]
            with pytest.raises(WSServerHandshakeError) as refused:
                await http.ws_connect(f"{server.url}/api/v1/ws", headers=headers)
            assert refused.value.status == status
