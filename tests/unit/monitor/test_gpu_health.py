"""How the GPUs are is judged once, calmly, and said in words."""

import logging
import threading
from dataclasses import dataclass, field

import pytest

from appliance.monitor.gpu_health import PART, STEADY_S, WatchedGpus, judge
from appliance.monitor.nvml import NO_DRIVER
from appliance.monitor.stats import GpuStats, GpuXid
from appliance.runtime.health import Health, Level, PartHealth
from tests.support.clock import SimulatedClock

WELL = GpuStats(0, "A", temperature_c=50.0)
LOST = GpuStats(0, "A", lost="GPU lost (Xid 79)")


def xid(code: int, says: str = "") -> GpuXid:
    """Return an Xid that came once."""
    return GpuXid(code, "2026-11-27T12:00:00.000Z", 1, says)


@pytest.mark.parametrize(
    ("gpus", "level", "reason"),
    [
        ([], Level.OK, ""),
        ([WELL, LOST], Level.FAILED, "GPU lost (Xid 79): A, number 0"),
        ([GpuStats(0, "A", xids=[xid(79)])], Level.OK, ""),
        ([GpuStats(0, "A", xids=[xid(150)])], Level.DEGRADED, "Xid 150"),
        (
            [GpuStats(0, "A", xids=[xid(31, "a program erred"), xid(48, "it is broken")])],
            Level.FAILED,
            "Xid 48: it is broken; Xid 31: a program erred",
        ),
    ],
    ids=["none", "one of two is lost", "fell off and answers again", "unknown", "the worst first"],
)
def test_the_worst_is_the_level_and_all_are_the_reason(
    gpus: list[GpuStats], level: Level, reason: str
) -> None:
    """Which GPU it is stands there only where there are several."""
    assert judge(gpus) == (level, reason)


@dataclass
class Stand:
    """Watched GPUs that are as a test wants them."""

    gpus: list[GpuStats] = field(default_factory=list)
    health: Health = field(default_factory=Health)
    clock: SimulatedClock = field(default_factory=SimulatedClock)

    def __post_init__(self) -> None:
        """Watch them."""
        self.watched = WatchedGpus(self, self.health, self.clock)

    def read(self) -> list[GpuStats]:
        """Return them."""
        return self.gpus

    def look(self, *gpus: GpuStats, after_s: float = 2.0) -> tuple[PartHealth, ...]:
        """Let them be that, look after a while, and return the health."""
        self.gpus = list(gpus)
        self.clock.wait(threading.Event(), after_s)
        self.watched.read()
        return self.health.parts()


def test_a_machine_without_a_gpu_has_no_such_part() -> None:
    """Nobody is told that what is not there is well."""
    assert Stand().look() == ()


def test_better_is_believed_after_a_while_and_worse_at_once() -> None:
    """Until then the reason stands, also across looks that find nothing wrong."""
    stand, lost = Stand(), (PartHealth(PART, Level.FAILED, "GPU lost (Xid 79)"),)
    assert stand.look(WELL) == (PartHealth(PART, Level.OK),)
    assert stand.look(LOST) == lost
    assert stand.look(WELL, after_s=STEADY_S - 1) == lost
    assert stand.look(LOST, after_s=0.5) == lost
    assert stand.look(WELL, after_s=STEADY_S - 1) == lost
    assert stand.look(WELL, after_s=1) == (PartHealth(PART, Level.OK),)


def test_a_driver_that_hangs_is_a_failure_with_the_gpus_of_before(caplog: pytest.LogCaptureFixture) -> None:
    """They have no figures any more; it is said once, however often it is told, and over by itself."""
    caplog.set_level(logging.INFO)
    stand = Stand()
    stand.look(WELL)
    assert [stand.watched.silent() for _ in range(3)] == [[GpuStats(0, "A", lost=NO_DRIVER)]] * 3
    assert stand.health.parts() == (PartHealth(PART, Level.FAILED, NO_DRIVER),)
    assert stand.look(WELL, after_s=STEADY_S) == (PartHealth(PART, Level.OK),)
    assert [record.getMessage() for record in caplog.records] == [f"gpu: {NO_DRIVER}", "gpu: well again"]


def test_a_driver_that_hangs_from_the_start_is_told_as_well() -> None:
    """No GPU is known, and yet there is a driver: without one nothing hangs."""
    stand = Stand()
    assert stand.watched.silent() == []
    assert stand.health.parts() == (PartHealth(PART, Level.FAILED, NO_DRIVER),)
