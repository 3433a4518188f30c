"""Live video over the real web server: it begins at the newest keyframe, and nobody waits for who is slow."""

import asyncio
import io
import itertools
import select
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import av
import pytest
from aiohttp import ClientSession, WSMsgType, WSServerHandshakeError

from appliance.domain.ids import CameraId
from appliance.domain.packet import Packet
from appliance.domain.time import MonotonicNs, WallUs
from appliance.live.settings import LiveSettings
from tests.support.clips import walking_square, write_clip
from tests.support.coded import packets_of
from tests.support.rows import camera_row
from tests.support.watching import fanout_of, watching
from tests.support.web import WebBox, web_box

FRONT = CameraId("front")
QUICK = LiveSettings(ping_every_s=0.5, silence_s=2.0, most_viewers_per_camera=10)
KERNEL_BYTES = 4096


async def viewers(box: WebBox, count: int) -> None:
    """Wait until so many watch."""
    for _ in range(1_000_000):
        if len(box.with_.live._viewers) == count:
            return
        await asyncio.sleep(0)
    raise AssertionError(f"expected {count} to watch, got {len(box.with_.live._viewers)}")


@pytest.fixture(scope="module")
def packets(tmp_path_factory: pytest.TempPathFactory) -> list[Packet]:
    """Return three GOPs of H.264."""
    path = tmp_path_factory.mktemp("live") / "clip.mp4"
    return packets_of(write_clip(path, walking_square(15), gop=5), camera_id=FRONT)


@pytest.fixture
async def box(tmp_path: Path) -> AsyncIterator[WebBox]:
    """A web server with one camera, of which nothing has come yet."""
    async with web_box(tmp_path, live=QUICK) as running:
        await running.add(camera_row("front"))
        yield running


async def test_it_begins_with_the_newest_keyframe_and_goes_on(box: WebBox, packets: list[Packet]) -> None:
    """The bytes are those of an MP4 file that plays."""
    fanout = fanout_of(packets[:8])
    box.with_.live.attach(FRONT, fanout)
    async with watching(box.http, box.url, "front") as watcher:
        await watcher.pictures(3)
        for packet in packets[8:]:
            fanout.put(packet)
        pictures = await watcher.pictures(10)
    assert [p.wall_us for p in pictures] == [p.wall_us for p in packets[5:]]
    with av.open(io.BytesIO(watcher.seen.file), "r") as container:
        assert len(list(container.decode(video=0))) == 10


@pytest.mark.parametrize(
    ("camera", "query", "status"),
    [("cellar", "", 404), ("front", "?stream=huge", 422), ("front", "?size=small", 422)],
)
async def test_what_does_not_exist_is_refused_before_the_handshake(
    box: WebBox, camera: str, query: str, status: int
) -> None:
    """With a problem, as everywhere."""
    with pytest.raises(WSServerHandshakeError) as refused:
        async with watching(box.http, box.url, camera, query):
            pass
    assert refused.value.status == status


async def test_another_website_may_not_watch(box: WebBox) -> None:
    """A page elsewhere could open a WebSocket to this machine: its Origin tells."""
    with pytest.raises(WSServerHandshakeError) as refused:
        await box.http.ws_connect(
            f"{box.url}/api/v1/cameras/front/live", headers={"Origin": "http://elsewhere.example"}
        )
    assert refused.value.status == 403


async def test_who_does_not_speak_websocket_is_told(box: WebBox) -> None:
    """It takes no place."""
    assert (await box.get("/api/v1/cameras/front/live")).status == 400
    async with watching(box.http, box.url, "front"):
        pass


async def test_one_too_many_is_asked_to_come_later(box: WebBox) -> None:
    """And is admitted when another has gone."""
    live = box.with_.live
    live.settings = replace(QUICK, most_viewers_per_camera=1)
    async with watching(box.http, box.url, "front"):
        with pytest.raises(WSServerHandshakeError) as refused:
            async with watching(box.http, box.url, "front"):
                pass
        assert refused.value.status == 503
    await viewers(box, 0)
    async with watching(box.http, box.url, "front"):
        pass


async def test_the_state_is_said_and_the_smaller_stream_comes_from_the_second_address(
    box: WebBox, packets: list[Packet]
) -> None:
    """What cannot be played is said with its reason."""
    second = box.with_.live._second
    jpeg = replace(packets[0].stream, codec="mjpeg")
    box.with_.live.attach(FRONT, fanout_of([replace(packets[0], stream=jpeg)]))
    second.fanouts[FRONT] = fanout_of(packets[:2])  # type: ignore[attr-defined]
    async with watching(box.http, box.url, "front") as watcher:
        assert (await watcher.state())["state"] == "not_recordable"
    async with watching(box.http, box.url, "front", "?stream=small") as watcher:
        assert len(await watcher.pictures(2)) == 2


async def test_whoever_says_something_is_told_that_nothing_is_expected(box: WebBox) -> None:
    """And goes on watching."""
    async with watching(box.http, box.url, "front") as watcher:
        await watcher.socket.send_str('{"type":"pause"}')
        await watcher.next()
        assert watcher.seen.said[0]["code"] == "invalid_request"
        await watcher.socket.ping()


async def test_a_deleted_camera_s_viewers_are_let_go(box: WebBox) -> None:
    """Their connection is closed with a code that says so: they need not try again."""
    async with watching(box.http, box.url, "front") as watcher:
        await viewers(box, 1)
        box.with_.live.forget(FRONT)
        assert await watcher.next() is WSMsgType.CLOSE
        assert watcher.socket.close_code == 4404


@contextmanager
def stalled(box: WebBox) -> Iterator[socket.socket]:
    """Connect one who watches and reads nothing."""
    with socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, KERNEL_BYTES)
        client.connect(("127.0.0.1", box.server.port))
        client.sendall(
            b"GET /api/v1/cameras/front/live HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n"
            b"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            b"Sec-WebSocket-Key: c3RhbGxlZC1jbGllbnQtIQ==\r\n\r\n" % box.server.port
        )
        yield client


def large(packets: list[Packet], box: WebBox, number: int) -> list[Packet]:
    """Return a GOP of 280 kB that arrives now; the camera's time goes on by half a second with each."""
    now_ns = MonotonicNs(box.with_.clock.monotonic_ns())
    return [
        replace(
            packet,
            data=packet.data + b"\x7f" * (200_000 if packet.is_keyframe else 20_000),
            wall_us=WallUs(packet.wall_us + number * 500_000),
            arrived_ns=now_ns,
        )
        for packet in packets[:5]
    ]


async def test_a_stalled_viewer_is_bounded_cut_and_costs_no_other_one_anything(
    box: WebBox, packets: list[Packet]
) -> None:
    """The one beside it gets every picture; what waits for it is bounded, and left out in whole GOPs."""
    fanout = fanout_of()
    box.with_.live.attach(FRONT, fanout)
    with stalled(box) as client:
        await viewers(box, 1)
        (slow,) = box.with_.live._viewers
        async with watching(box.http, box.url, "front") as watcher:
            await viewers(box, 2)
            for number in range(60):
                for packet in large(packets, box, number):
                    fanout.put(packet)
                pictures = await watcher.pictures(5 * (number + 1))
                assert slow.waiting_bytes <= QUICK.queue_bytes
            steps = {b.wall_us - a.wall_us for a, b in itertools.pairwise(pictures)}
            assert steps == {100_000}
            poll = select.poll()
            poll.register(client, 0)
            assert await asyncio.to_thread(poll.poll, 30_000), "the stalled viewer is still connected"
    skipped = box.with_.metrics.counter("nightjar_live_pictures_skipped_total", "")
    assert skipped.value("front") > 0


async def test_when_the_server_stops_its_viewers_are_let_go(tmp_path: Path) -> None:
    """With 1001, as every client; the server does not wait for them to go by themselves."""
    async with ClientSession() as http:
        async with web_box(tmp_path, live=QUICK) as running:
            await running.add(camera_row("front"))
            socket = await http.ws_connect(f"{running.url}/api/v1/cameras/front/live")
            await viewers(running, 1)
            reading = asyncio.create_task(socket.receive(10))
        assert (await reading).type is WSMsgType.CLOSE
        assert socket.close_code == 1001
