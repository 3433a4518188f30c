"""How old a picture is when a viewer's socket has it: from the camera's fanout to eight viewers.

The whole appliance runs in this process, with four simulated cameras of 1920×1080 at 15 pictures a second in
which something moves all the time, and their detection; the viewers, in a process of their own, watch one of
them over WebSocket. A picture's way begins when the camera's thread puts its packet into the fanout, and ends
when the last of its bytes was read by a viewer.

The floor is a thread that writes the same bytes at the same pace to eight bare sockets, beside the same
cameras, in turn with ours in the same run. ``first_ms`` is from the beginning of the connection to the first
whole picture, of one viewer who comes at any moment.
"""

import asyncio
import itertools
import random
import socket
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import uvloop
from aiohttp import ClientSession

from appliance.compose import appliance
from appliance.config import Config, ServerSettings, StorageSettings
from appliance.detections.settings import Settings as DetectorSettings
from appliance.domain.camera import Camera
from appliance.domain.ids import CameraId
from appliance.domain.packet import Packet
from appliance.live.message import HEADER
from appliance.packets.fanout import Fanout
from bench.report import median, percentile, progress, result
from bench.viewers import Order, Viewers, Watched, frame
from tests.support.arrivals.clip import ClipSpec, cached
from tests.support.camera_simulator.process import simulator_process

CAMERAS = 4
VIEWERS = 8
FPS = 15
CLIP = ClipSpec(seed=7, duration_s=40, width=1920, height=1080, fps=FPS, busy=True)

PAIRS = 3
WINDOW_S = 12.0
SETTLE_S = 1.5
"""What comes in the first moments of a viewer is the GOP so far, which is as old as it is."""
FIRSTS = 30
WARM_S = 20.0
LIMIT_MS = 1000 / FPS + 30


@dataclass
class Put:
    """When each packet of the watched camera was put into its fanout, by the picture's time."""

    at_ns: dict[int, int] = field(default_factory=dict)


@contextmanager
def noting(camera_id: CameraId) -> Iterator[Put]:
    """Note when a camera's packets are put into its fanout, until the block ends."""
    noted, put = Put(), Fanout.put

    def timed(fanout: Fanout, packet: Packet) -> None:
        if packet.camera_id == camera_id:
            noted.at_ns[packet.wall_us] = time.monotonic_ns()
        put(fanout, packet)

    setattr(Fanout, "put", timed)  # noqa: B010 - mypy forbids the plain way
    try:
        yield noted
    finally:
        setattr(Fanout, "put", put)  # noqa: B010


@dataclass(frozen=True)
class Window:
    """What came of watching for a while: milliseconds of each picture at each viewer, and what is missing."""

    ms: list[float]
    missing: int
    sizes: list[int]


def window_of(watched: Sequence[Watched], put: dict[int, int]) -> Window:
    """Compare what viewers saw with what was put meanwhile."""
    begin_ns = max(one.connecting_ns for one in watched) + round(SETTLE_S * 1e9)
    end_ns = min(one.arrivals[-1][1] for one in watched) - 500_000_000
    counted = {wall_us: at_ns for wall_us, at_ns in put.items() if begin_ns <= at_ns <= end_ns}
    seen = [
        (wall_us, (at_ns - counted[wall_us]) / 1e6, size)
        for one in watched
        for wall_us, at_ns, size in one.arrivals
        if wall_us in counted
    ]
    sizes = {wall_us: size for wall_us, _, size in seen}
    missing = len(counted) * len(watched) - len(seen)
    return Window([ms for _, ms, _ in seen], missing, [sizes[wall_us] for wall_us in sorted(sizes)])


def write_bare(listening: socket.socket, sizes: Sequence[int], put: dict[int, int]) -> None:
    """Accept the viewers, and write pictures of these sizes at the camera's pace; on a thread of its own."""
    takers = [listening.accept()[0] for _ in range(VIEWERS)]
    for taker in takers:
        taker.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    end_ns = time.monotonic_ns() + round(WINDOW_S * 1e9)
    for i in itertools.takewhile(lambda _: time.monotonic_ns() < end_ns, itertools.count()):
        payload = HEADER.pack(0, i) + random.randbytes(sizes[i % len(sizes)] - HEADER.size)
        whole = frame(payload)
        put[i] = time.monotonic_ns()
        for taker in takers:
            taker.sendall(whole)
        time.sleep(1 / FPS)
    for taker in takers:
        taker.close()


async def floor(viewers: Viewers, sizes: Sequence[int]) -> Window:
    """Return the same of the bare sockets."""
    put: dict[int, int] = {}
    with socket.create_server(("127.0.0.1", 0), backlog=VIEWERS) as listening:
        port = listening.getsockname()[1]
        writing = asyncio.create_task(asyncio.to_thread(write_bare, listening, sizes, put))
        watched = await viewers.watch(Order(port, "", VIEWERS, WINDOW_S + 3.0))
        await writing
    return window_of(watched, put)


async def online(port: int) -> None:
    """Wait until every camera is online and its ring is warm."""
    async with ClientSession() as http:
        while True:
            async with http.get(f"http://127.0.0.1:{port}/api/v1/cameras") as answer:
                states = [item["status"] for item in (await answer.json())["items"]]
            if states == ["online"] * CAMERAS:
                break
            await asyncio.sleep(0.5)
    await asyncio.sleep(WARM_S)


async def firsts(viewers: Viewers, port: int, path: str) -> list[float]:
    """Return how long it took, in milliseconds, until somebody who came had a picture."""
    waited = []
    for _ in range(FIRSTS):
        await asyncio.sleep(random.uniform(0.05, 0.4))
        (one,) = await viewers.watch(Order(port, path, 1, 0))
        waited.append((one.arrivals[0][1] - one.connecting_ns) / 1e6)
    return waited


def config_of(urls: Sequence[str], data: Path) -> Config:
    """Return the appliance's settings: these cameras, the built-in detector, nothing fetched."""
    cameras = tuple(Camera(CameraId(f"cam{i}"), f"Camera {i}", url) for i, url in enumerate(urls))
    return Config(
        server=ServerSettings(port=0),
        storage=StorageSettings(data),
        detector=DetectorSettings(model="builtin"),
        cameras=cameras,
    )


async def main() -> None:
    """Measure pairs of ours and the floor."""
    ours: list[Window] = []
    floors: list[Window] = []
    with (
        tempfile.TemporaryDirectory() as folder,
        simulator_process([cached(CLIP)], CAMERAS) as cameras,
        noting(CameraId("cam0")) as noted,
    ):
        async with appliance(config_of(cameras.urls, Path(folder))) as running, Viewers() as viewers:
            await online(running.port)
            path = "/api/v1/cameras/cam0/live"
            waited = await firsts(viewers, running.port, path)
            progress(f"first picture: median {median(waited):.0f} ms, longest {max(waited):.0f} ms")
            for pair in range(PAIRS):
                watched = await viewers.watch(Order(running.port, path, VIEWERS, WINDOW_S))
                ours.append(window_of(watched, noted.at_ns))
                floors.append(await floor(viewers, ours[-1].sizes))
                progress(
                    f"pair {pair + 1}: p99 {percentile(ours[-1].ms, 99):.1f} ms, "
                    f"floor {percentile(floors[-1].ms, 99):.1f} ms"
                )
    report(ours, floors, waited)


def report(ours: Sequence[Window], floors: Sequence[Window], waited: Sequence[float]) -> None:
    """Print the result."""
    p99s = [percentile(window.ms, 99) for window in ours]
    floor_p99s = [percentile(window.ms, 99) for window in floors]
    result(
        "live",
        median(p99s),
        f"ms from the packet to {VIEWERS} viewers, p99",
        median(floor_p99s),
        median([value / floor for value, floor in zip(p99s, floor_p99s, strict=True)]),
        {
            "p50_ms": round(median([percentile(window.ms, 50) for window in ours]), 2),
            "floor_p50_ms": round(median([percentile(window.ms, 50) for window in floors]), 2),
            "p99_ms_of_each_pair": [round(p99, 2) for p99 in p99s],
            "p99_limit_ms": round(LIMIT_MS, 1),
            "longest_ms": round(max(max(window.ms) for window in ours), 2),
            "pictures_missing": sum(window.missing for window in ours),
            "pictures": sum(len(window.ms) for window in ours),
            "first_ms_median": round(median(waited), 1),
            "first_ms_longest": round(max(waited), 1),
            "first_limit_ms": 500,
        },
    )


if __name__ == "__main__":
    uvloop.run(main())
