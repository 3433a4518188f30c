"""The GPUs of a machine as the service sees them over some time, told by a process of its own.

The real ``pynvml`` loads a small ``libnvidia-ml.so.1`` of ours and keeps it for as long as its process lives.
Called with the story on stdin, this module is that process.
"""

import json
import logging
import os
import subprocess
import sys
import threading
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import msgspec
import pynvml

from appliance.monitor.gpu import MachineGpus
from appliance.monitor.gpu_health import WatchedGpus
from appliance.monitor.gpu_processes import ProcessNames
from appliance.monitor.jetson import Jetson
from appliance.monitor.nvml import Nvml
from appliance.runtime.health import Health
from tests.support.clock import SimulatedClock
from tests.support.fake_nvml import Plan
from tests.support.source import ROOT


@dataclass(frozen=True, slots=True)
class Step:
    """What there is from now on, in the words of ``fake_nvml.c``, looked at after that time."""

    plan: str
    after_s: float = 2.0


@dataclass(frozen=True, slots=True)
class Look:
    """What was seen at one look.

    Attributes:
        gpus: the wire form of each.
        log: what was logged since the look before.
        descriptors: how many files the process has open.
    """

    gpus: list[dict[str, Any]]
    level: str
    reason: str
    log: list[str] = field(default_factory=list)
    descriptors: int = 0


def looks(library: Path | None, folder: Path, *steps: Step, sysfs: Path | None = None) -> list[Look]:
    """Return what the service sees at each step, with the library in that folder, or without any."""
    plan = Plan(folder / "plan")
    environment = {**os.environ, "FAKE_NVML": str(plan.file), "SYSFS": str(sysfs or folder / "none")}
    if library is not None:
        environment |= plan.environment(library)
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", "tests.support.gpu_story"],
        input=json.dumps([asdict(step) for step in steps]),
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return [Look(**look) for look in json.loads(done.stdout)]


class _Lines(logging.Handler):
    """Keeps what is logged."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a line."""
        self.lines.append(record.getMessage())

    def take(self) -> list[str]:
        """Return the new ones."""
        lines, self.lines = self.lines, []
        return lines


def _tell(steps: Sequence[Step]) -> list[Look]:
    clock, health, lines = SimulatedClock(), Health(), _Lines()
    logging.basicConfig(level=logging.DEBUG, handlers=[lines])
    nvml = Nvml(pynvml, clock, ProcessNames(lambda: {"Detection worker": None, "Service": os.getpid()}))
    gpus = WatchedGpus(MachineGpus(nvml, Jetson(Path(os.environ["SYSFS"]))), health, clock)
    plan, told = Plan(Path(os.environ["FAKE_NVML"])), []
    for step in steps:
        plan.write(step.plan)
        clock.wait(threading.Event(), step.after_s)
        found = msgspec.json.decode(msgspec.json.encode(gpus.read()))
        part = next(iter(health.parts()), None)
        level, reason = ("", "") if part is None else (part.level.value, part.reason)
        told.append(Look(found, level, reason, lines.take(), _descriptors()))
    nvml.close()
    return told


def _descriptors() -> int:
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


if __name__ == "__main__":
    story = [Step(**step) for step in json.load(sys.stdin)]
    json.dump([asdict(look) for look in _tell(story)], sys.stdout)
