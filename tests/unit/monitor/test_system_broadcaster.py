"""The machine's state reaches the bus at its own pace, and a change of health at once."""

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import msgspec

from appliance.bus.bus import Bus
from appliance.bus.filter import Filter
from appliance.bus.message import Channel
from appliance.bus.subscription import Subscription
from appliance.domain.camera import CameraStats
from appliance.domain.ids import CameraId
from appliance.monitor.settings import Settings
from appliance.monitor.stats import GpuStats
from appliance.monitor.system_broadcaster import SystemBroadcaster
from appliance.runtime.health import Health, Level
from tests.support.clock import SimulatedClock


@dataclass
class FakeGpus:
    """Returns one GPU whose load is the number of the reading, and notes the thread that asked.

    Attributes:
        goes_on: a reading hangs while it is not set.
    """

    readings: int = 0
    threads: set[int] = field(default_factory=set)
    goes_on: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        """Hang only where a test wants it."""
        self.goes_on.set()

    def read(self) -> list[GpuStats]:
        """Return the GPU."""
        self.readings += 1
        self.threads.add(threading.get_ident())
        self.goes_on.wait()
        return [GpuStats(0, "fake", utilization_percent=float(self.readings))]

    def silent(self) -> list[GpuStats]:
        """Return it as a GPU that does not answer."""
        return [GpuStats(0, "fake", lost="silent")]


@dataclass
class FakeStats:
    """The cameras' figures that a test chooses."""

    now: tuple[CameraStats, ...]

    def read(self) -> list[CameraStats]:
        """Return them."""
        return list(self.now)


@dataclass
class Stand:
    """A broadcaster at work on a simulated clock, and someone who listens."""

    clock: SimulatedClock
    health: Health
    gpus: FakeGpus
    heard: Subscription
    broadcaster: SystemBroadcaster

    async def next(self, message_type: str) -> dict[str, Any]:
        """Return the next message of that type; others that came with it are dropped."""
        while True:
            await self.heard.wait()
            for message in self.heard.take():
                if message.type == message_type:
                    return msgspec.json.decode(message.text, type=dict[str, Any])


@asynccontextmanager
async def stand(*cameras: CameraStats) -> AsyncIterator[Stand]:
    """Yield a running broadcaster and end it afterwards."""
    bus, health, gpus, clock = Bus(), Health(), FakeGpus(), SimulatedClock()
    broadcaster = SystemBroadcaster(clock, bus, health, gpus, FakeStats(cameras), Settings())
    with bus.subscribe(Filter(channels=frozenset({Channel.SYSTEM}))) as heard:
        task = asyncio.create_task(broadcaster.run())
        try:
            yield Stand(clock, health, gpus, heard, broadcaster)
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


async def test_gpu_stats_are_said_at_once_and_every_two_seconds() -> None:
    """Each message has the newest figures and no cursor, and the reading leaves the event loop alone."""
    async with stand() as s:
        first = await s.next("gpu_stats")
        assert first == {
            "channel": "system",
            "type": "gpu_stats",
            "at": "2023-11-14T22:13:20.000Z",
            "data": {"gpus": [{"index": 0, "name": "fake", "utilization_percent": 1.0}]},
        }
        await s.clock.advance(2.0)
        second = await s.next("gpu_stats")
        assert second["data"]["gpus"][0]["utilization_percent"] == 2.0
        assert second["at"] == "2023-11-14T22:13:22.000Z"
        assert s.broadcaster.gpus[0].utilization_percent == 2.0
        assert threading.get_ident() not in s.gpus.threads


async def test_gpus_whose_driver_hangs_are_told_after_five_seconds_and_when_it_goes_on() -> None:
    """A driver that has lost its GPU may not answer at all; what it says in the end is told as ever."""
    async with stand() as s:
        await s.next("gpu_stats")
        s.gpus.goes_on.clear()
        await s.clock.advance(2.0)
        await s.clock.advance(5.0)
        silent = await s.next("gpu_stats")
        assert silent["at"] == "2023-11-14T22:13:27.000Z"
        assert silent["data"]["gpus"] == [{"index": 0, "name": "fake", "lost": "silent"}]
        assert s.broadcaster.gpus[0].lost == "silent"
        s.gpus.goes_on.set()
        assert "lost" not in (await s.next("gpu_stats"))["data"]["gpus"][0]


async def test_the_cameras_figures_are_said_at_once_and_every_five_seconds() -> None:
    """What was not measured is absent; what was counted is there, be it 0."""
    busy = CameraStats(CameraId("front"), 14.987, 4_100_000.4, 31.10404, 3, 2, False, "idle")
    async with stand(busy, CameraStats(CameraId("yard"))) as s:
        first = await s.next("camera_stats")
        assert first["data"] == {
            "cameras": [
                {
                    "id": "front",
                    "fps": 14.99,
                    "bitrate_bps": 4_100_000,
                    "decoded_megapixels_s": 31.104,
                    "corrupt_frames": 3,
                    "reconnects": 2,
                    "is_quiet": False,
                    "recording": "idle",
                },
                {"id": "yard", "corrupt_frames": 0, "reconnects": 0},
            ]
        }
        assert "cursor" not in first
        await s.clock.advance(5.0)
        assert (await s.next("camera_stats"))["at"] == "2023-11-14T22:13:25.000Z"


async def test_health_is_said_at_the_start_and_every_thirty_seconds() -> None:
    """Nothing changed, and yet a client that missed the last one knows soon."""
    async with stand() as s:
        assert (await s.next("health"))["data"] == {"level": "ok", "parts": []}
        await s.clock.advance(30.0)
        assert (await s.next("health"))["at"] == "2023-11-14T22:13:50.000Z"


async def test_a_change_of_health_is_said_without_waiting() -> None:
    """It is reported by another thread, and the clock stands still meanwhile."""
    async with stand() as s:
        await s.next("health")
        await asyncio.to_thread(s.health.report, "disk", Level.DEGRADED, "only 0.3 GB are free")
        assert (await s.next("health"))["data"] == {
            "level": "degraded",
            "parts": [{"part": "disk", "level": "degraded", "reason": "only 0.3 GB are free"}],
        }
