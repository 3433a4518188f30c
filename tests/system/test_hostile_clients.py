"""F26: whatever clients send to the WebSocket or the server, they harm nobody but themselves."""

import asyncio
import re
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from pathlib import Path
from random import Random

import pytest
from aiohttp import ClientSession, ClientWebSocketResponse, WSMsgType

from tests.support.hostile import (
    broken_frames,
    connected,
    frame,
    header,
    nonsense,
    raw_socket,
    resident_bytes,
)
from tests.support.server import Server, nightjar

pytestmark = [pytest.mark.system, pytest.mark.timeout(120)]

MIB = 1 << 20
SEED = 20261127
HUNDRED_MB = 100_000_000
CUT_S = 16.0
SLOW = 200


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server]:
    """A service without cameras, which in the end has not lost a word about a defect."""
    async with nightjar(tmp_path / "data", '[detector]\nmodel = "builtin"\nfetch = false\n') as running:
        yield running
    assert "Traceback" not in running.output.decode()
    assert running.process.returncode == 0


async def harmless(server: Server, attack: Callable[[], Awaitable[None]]) -> int:
    """Attack while others ask for the page: each answer comes within a second. Return the memory it left."""
    clients, before = await clients_of(server), resident_bytes(server.process.pid)
    attacking = asyncio.ensure_future(attack())
    async with ClientSession() as http:
        while not attacking.done():
            async with asyncio.timeout(1.0), http.get(f"{server.url}/healthz") as answer:
                assert answer.status == 200
            await asyncio.wait({attacking}, timeout=0.1)
    await attacking
    # Who has come and gone at once is served nevertheless, one after the other: then nothing of them stays.
    async with asyncio.timeout(15):
        while await clients_of(server) > clients:  # noqa: ASYNC110 - only the service knows
            await asyncio.sleep(0.1)
    return resident_bytes(server.process.pid) - before


async def clients_of(server: Server) -> int:
    """Return how many clients the WebSocket has, by the service's own figures."""
    (found,) = re.findall(r"^nightjar_websocket_clients (\d+)$", await server.text("metrics"), re.MULTILINE)
    return int(found)


async def test_nonsense_is_answered_message_by_message(server: Server) -> None:
    """Two thousand of them, half of them nearly requests: one answer each, in order, on one connection."""
    random, answers = Random(SEED), Counter[str]()

    async def answer(talker: ClientWebSocketResponse) -> str:
        while True:
            said = await talker.receive_json(timeout=10)
            if "channel" not in said and said["type"] not in {"reset", "position"}:
                return str(said["type"])

    async def talk() -> None:
        async with server.socket() as talker:
            assert await answer(talker) == "hello"
            for _ in range(2_000):
                kind = WSMsgType.BINARY if random.random() < 0.1 else WSMsgType.TEXT
                await talker.send_frame(nonsense(random), kind)
                answers[await answer(talker)] += 1

    await harmless(server, talk)
    assert set(answers) <= {"error", "pong", "subscribed", "unsubscribed"}
    assert answers["error"] > 1_000


async def test_broken_frames_end_their_own_connection_at_most(server: Server) -> None:
    """Three hundred connections, each with frames that break the protocol: nothing stays of them.

    The first hundred make the service load what it needs at all; what the others leave is measured.
    """
    random = Random(SEED)

    async def attack(connections: int) -> None:
        for _ in range(connections):
            async with raw_socket(server.url, "?channels=events") as socket:
                await socket.send(b"".join(broken_frames(random) for _ in range(random.randrange(1, 4))))

    async with server.socket() as witness:
        assert (await witness.receive_json(timeout=10))["type"] == "hello"
        await harmless(server, partial(attack, 100))
        assert await harmless(server, partial(attack, 200)) < 5 * MIB
        await witness.send_str('{"type":"ping"}')
        assert (await witness.receive_json(timeout=10))["type"] == "pong"
    async with asyncio.timeout(5):
        while await clients_of(server):  # noqa: ASYNC110 - only the service knows
            await asyncio.sleep(0.1)


@pytest.mark.parametrize("flags", [0x80, 0xC0], ids=["plain", "compressed"])
async def test_a_message_of_100_mb_is_not_read(server: Server, flags: int) -> None:
    """Its connection ends at the length that it names, compressed or not; it takes no memory."""

    async def attack() -> None:
        async with raw_socket(server.url) as socket:
            await socket.send(header(HUNDRED_MB, flags=flags) + bytes(256 * 1024))
            assert await socket.ended(CUT_S)

    assert await harmless(server, attack) < 5 * MIB


async def test_a_flood_slows_itself_only(server: Server) -> None:
    """Fifty thousand requests on one connection without reading an answer: its sender waits, nobody else."""

    async def attack() -> None:
        async with raw_socket(server.url) as socket:
            flood = frame(b'{"type":"ping"}') * 1_000
            for _ in range(50):
                try:
                    async with asyncio.timeout(0.5):
                        await socket.send(flood)
                except TimeoutError:
                    return

    assert await harmless(server, attack) < 5 * MIB


async def test_requests_that_never_end_are_cut(server: Server) -> None:
    """Two hundred connections that send a byte now and then: all are gone in time, and took little memory."""

    async def one() -> None:
        async with connected(server.url) as (reader, writer):
            async with asyncio.timeout(CUT_S):
                for byte in b"GET / HTTP/1.1\r\nHost: a.very.slow.one\r\nX-And-So-On: ":
                    if reader.at_eof() or writer.is_closing():
                        return
                    writer.write(bytes((byte,)))
                    try:
                        async with asyncio.timeout(1.0):
                            assert await reader.read(1) == b""
                    except TimeoutError:
                        continue
                    except ConnectionError:
                        pass
                    return

    async def attack() -> None:
        await asyncio.gather(*(one() for _ in range(SLOW)))

    assert await harmless(server, attack) < 5 * MIB
