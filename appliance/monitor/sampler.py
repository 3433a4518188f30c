"""Once a minute: how the box was doing, as a row for the charts."""

import asyncio
import functools
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, Protocol

from sqlalchemy import Connection

from appliance.commit.committer import Committer
from appliance.domain.ids import CameraId
from appliance.domain.time import EARLIEST_US, MonotonicNs
from appliance.errors import Overloaded, StoreUnavailable
from appliance.monitor.host import HostReader
from appliance.monitor.host_stats import HostStats
from appliance.monitor.machine import disk_space
from appliance.monitor.stats import GpuStats
from appliance.runtime.clock import Clock, seconds_since
from appliance.store import samples
from appliance.store.reader import Reader
from appliance.store.samples import Sample

log = logging.getLogger(__name__)

EVERY_S = 60.0
FIRST_S = 10.0
"""The first one comes soon, so that whoever has just started the service sees that there will be charts."""
MS_PER_S = 1000


class Looked(NamedTuple):
    """What became of a camera's frames since it is known: analysed, and those that should have been."""

    done: int
    dropped: int


class Gpus(Protocol):
    """The monitor of the accelerators."""

    @property
    def gpus(self) -> Sequence[GpuStats]:
        """The newest figures of each GPU."""
        ...


class Sampler:
    """Writes a sample a minute through the committer; used from the event loop.

    Args:
        host: its own reader, so that its shares of CPU time are those of the minute.
        looked: what became of each camera's frames.
        folders: the storage paths of footage whose disks answer.
    """

    def __init__(
        self,
        clock: Clock,
        reader: Reader,
        committer: Committer,
        host: HostReader,
        gpus: Gpus,
        looked: Callable[[], Mapping[CameraId, Looked]],
        folders: Callable[[], Sequence[Path]],
    ) -> None:
        self._clock = clock
        self._reader = reader
        self._committer = committer
        self._host = host
        self._gpus = gpus
        self._looked = looked
        self._folders = folders
        self._before: Mapping[CameraId, Looked] = {}
        self._since = MonotonicNs(0)

    async def run(self) -> None:
        """Sample until cancelled."""
        await self.begin()
        await self._clock.sleep(FIRST_S)
        while True:
            await self.run_once()
            await self._clock.sleep(EVERY_S)

    async def begin(self) -> None:
        """Note where what is counted stands: a sample tells what came since the look before."""
        await asyncio.to_thread(self._host.read)
        self._before, self._since = self._looked(), self._clock.monotonic_ns()

    async def run_once(self) -> None:
        """Take one sample and hand it over; a box whose clock was never set takes none."""
        host = await asyncio.to_thread(self._host.read)
        free = await asyncio.to_thread(free_bytes, self._folders())
        sample = await self._sample(host, free)
        if sample is None or sample.at_us < EARLIEST_US:
            return
        try:
            self._committer.post(functools.partial(samples.add, sample=sample))
        except Overloaded as err:
            log.warning("a sample for the charts is left out: %s", err)

    async def _sample(self, host: HostStats, free: int | None) -> Sample | None:
        looked, passed_s = self._looked(), seconds_since(self._clock, self._since)
        done, dropped = gained(self._before, looked)
        self._before, self._since = looked, self._clock.monotonic_ns()
        try:
            async with self._reader.read() as connection:
                footage, online = await connection.run_sync(_counted)
        except StoreUnavailable:
            return None
        gpu = next(iter(self._gpus.gpus), None)
        commits = self._committer.latencies.within(EVERY_S)
        return Sample(
            at_us=self._clock.wall_us(),
            cpu_percent=host.cpu_percent,
            memory_percent=_rounded(host.memory_percent),
            gpu_percent=None if gpu is None else gpu.utilization_percent,
            gpu_memory_percent=_rounded(_memory_percent(gpu)),
            gpu_temperature_c=None if gpu is None else gpu.temperature_c,
            disk_free_bytes=free,
            footage_bytes=footage,
            detections_per_s=round(done / passed_s, 3) if passed_s > 0 else None,
            frames_dropped=dropped,
            commit_p99_ms=None if commits is None else round(commits.p99_s * MS_PER_S, 2),
            cameras_online=online,
        )


def gained(before: Mapping[CameraId, Looked], now: Mapping[CameraId, Looked]) -> Looked:
    """Return what was added since; what is counted of a camera that came anew begins at 0."""
    done = dropped = 0
    for camera_id, looked in now.items():
        then = before.get(camera_id, Looked(0, 0))
        if looked.done < then.done or looked.dropped < then.dropped:
            then = Looked(0, 0)
        done, dropped = done + looked.done - then.done, dropped + looked.dropped - then.dropped
    return Looked(done, dropped)


def free_bytes(folders: Iterable[Path]) -> int | None:
    """Return what is free on the disks of these folders, each disk once; ``None`` when none can be asked."""
    found: dict[int, int] = {}
    for folder in folders:
        try:
            found[folder.stat().st_dev] = disk_space(folder).free_bytes
        except OSError as err:
            log.debug("%s cannot be asked for its room: %s", folder, err)
    return sum(found.values()) if found else None


def _counted(connection: Connection) -> tuple[int, int]:
    return samples.footage_bytes(connection), samples.cameras_online(connection)


def _memory_percent(gpu: GpuStats | None) -> float | None:
    if gpu is None or gpu.memory_used_bytes is None or not gpu.memory_total_bytes:
        return None
    return 100 * gpu.memory_used_bytes / gpu.memory_total_bytes


def _rounded(percent: float | None) -> float | None:
    return None if percent is None else round(percent, 1)
