"""The server with TLS, on a real socket: what is spoken, what is cut, and what counts anew."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest
from aiohttp import ClientConnectorSSLError, ClientSession, TCPConnector, WSServerHandshakeError

from appliance.runtime.clock import SystemClock
from appliance.runtime.health import Health
from appliance.web.front import Front
from appliance.web.guard import SPARE
from appliance.web.settings import WebSettings
from appliance.web.tls import Pair, Tls
from tests.support.certificates import anything_goes, shown_fingerprint, written_pair
from tests.support.web import WebBox, web_box

NAMES = frozenset({"localhost", "127.0.0.1", "nightjar.example"})
FRONT = Front(frozenset({"nightjar.example"}))


@asynccontextmanager
async def tls_box(
    folder: Path, own: Pair | None = None, settings: WebSettings | None = None
) -> AsyncIterator[tuple[WebBox, Tls, ClientSession]]:
    """Serve over TLS, and give a client that takes any certificate."""
    tls = Tls(folder / "keys", lambda: NAMES, SystemClock(), Health(), own)
    tls.load()
    async with (
        web_box(folder, settings, front=FRONT, tls=tls) as box,
        ClientSession(connector=TCPConnector(ssl=anything_goes())) as http,
    ):
        yield box, tls, http


async def raw(port: int, sent: bytes) -> bytes:
    """Send bytes without TLS and return everything that comes back until the end."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(sent)
        await writer.drain()
        async with asyncio.timeout(10):
            return await reader.read()
    except ConnectionResetError:
        return b""
    finally:
        writer.close()


async def is_cut(reader: asyncio.StreamReader) -> bool:
    """Wait for the end of a connection; what comes before it, such as an alert of TLS, does not count."""
    async with asyncio.timeout(8):
        with suppress(ConnectionResetError):
            await reader.read()
    return True


async def test_the_api_is_served_over_tls_and_says_its_fingerprint(tmp_path: Path) -> None:
    """What ``GET /access`` says is what the browser sees, so that the two can be compared."""
    async with tls_box(tmp_path) as (box, tls, http):
        async with http.get(f"https://127.0.0.1:{box.server.port}/api/v1/access") as answer:
            assert answer.status == 200
            assert (await answer.json())["fingerprint"] == tls.fingerprint
            assert "Strict-Transport-Security" not in answer.headers
        assert await shown_fingerprint(box.server.port) == tls.fingerprint


async def test_without_tls_there_is_no_fingerprint(tmp_path: Path) -> None:
    """On loopback nothing is encrypted, and the page does not say otherwise."""
    async with web_box(tmp_path) as box:
        assert (await box.get("/api/v1/access")).json["fingerprint"] is None


@pytest.mark.parametrize("most", [ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1])
@pytest.mark.filterwarnings("ignore:ssl.TLSVersion")
async def test_old_versions_of_tls_are_refused(tmp_path: Path, most: ssl.TLSVersion) -> None:
    """A client that speaks nothing newer gets no connection."""
    async with tls_box(tmp_path) as (box, _tls, _http):
        connector = TCPConnector(ssl=anything_goes(most))
        async with ClientSession(connector=connector) as http:
            with pytest.raises((ClientConnectorSSLError, OSError)):
                await http.get(f"https://127.0.0.1:{box.server.port}/")


async def test_the_websocket_passes_the_same_checks_over_tls(tmp_path: Path) -> None:
    """Its own page's origin is https; the same name without TLS, and others, are foreign."""
    async with tls_box(tmp_path) as (box, _tls, http):
        url = f"https://127.0.0.1:{box.server.port}"
        async with http.ws_connect(f"{url}/api/v1/ws", origin=url) as socket:
            assert (await socket.receive_json(timeout=10))["type"] == "hello"
        for origin in (url.replace("https", "http"), "https://evil.example", "https://127.0.0.1"):
            with pytest.raises(WSServerHandshakeError) as refused:
                await http.ws_connect(f"{url}/api/v1/ws", origin=origin)
            assert refused.value.status == 403


async def test_a_certificate_is_exchanged_without_a_restart(tmp_path: Path) -> None:
    """What is open goes on with the former one; the next connection sees the new one, and HSTS is sent."""
    own = written_pair(tmp_path / "own")
    async with tls_box(tmp_path, own) as (box, tls, http):
        port = box.server.port
        first = await shown_fingerprint(port)
        async with http.ws_connect(f"https://127.0.0.1:{port}/api/v1/ws") as socket:
            await socket.receive_json(timeout=10)
            new = written_pair(tmp_path / "new")
            own.certificate.write_bytes(new.certificate.read_bytes())
            own.key.write_bytes(new.key.read_bytes())
            tls.look()
            assert await shown_fingerprint(port) == tls.fingerprint != first
            await socket.send_json({"id": 1, "type": "ping"})
            assert (await socket.receive_json(timeout=10))["type"]
        async with http.get(f"https://127.0.0.1:{port}/") as answer:
            assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"


async def test_somebody_without_tls_is_sent_to_https(tmp_path: Path) -> None:
    """Only by a name of our own; whoever names another host, or posts, hears a sentence."""
    async with tls_box(tmp_path) as (box, _tls, _http):
        port = box.server.port
        get = b"GET /events?a=b HTTP/1.1\r\nHost: %s\r\n\r\n"
        here = await raw(port, get % b"127.0.0.1:%d" % port)
        assert here.startswith(b"HTTP/1.1 307 ")
        assert b"Location: https://127.0.0.1:%d/events?a=b\r\n" % port in here
        named = await raw(port, get % b"nightjar.example")
        assert b"Location: https://nightjar.example/events?a=b\r\n" in named
        for other in (
            get % b"evil.example",
            b"POST /api/v1/login HTTP/1.1\r\nHost: nightjar.example\r\n\r\n{}",
            b"GET / HTTP/1.1\r\n\r\n",
            b"GET /\x7f HTTP/1.1\r\nHost: nightjar.example\r\n\r\n",
            b"hello",
        ):
            answer = await raw(port, other)
            assert answer.startswith(b"HTTP/1.1 400 "), answer
            assert b"HTTPS only" in answer
            assert b"Location" not in answer


@pytest.mark.parametrize("sent", [b"", b"\x16", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"])
async def test_a_handshake_that_does_not_end_is_cut(tmp_path: Path, sent: bytes) -> None:
    """Nobody holds a connection by sending nothing, a byte, or half a greeting."""
    async with tls_box(tmp_path, settings=WebSettings(first_request_s=0.5)) as (box, _tls, http):
        began = asyncio.get_running_loop().time()
        reader, writer = await asyncio.open_connection("127.0.0.1", box.server.port)
        writer.write(sent)
        assert await is_cut(reader)
        assert asyncio.get_running_loop().time() - began >= 0.4
        writer.close()
        async with http.get(f"https://127.0.0.1:{box.server.port}/api/v1/access") as answer:
            assert answer.status == 200


async def test_a_connection_that_asks_nothing_after_its_handshake_is_cut(tmp_path: Path) -> None:
    """The bound of the first request holds behind TLS as well."""
    async with tls_box(tmp_path, settings=WebSettings(first_request_s=0.3)) as (box, _tls, _http):
        guard = asyncio.create_task(box.server.run())
        reader, writer = await asyncio.open_connection("127.0.0.1", box.server.port, ssl=anything_goes())
        assert await is_cut(reader)
        writer.close()
        guard.cancel()


async def test_connections_at_their_handshake_count(tmp_path: Path) -> None:
    """A flood of half-open handshakes ends at the bound, not at the machine's descriptors."""
    settings = WebSettings(connections=2, first_request_s=5)
    async with tls_box(tmp_path, settings=settings) as (box, _tls, _http):
        opened = [await asyncio.open_connection("127.0.0.1", box.server.port) for _ in range(60)]
        reading = [asyncio.create_task(reader.read()) for reader, _ in opened]
        most = settings.connections + SPARE
        async with asyncio.timeout(4):
            while sum(task.done() for task in reading) < len(opened) - most:
                await asyncio.wait(
                    [task for task in reading if not task.done()], return_when="FIRST_COMPLETED"
                )
        assert sum(task.done() for task in reading) == len(opened) - most
        for task in reading:
            task.cancel()
        await asyncio.gather(*reading, return_exceptions=True)
        for _, writer in opened:
            writer.close()
