"""Kill the detection worker at random moments under load, and see that nothing is left of it."""

import asyncio
import logging
import os
import random
import signal
import statistics
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from appliance.detections.models import sha256_of
from appliance.detections.settings import Settings
from appliance.detections.stage import DetectionStage
from appliance.detections.worker_client import WorkerClient
from appliance.detections.worker_fleet import WorkerFleet
from appliance.domain.detection import Detections
from appliance.domain.frame import Frame
from appliance.domain.ids import CameraId
from appliance.domain.time import NS_PER_S, MediaTime, MonotonicNs, WallUs
from appliance.runtime.clock import SystemClock
from appliance.runtime.health import Health
from appliance.runtime.metrics import Metrics
from appliance.runtime.supervisor import Supervisor
from tests.support.pictures import moving

CAMERAS = tuple(CameraId(f"cam{number}") for number in range(4))
FPS = 10.0
WITHIN_S = {"onnxruntime": 3.0}
OTHERS_WITHIN_S = 10.0
"""How soon detection is back after a kill, by what runs the model."""
LONGEST_WAIT_S = 0.3
"""The kill comes at a random moment of that time after detection is back."""
BRAKE_FREE_S = 61.0
RSS_MIB = 16
"""Allocators breathe by that much; what a hundred deaths left behind would be more."""
HERE = moving((100, 100, 600, 900))


class Impatient(SystemClock):
    """The machine's clock, of a supervisor to whom more than a minute passes between two deaths.

    The brake would else come after the fifth, and a hundred kills take two hours.
    """

    def __init__(self) -> None:
        self._ahead_ns = 0

    def monotonic_ns(self) -> MonotonicNs:
        """Return the time, as far ahead as it was moved."""
        return MonotonicNs(super().monotonic_ns() + self._ahead_ns)

    def pass_by(self, seconds: float) -> None:
        """Move it ahead."""
        self._ahead_ns += round(seconds * NS_PER_S)


@dataclass(frozen=True, slots=True)
class Left:
    """What this process holds: memory for pictures, descriptors, memory in all, children that ended."""

    memfds: int
    descriptors: int
    rss_bytes: int
    zombies: int

    @classmethod
    def now(cls) -> "Left":
        """Count it."""
        links = []
        for descriptor in Path("/proc/self/fd").iterdir():
            try:
                links.append(str(descriptor.readlink()))
            except FileNotFoundError:
                continue
        rss = int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
        return cls(sum("nightjar-frames" in link for link in links), len(links), rss, len(zombies()))


def zombies() -> list[str]:
    """Return the children of this process that have ended and were not waited for."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, parent = stat.read_text().rpartition(")")[2].split()[:2]
        except (FileNotFoundError, ProcessLookupError):
            continue
        if state == "Z" and int(parent) == os.getpid():
            found.append(stat.parent.name)
    return found


@dataclass
class Campaign:
    """A stage with one worker and some cameras of 1920×1080, and what the kills did to it.

    Args:
        model: the model's file.
        dice: for the moments.
        back_end: what is to run it; empty for the first that can.
    """

    model: Path
    dice: random.Random
    back_end: str = ""
    backs_s: list[float] = field(default_factory=list)
    in_flight: int = 0
    reported: int = 0
    offered: int = 0
    left: list[Left] = field(default_factory=list)
    within_s: float = OTHERS_WITHIN_S

    def __post_init__(self) -> None:
        self.clock = SystemClock()
        self.supervising = Impatient()
        self.client = WorkerClient(self.clock, Settings())
        self.stage = DetectionStage([self.client], self.clock, Metrics(), Settings(), self._report)
        self._seen = asyncio.Condition()
        self._pictures = [noise(number) for number in range(4)]
        for camera in CAMERAS:
            self.stage.camera(camera)

    async def run(self, kills: int) -> None:
        """Kill that often; fail at once when detection does not come back in time or a frame is missing."""
        async with Supervisor(self.supervising, Health()) as supervisor:
            supervisor.start("worker", self.client.run)
            info = await WorkerFleet([self.client]).load(
                str(self.model), self.back_end, sha256_of(self.model)
            )
            self.within_s = WITHIN_S.get(info.back_end, OTHERS_WITHIN_S)
            supervisor.start("detections", self.stage.run)
            async with self._cameras():
                await self._looked(len(CAMERAS) * 3)
                for _ in range(kills):
                    await self._kill()
                    self._check()
                    self.left.append(Left.now())
            await self._emptied()
        self._check()
        self.left.append(Left.now())

    def summary(self) -> dict[str, Any]:
        """Return what happened, for a person and for a line of JSON."""
        ledgers = self.stage.ledgers().values()
        warm = self.left[min(4, len(self.left) // 2) :]
        return {
            "kills": len(self.backs_s),
            "kills_in_flight": self.in_flight,
            "back_s_median": round(statistics.median(self.backs_s), 3),
            "back_s_max": round(max(self.backs_s), 3),
            "limit_s": self.within_s,
            "offered": self.offered,
            **{
                name: sum(getattr(ledger, name) for ledger in ledgers)
                for name in ("gated_out", "done", "dropped", "lost", "waiting")
            },
            "memfds_max": max(one.memfds for one in self.left),
            "memfds_left": self.left[-1].memfds,
            "descriptors_first": warm[0].descriptors,
            "descriptors_last": warm[-2].descriptors,
            "zombies": max(one.zombies for one in self.left),
            "rss_mib_first": warm[0].rss_bytes >> 20,
            "rss_mib_last": warm[-1].rss_bytes >> 20,
        }

    async def _kill(self) -> None:
        """Kill the worker at some moment, and wait until another one has looked at a frame."""
        await self.clock.sleep(self.dice.uniform(0.0, LONGEST_WAIT_S))
        pid = self.client.pid
        assert pid is not None
        lost = self._lost()
        self.supervising.pass_by(BRAKE_FREE_S)
        os.kill(pid, signal.SIGKILL)
        began = time.monotonic()
        async with asyncio.timeout(30.0):
            while self.client.pid in {pid, None}:
                await self.clock.sleep(0.002)
            await self.client.ready()
            await self._looked(1)
        self.backs_s.append(time.monotonic() - began)
        self.in_flight += self._lost() > lost
        assert self.backs_s[-1] <= self.within_s, f"detection was back after {self.backs_s[-1]:.1f} s"

    def _lost(self) -> int:
        return sum(ledger.lost for ledger in self.stage.ledgers().values())

    def _check(self) -> None:
        """Fail unless each frame that was offered has one end, or is on its way."""
        ledgers = self.stage.ledgers().values()
        assert sum(ledger.offered for ledger in ledgers) == self.offered
        assert sum(ledger.done for ledger in ledgers) == self.reported
        assert all(0 <= ledger.waiting <= 2 for ledger in ledgers)

    async def _emptied(self) -> None:
        """Wait until nothing waits any more, now that no frame comes."""
        async with asyncio.timeout(30.0):
            while any(ledger.waiting for ledger in self.stage.ledgers().values()):
                await self.clock.sleep(0.01)

    async def _report(self, _frame: Frame, _found: Detections) -> None:
        async with self._seen:
            self.reported += 1
            self._seen.notify_all()

    async def _looked(self, frames: int) -> None:
        wanted = self.reported + frames
        async with self._seen:
            await self._seen.wait_for(lambda: self.reported >= wanted)

    @asynccontextmanager
    async def _cameras(self) -> AsyncIterator[None]:
        """Let each camera bring its frames until the block ends."""
        tasks = [asyncio.create_task(self._camera(camera)) for camera in CAMERAS]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _camera(self, camera: CameraId) -> None:
        number = 0
        while True:
            now_ns = self.clock.monotonic_ns()
            self.stage.offer(
                Frame(
                    camera_id=camera,
                    i420=self._pictures[number % len(self._pictures)],
                    media=MediaTime(number, Fraction(1, 10)),
                    wall_us=WallUs(now_ns // 1000),
                    arrived_ns=now_ns,
                    is_corrupt=False,
                ),
                HERE,
            )
            self.offered += 1
            number += 1
            await self.clock.sleep(1.0 / FPS)


def noise(seed: int) -> npt.NDArray[np.uint8]:
    """Return a picture of 1920×1080 in I420."""
    return np.random.default_rng(seed).integers(0, 255, (1620, 1920), dtype=np.uint8)


def be_quiet() -> None:
    """Leave out what the service would log of each death."""
    logging.getLogger("appliance.runtime.supervisor").setLevel(logging.CRITICAL)


def faults_of(summary: dict[str, Any]) -> list[str]:
    """Return what is wrong with what is left after a campaign; empty when nothing is."""
    ends = sum(summary[name] for name in ("gated_out", "done", "dropped", "lost"))
    wrong = {
        f"{summary['offered']} frames came, {ends} have an end": summary["offered"] != ends,
        f"{summary['memfds_left']} memories are left": summary["memfds_left"] > 0,
        f"{summary['zombies']} children were not waited for": summary["zombies"] > 0,
        "descriptors are left": summary["descriptors_last"] > summary["descriptors_first"] + 2,
        "memory grows": summary["rss_mib_last"] > summary["rss_mib_first"] + RSS_MIB,
    }
    return [fault for fault, is_so in wrong.items() if is_so]
