"""How the GPUs are, as the part ``gpu`` of the health: lost ones, and errors that the driver told of."""

import logging
import threading
from collections.abc import Iterator, Sequence

from appliance.domain.time import MonotonicNs
from appliance.monitor.gpu import GpuReader
from appliance.monitor.nvml import NO_DRIVER
from appliance.monitor.stats import GpuStats, GpuXid
from appliance.monitor.xids import FALLEN_OFF, meaning
from appliance.runtime.clock import Clock, seconds_since
from appliance.runtime.health import Health, Level

log = logging.getLogger(__name__)

PART = "gpu"
STEADY_S = 10.0
"""So long it must have been better before that is believed: a GPU with a bad contact comes and goes."""

GRAVITY = {Level.OK: 0, Level.DEGRADED: 1, Level.FAILED: 2}

Verdict = tuple[Level, str]


class WatchedGpus:
    """Reads the GPUs and reports how they are; a machine that never had any has no such part."""

    def __init__(self, reader: GpuReader, health: Health, clock: Clock) -> None:
        self._reader = reader
        self._health = health
        self._clock = clock
        self._said: Verdict | None = None
        self._as_bad_at = MonotonicNs(0)
        self._gpus: list[GpuStats] = []
        self._lock = threading.Lock()

    def read(self) -> list[GpuStats]:
        """Return one entry for each GPU; blocks, one thread at a time."""
        self._gpus = self._reader.read()
        if self._gpus or self._said is not None:
            self._judge(judge(self._gpus))
        return self._gpus

    def silent(self) -> list[GpuStats]:
        """Report that the driver does not answer and return the GPUs of before; from any thread."""
        self._judge((Level.FAILED, NO_DRIVER))
        return [
            GpuStats(gpu.index, gpu.name, lost=gpu.lost or NO_DRIVER, driver=gpu.driver) for gpu in self._gpus
        ]

    def _judge(self, now: Verdict) -> None:
        with self._lock:
            self._settle(now)

    def _settle(self, now: Verdict) -> None:
        level = Level.OK if self._said is None else self._said[0]
        if GRAVITY[now[0]] >= GRAVITY[level]:
            self._as_bad_at = self._clock.monotonic_ns()
        elif seconds_since(self._clock, self._as_bad_at) < STEADY_S:
            return
        if now == self._said:
            return
        if now[1]:
            log.warning("gpu: %s", now[1])
        elif self._said is not None:
            log.info("gpu: well again")
        self._said = now
        self._health.report(PART, *now)


def judge(gpus: Sequence[GpuStats]) -> Verdict:
    """Return the worst level of all, and the reasons, each once and the worst first."""
    verdicts = [
        (level, f"{reason}: {gpu.name}, number {gpu.index}" if len(gpus) > 1 else reason)
        for gpu in gpus
        for level, reason in _of_one(gpu)
    ]
    if not verdicts:
        return Level.OK, ""
    verdicts.sort(key=lambda verdict: -GRAVITY[verdict[0]])
    return verdicts[0][0], "; ".join(reason for _, reason in verdicts)


def _of_one(gpu: GpuStats) -> Iterator[Verdict]:
    if gpu.lost is not None:
        yield Level.FAILED, gpu.lost
    for xid in gpu.xids or ():
        # That it fell off the bus is over as soon as it answers again.
        if xid.code != FALLEN_OFF:
            yield meaning(xid.code).level, _words(xid)


def _words(xid: GpuXid) -> str:
    return f"Xid {xid.code}: {xid.says}" if xid.says else f"Xid {xid.code}"
