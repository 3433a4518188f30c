"""Forty simulated cameras before the whole appliance, some of them in each state of fault.

The appliance runs in this process, the cameras and the detector's worker in processes of their own. What must
hold: the healthy cameras lose no packet, the event loop is never late for long, and memory, threads and open
files do not grow.
"""

import asyncio
import gc
import itertools
import os
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from aiohttp import ClientSession

from appliance.compose import Running, appliance
from appliance.config import Config, ServerSettings, StorageSettings
from appliance.detections.settings import Settings as DetectorSettings
from appliance.domain.camera import Camera
from appliance.domain.ids import CameraId
from tests.support.arrivals.clip import ClipSpec, cached
from tests.support.camera_simulator.process import SimulatorProcess, simulator_process

COUNT = 40
EVERY_LARGE = 5
EVERY_BUSY = 4
SECONDS = 40

ONLINE_WITHIN_S = 60.0
SETTLE_S = 30.0
"""After the last camera is online: most have learnt by then what their quiet scene looks like."""
STALLED_S = 3.0
NOW_AND_THEN_S = 7.0
SAMPLE_S = 1.0
LAG_STEP_S = 0.01

LAG_LIMIT_MS = 50.0
TREND_LIMIT_RATIO = 0.03
"""How much of the memory the trend over the last two thirds may add up to; allocators breathe."""
FEW = 2
"""Threads and files more or less that are no trend: cameras in fault come and go."""

Order = tuple[object, ...]
"""A method of ``SimulatedCamera`` and its arguments."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What one camera does wrong.

    Attributes:
        begin: orders given once, when all cameras are online.
        again: orders given every few seconds, in turn.
    """

    name: str
    begin: tuple[Order, ...] = ()
    again: tuple[Order, ...] = ()


FAULTS = (
    Fault("stalled", (("stall",),)),
    Fault("refused", (("unplug",),)),
    Fault("wrong password", (("answer", 401), ("cut",))),
    Fault("no such stream", (("answer", 404), ("cut",))),
    Fault("unavailable", (("answer", 503), ("cut",))),
    Fault("never describes", (("hang", "before_describe"), ("cut",))),
    Fault("never plays", (("hang", "before_play"), ("cut",))),
    Fault("plays nothing", (("hang", "after_play"), ("cut",))),
    Fault("no keyframes", (("drop_keyframes",),)),
    Fault("flipped bits", (("flip_bits", 0.05),)),
    Fault("lost packets", (("lose_packets", 0.05),)),
    Fault("repeated time stamps", (("repeat_timestamps",),)),
    Fault("broken NAL units", (("send_broken_nal_units", 1_000),)),
    Fault("resets now and then", again=(("cut",),)),
    Fault("ends now and then", again=(("end_stream",),)),
    Fault("jumps now and then", again=(("jump_timestamps", -3600.0), ("jump_timestamps", 3600.0))),
)


@dataclass(frozen=True, slots=True)
class Place:
    """One camera: what it plays, and what is wrong with it."""

    name: str
    spec: ClipSpec
    fault: Fault | None


def places() -> list[Place]:
    """Return the cameras: each fifth one is large, each fourth one busy; every fault is at a small one."""
    faults = iter(FAULTS)
    return [
        Place(f"cam{i}", _spec(i), next(faults, None) if i % EVERY_LARGE in (1, 2) else None)
        for i in range(COUNT)
    ]


def _spec(i: int) -> ClipSpec:
    """Return what a camera plays; 10 pictures a second at the small ones is what two cores can carry.

    Where a quiet clip begins anew its light jumps a little, which wakes: it is quieter at most places.
    """
    busy = i % EVERY_BUSY == EVERY_BUSY - 1
    large = i % EVERY_LARGE == 0
    width, height, fps = (1920, 1080, 15) if large else (640, 360, 10)
    return ClipSpec(7, SECONDS, width, height, fps, visited=busy, busy=busy)


@dataclass(frozen=True, slots=True)
class Sample:
    """What the process has at a moment."""

    at_s: float
    rss_mb: float
    threads: int
    files: int

    @classmethod
    def now(cls) -> "Sample":
        """Return this process's."""
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        return cls(
            time.monotonic(),
            pages * os.sysconf("SC_PAGE_SIZE") / 1e6,
            sum(1 for _ in Path("/proc/self/task").iterdir()),
            sum(1 for _ in Path("/proc/self/fd").iterdir()),
        )


@dataclass(slots=True)
class Outcome:
    """What was seen.

    Attributes:
        lost: pictures that a healthy camera sent and that were not counted, by camera; with those that the
            simulator could not get rid of.
        reconnects: of healthy cameras.
        lags_ms: how late the event loop woke a task that sleeps for 10 ms.
        samples: one each second.
        busy_cores: how many cores were busy on the average, with the simulator and everything else.
        own_cores: how many this process kept busy.
        states: the cameras' states at the end, by name.
    """

    lost: dict[str, int] = field(default_factory=dict)
    reconnects: dict[str, int] = field(default_factory=dict)
    pictures: int = 0
    lags_ms: list[float] = field(default_factory=list)
    samples: list[Sample] = field(default_factory=list)
    busy_cores: float = 0.0
    own_cores: float = 0.0
    states: dict[str, str] = field(default_factory=dict)

    @property
    def lag_p99_ms(self) -> float:
        """The lag that one in a hundred exceeds."""
        return float(np.percentile(self.lags_ms, 99))

    @property
    def trend_mb(self) -> float:
        """By how much the line through the memory of the last two thirds rises."""
        tail = self.samples[len(self.samples) // 3 :]
        at = np.array([sample.at_s for sample in tail])
        slope = float(np.polyfit(at - at[0], [sample.rss_mb for sample in tail], 1)[0])
        return slope * float(at[-1] - at[0])

    def grown(self, of: Callable[[Sample], int]) -> int:
        """Return by how much something is more in the last third than in the second, at the median."""
        third = len(self.samples) // 3
        middle, last = self.samples[third : 2 * third], self.samples[2 * third :]
        return round(statistics.median(map(of, last)) - statistics.median(map(of, middle)))

    def failures(self) -> list[str]:
        """Return what did not hold, a sentence each."""
        found = [f"{name} lost {count} pictures" for name, count in self.lost.items() if count]
        found += [f"{name} was reconnected {n} times" for name, n in self.reconnects.items() if n]
        if self.lag_p99_ms > LAG_LIMIT_MS:
            found.append(f"the event loop was {self.lag_p99_ms:.0f} ms late at p99")
        if self.trend_mb > TREND_LIMIT_RATIO * self.samples[-1].rss_mb:
            found.append(f"memory rose by {self.trend_mb:.1f} MB to {self.samples[-1].rss_mb:.0f} MB")
        for what, count in (("threads", lambda s: s.threads), ("files", lambda s: s.files)):
            if abs(self.grown(count)) > FEW:
                found.append(f"there are {self.grown(count):+d} {what}")
        return found

    @property
    def so_far(self) -> str:
        """What is known before the end."""
        last = self.samples[-1]
        return (
            f"event loop late by {np.median(self.lags_ms):.1f} ms p50, {self.lag_p99_ms:.1f} ms p99, "
            f"{max(self.lags_ms):.0f} ms at most; "
            f"memory {last.rss_mb:.0f} MB, trend {self.trend_mb:+.1f} MB; "
            f"{last.threads} threads ({self.grown(lambda s: s.threads):+d}), "
            f"{last.files} files ({self.grown(lambda s: s.files):+d})"
        )

    def __str__(self) -> str:
        return (
            f"{len(self.lost)} healthy cameras, {self.pictures} pictures, {sum(self.lost.values())} lost; "
            f"{self.so_far}; {self.busy_cores:.2f} cores busy, {self.own_cores:.2f} of them here"
        )


async def watched(folder: Path, lasts_s: float, say: Callable[[str], None]) -> Outcome:
    """Run the appliance with all cameras, misbehave for so long, and return what was seen.

    Args:
        folder: for the data.
        lasts_s: with all faults, after everything has begun.
        say: is told how far it is.
    """
    cameras = places()
    clips = [await asyncio.to_thread(cached, place.spec, None, say) for place in cameras]
    with simulator_process(clips) as simulator:
        config = Config(
            server=ServerSettings(port=0),
            storage=StorageSettings(data=folder),
            detector=DetectorSettings(model="builtin"),
            cameras=tuple(
                Camera(CameraId(place.name), place.name, url)
                for place, url in zip(cameras, simulator.urls, strict=True)
            ),
        )
        async with appliance(config) as running, ClientSession() as http:
            return await Watch(cameras, simulator, running, http, say).run(lasts_s)


class Watch:
    """Makes the cameras misbehave and looks at the appliance meanwhile."""

    def __init__(
        self,
        cameras: Sequence[Place],
        simulator: SimulatorProcess,
        running: Running,
        http: ClientSession,
        say: Callable[[str], None],
    ) -> None:
        self._cameras = cameras
        self._healthy = [place.name for place in cameras if place.fault is None]
        self._simulator = simulator
        self._url = f"http://127.0.0.1:{running.port}"
        self._http = http
        self._say = say
        self._outcome = Outcome()

    async def run(self, lasts_s: float) -> Outcome:
        """Do everything; return what was seen."""
        async with asyncio.timeout(ONLINE_WITHIN_S):
            while len(await self._packets()) < len(self._cameras):  # noqa: ASYNC110
                await asyncio.sleep(SAMPLE_S)
        self._say(f"all {len(self._cameras)} cameras are online; they behave for {SETTLE_S:.0f} s")
        await asyncio.sleep(SETTLE_S)
        outcome, began = self._outcome, (time.monotonic(), _busy_s(), time.process_time())
        tasks = [asyncio.create_task(work) for work in (self._lag(), self._sample(), self._misbehave())]
        await asyncio.wait(tasks, timeout=lasts_s, return_when=asyncio.FIRST_COMPLETED)
        passed_s = time.monotonic() - began[0]
        outcome.busy_cores = (_busy_s() - began[1]) / passed_s
        outcome.own_cores = (time.process_time() - began[2]) / passed_s
        for task in tasks:
            assert not task.done(), task.exception()
            task.cancel()
        await asyncio.wait(tasks)
        await self._compare()
        return outcome

    async def _lag(self) -> None:
        """Measure how late the event loop is."""
        while True:
            due = time.monotonic() + LAG_STEP_S
            await asyncio.sleep(LAG_STEP_S)
            self._outcome.lags_ms.append(1e3 * max(0.0, time.monotonic() - due))

    async def _sample(self) -> None:
        """Note what the process has, each second."""
        for number in itertools.count():
            if number % 10 == 0:
                gc.collect()
            self._outcome.samples.append(Sample.now())
            if number % 60 == 59:
                self._say(self._outcome.so_far)
            await asyncio.sleep(SAMPLE_S)

    async def _misbehave(self) -> None:
        """Give the orders: those of the beginning, then the others in turn."""
        faulty = [(place.name, place.fault) for place in self._cameras if place.fault is not None]
        for name, fault in faulty:
            for order in fault.begin:
                await self._tell(name, order)
        for turn in itertools.count():
            await asyncio.sleep(NOW_AND_THEN_S)
            for name, fault in faulty:
                if fault.again:
                    await self._tell(name, fault.again[turn % len(fault.again)])

    async def _tell(self, name: str, order: Order) -> None:
        await asyncio.to_thread(self._simulator.tell, name, *order)  # type: ignore[arg-type]

    async def _compare(self) -> None:
        """Have the healthy cameras pause, and compare what they sent with what was counted."""
        for name in self._healthy:
            await self._tell(name, ("stall",))
        await asyncio.sleep(STALLED_S)
        seen: dict[str, Any] = await asyncio.to_thread(self._simulator.seen)
        counted, again = await self._packets(), await self._numbers("nightjar_reconnects_total")
        for name in self._healthy:
            sent = seen[name]["pictures"] + seen[name]["dropped"]
            self._outcome.pictures += sent
            self._outcome.lost[name] = sent - counted[name]
            self._outcome.reconnects[name] = again.get(name, 0)
        async with self._http.get(f"{self._url}/api/v1/cameras") as answer:
            listed = await answer.json()
        self._outcome.states = {one["id"]: one["status"] for one in listed["items"]}

    async def _packets(self) -> dict[str, int]:
        return await self._numbers("nightjar_packets_total")

    async def _numbers(self, metric: str) -> dict[str, int]:
        """Return a counter's numbers by camera."""
        async with self._http.get(f"{self._url}/metrics") as answer:
            lines = (await answer.text()).splitlines()
        named = [line for line in lines if line.startswith(f'{metric}{{camera="')]
        return {line.split('"')[1]: round(float(line.rpartition(" ")[2])) for line in named}


def _busy_s() -> float:
    """Return the seconds in which the machine's cores were busy since it was started, all together."""
    fields = [int(part) for part in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]]
    return (sum(fields) - fields[3] - fields[4]) / os.sysconf("SC_CLK_TCK")
