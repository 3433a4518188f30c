"""The machine that the service runs on: CPU, memory, temperatures, its clock."""

import asyncio
import os
from collections.abc import Callable, Mapping
from pathlib import Path

from appliance.domain.time import NS_PER_S, MonotonicNs
from appliance.monitor import procfs
from appliance.monitor.host_stats import HostStats, ProcessStats
from appliance.monitor.procfs import CpuTime, ProcessTime, text_of
from appliance.monitor.settings import Settings
from appliance.monitor.temperatures import temperatures
from appliance.runtime.clock import Clock
from appliance.runtime.kernel_clock import synchronisation

FIRST_S = 1.0
"""Shares of time need two looks; the second one comes soon after the start."""

Processes = Callable[[], Mapping[str, int | None]]
"""Returns the pids of our own processes by name; ``None`` for one that does not run just now."""


class HostReader:
    """Reads /proc and /sys; a share of CPU time is that since the look before.

    Blocks, and is used by one thread at a time.

    Args:
        processes: which ones are ours.
        root: below which ``proc`` and ``sys`` are; tests give a recorded tree.
        is_synchronised: asks the kernel for the clock.
    """

    def __init__(
        self,
        clock: Clock,
        processes: Processes,
        root: Path = Path("/"),
        is_synchronised: Callable[[], bool | None] = synchronisation,
    ) -> None:
        self._clock = clock
        self._processes = processes
        self._proc, self._sys = root / "proc", root / "sys"
        self._is_synchronised = is_synchronised
        self._cpu: dict[str, CpuTime] = {}
        self._used: dict[tuple[int, int], tuple[int, MonotonicNs]] = {}

    def read(self) -> HostStats:
        """Look at everything once."""
        cpu, cores = self._shares()
        memory = procfs.memory(text_of(self._proc / "meminfo") or "")
        swap, swap_free = memory.get("SwapTotal"), memory.get("SwapFree")
        uptime = procfs.numbers(text_of(self._proc / "uptime"), 1)
        return HostStats(
            cpu_percent=cpu,
            core_percents=cores,
            load=procfs.numbers(text_of(self._proc / "loadavg"), 3),
            memory_total_bytes=memory.get("MemTotal"),
            memory_available_bytes=memory.get("MemAvailable"),
            swap_total_bytes=swap,
            swap_used_bytes=None if swap is None or swap_free is None else swap - swap_free,
            processes=self._ours(),
            temperatures=temperatures(self._sys),
            uptime_s=None if uptime is None else uptime[0],
            clock_synchronised=self._is_synchronised(),
        )

    def _shares(self) -> tuple[float | None, list[float | None]]:
        now = procfs.cpu_times(text_of(self._proc / "stat") or "")
        before, self._cpu = self._cpu, now
        shares = {
            name: _rounded(time.percent_since(before[name])) if name in before else None
            for name, time in now.items()
        }
        whole = shares.pop("cpu", None)
        return whole, list(shares.values())

    def _ours(self) -> list[ProcessStats]:
        before, self._used = self._used, {}
        found = []
        for name, pid in self._processes().items():
            text = None if pid is None else text_of(self._proc / str(pid) / "stat")
            time = None if text is None else procfs.process_time(text)
            if time is not None and pid is not None:
                share = self._share(pid, time, before)
                found.append(ProcessStats(name, share, time.pages * os.sysconf("SC_PAGE_SIZE"), time.threads))
        return found

    def _share(
        self, pid: int, time: ProcessTime, before: Mapping[tuple[int, int], tuple[int, MonotonicNs]]
    ) -> float | None:
        now, key = self._clock.monotonic_ns(), (pid, time.started)
        self._used[key] = time.ticks, now
        if key not in before or now <= before[key][1]:
            return None
        ticks, then = before[key]
        used_s = (time.ticks - ticks) / os.sysconf("SC_CLK_TCK")
        return _rounded(100 * used_s * NS_PER_S / (now - then))


class HostMonitor:
    """Looks at the machine every few seconds, on a thread."""

    def __init__(self, clock: Clock, reader: HostReader, settings: Settings) -> None:
        self._clock = clock
        self._reader = reader
        self._settings = settings
        self._stats = HostStats()

    @property
    def stats(self) -> HostStats:
        """The newest look; nothing is known before the first."""
        return self._stats

    async def run(self) -> None:
        """Look until cancelled."""
        await self.run_once()
        await self._clock.sleep(min(FIRST_S, self._settings.host_every_s))
        while True:
            await self.run_once()
            await self._clock.sleep(self._settings.host_every_s)

    async def run_once(self) -> None:
        """Look once."""
        self._stats = await asyncio.to_thread(self._reader.read)


def _rounded(percent: float | None) -> float | None:
    return None if percent is None else round(percent, 1)
