"""What the kernel says of the machine in /proc and /sys, read from its text. Pure but for ``text_of``."""

from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

KIB = 1024
COUNTED = 8
"""Columns of /proc/stat that add up to all the time; those after them are contained in the first ones."""
IDLE, IO_WAIT = 3, 4


class CpuTime(NamedTuple):
    """Ticks of a core, or of all of them, since the machine's start."""

    busy: int
    all: int

    def percent_since(self, before: "CpuTime") -> float | None:
        """Return the share of the time since then that was busy, 0 to 100; ``None`` when none has passed."""
        passed = self.all - before.all
        if passed <= 0:
            return None
        return max(0.0, min(100.0, 100 * (self.busy - before.busy) / passed))


@dataclass(frozen=True, slots=True)
class ProcessTime:
    """What a process has used.

    Attributes:
        ticks: of CPU time.
        started: ticks after the machine's start; with the pid it names the process.
        pages: of memory.
    """

    ticks: int
    started: int
    threads: int
    pages: int


def text_of(path: Path) -> str | None:
    """Return the text of a file of the kernel, or ``None`` where there is none that can be read."""
    try:
        return path.read_text(errors="replace").strip()
    except OSError:
        return None


def cpu_times(stat: str) -> dict[str, CpuTime]:
    """Return the times in /proc/stat by name: ``cpu`` for all cores, ``cpu0`` and so on for each."""
    found = {}
    for line in stat.splitlines():
        name, *columns = line.split()
        if name.startswith("cpu") and len(columns) > IO_WAIT:
            ticks = [int(column) for column in columns[:COUNTED]]
            found[name] = CpuTime(sum(ticks) - ticks[IDLE] - ticks[IO_WAIT], sum(ticks))
    return found


def process_time(stat: str) -> ProcessTime | None:
    """Return what /proc/PID/stat says; ``None`` for a text that is not of that form."""
    # The program's name stands in brackets and may itself contain some.
    columns = stat.rpartition(")")[2].split()
    if len(columns) < 22:
        return None
    user, system, threads, started, pages = (int(columns[at]) for at in (11, 12, 17, 19, 21))
    return ProcessTime(user + system, started, threads, pages)


def memory(meminfo: str) -> dict[str, int]:
    """Return the lines of /proc/meminfo in bytes by name."""
    found = {}
    for line in meminfo.splitlines():
        name, _, rest = line.partition(":")
        number, _, unit = rest.strip().partition(" ")
        if unit == "kB" and number.isdigit():
            found[name] = int(number) * KIB
    return found


def numbers(text: str | None, count: int) -> list[float] | None:
    """Return the first numbers of a line such as that of /proc/loadavg; ``None`` where they are not there."""
    try:
        found = [float(word) for word in (text or "").split()[:count]]
    except ValueError:
        return None
    return found if len(found) == count else None
