"""The processes that use a GPU, by names that people know."""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from appliance.monitor.procfs import text_of
from appliance.monitor.stats import GpuProcess

MOST = 16
"""So many are told of, the largest ones: a box for cameras has a handful."""
HIGHEST_PID = 1 << 22
"""Linux has no pid above it. A Jetson's NVML lists processes with a pid of 0 or far beyond that."""


class ProcessNames:
    """Names processes.

    Args:
        ours: the pids of our own by what they do; ``None`` for one that does not run just now.
        proc: where procfs is mounted; tests give a tree.
    """

    def __init__(
        self, ours: Callable[[], Mapping[str, int | None]] = dict, proc: Path = Path("/proc")
    ) -> None:
        self._ours = ours
        self._proc = proc

    def name(self, pid: int) -> str | None:
        """Return the name; ``None`` for a process that we may not see, or that is in another namespace."""
        for name, own in self._ours().items():
            if own == pid:
                return name
        return text_of(self._proc / str(pid) / "comm") or None


def processes_of(listed: Iterable[Any], names: ProcessNames) -> list[GpuProcess]:
    """Return NVML's processes, the largest first; one that computes and draws is listed twice, told once."""
    memory: dict[int, int | None] = {}
    for one in listed:
        if 0 < one.pid <= HIGHEST_PID:
            known = [size for size in (memory.get(one.pid), one.usedGpuMemory) if size is not None]
            memory[one.pid] = max(known, default=None)
    largest = sorted(memory.items(), key=lambda item: (-(item[1] or 0), item[0]))[:MOST]
    return [GpuProcess(pid, names.name(pid), size) for pid, size in largest]
