"""The machine's figures, read from recorded /proc and /sys trees."""

from pathlib import Path

import pytest

from appliance.monitor import procfs
from appliance.monitor.host import HostReader
from appliance.monitor.host_stats import HostStats, ProcessStats, Temperature
from appliance.monitor.procfs import CpuTime
from tests.support.clock import SimulatedClock

TREE = {
    "proc/stat": "cpu  100 0 100 700 100 0 0 0 50 0\ncpu0 50 0 50 400 0 0 0 0 0 0\n"
    "cpu1 50 0 50 300 100 0 0 0 0 0\nctxt 5",
    "proc/meminfo": "MemTotal:  8000 kB\nMemAvailable:  2000 kB\n"
    "SwapTotal: 1000 kB\nSwapFree: 400 kB\nHugePages_Total: 0",
    "proc/loadavg": "0.50 1.25 2.00 3/400 12345",
    "proc/uptime": "3600.25 7000.00",
    "proc/7/stat": "7 (a (b) c) S 1 7 7 0 -1 0 0 0 0 0 100 50 0 0 20 0 9 0 4242 0 25 0 0 0",
    "sys/class/hwmon/hwmon0/name": "coretemp",
    "sys/class/hwmon/hwmon0/temp1_input": "54000",
    "sys/class/hwmon/hwmon0/temp1_label": "Package id 0",
    "sys/class/hwmon/hwmon0/temp1_crit": "100000",
    "sys/class/hwmon/hwmon0/temp2_input": "-127000",
    "sys/class/thermal/thermal_zone0/type": "coretemp",
    "sys/class/thermal/thermal_zone0/temp": "54000",
    "sys/class/thermal/thermal_zone1/type": "acpitz",
    "sys/class/thermal/thermal_zone1/temp": "27800",
}


def lay(folder: Path, tree: dict[str, str]) -> Path:
    """Write a recorded tree and return its root."""
    for name, text in tree.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def reader(root: Path, clock: SimulatedClock, synchronised: bool | None = True) -> HostReader:
    """Return a reader of a recorded tree, in which 7 is our own process."""
    return HostReader(clock, lambda: {"Service": 7, "Worker": None}, root, lambda: synchronised)


def test_all_that_the_kernel_says_is_told(tmp_path: Path) -> None:
    """Of shares of time nothing is known before the second look."""
    stats = reader(lay(tmp_path, TREE), SimulatedClock()).read()
    assert (stats.cpu_percent, stats.core_percents) == (None, [None, None])
    assert stats.load == [0.5, 1.25, 2.0]
    assert (stats.memory_total_bytes, stats.memory_available_bytes) == (8_192_000, 2_048_000)
    assert (stats.swap_total_bytes, stats.swap_used_bytes) == (1_024_000, 614_400)
    assert stats.memory_percent == 75
    assert stats.uptime_s == 3600.25
    assert stats.clock_synchronised is True


async def test_a_share_is_that_of_the_time_since_the_look_before(tmp_path: Path) -> None:
    """Waiting for a disk is not work; a process may use more than one core."""
    clock = SimulatedClock()
    host = reader(lay(tmp_path, TREE), clock)
    host.read()
    await clock.advance(2.0)
    lay(
        tmp_path,
        {
            "proc/stat": "cpu  150 0 150 780 120 0 0 0 0 0\n"
            "cpu0 100 0 100 400 0 0 0 0\ncpu1 50 0 50 380 120 0 0 0",
            "proc/7/stat": TREE["proc/7/stat"].replace(" 100 50 ", " 350 100 "),
        },
    )
    stats = host.read()
    assert (stats.cpu_percent, stats.core_percents) == (50.0, [100.0, 0.0])
    (service,) = stats.processes
    assert (service.name, service.threads, service.cpu_percent) == ("Service", 9, 150.0)


async def test_another_process_with_the_same_number_has_no_share_yet(tmp_path: Path) -> None:
    """A worker that was started again does not inherit what the one before had used."""
    clock = SimulatedClock()
    host = reader(lay(tmp_path, TREE), clock)
    host.read()
    await clock.advance(2.0)
    lay(tmp_path, {"proc/7/stat": TREE["proc/7/stat"].replace(" 4242 ", " 9999 ")})
    assert [process.cpu_percent for process in host.read().processes] == [None]


def test_a_sensor_is_shown_once_and_one_that_is_not_connected_not_at_all(tmp_path: Path) -> None:
    """The kernel shows some both as hwmon and as a thermal zone."""
    assert reader(lay(tmp_path, TREE), SimulatedClock()).read().temperatures == [
        Temperature("coretemp · Package id 0", 54.0, 100.0),
        Temperature("acpitz", 27.8),
    ]


def test_what_cannot_be_read_is_null_and_never_zero(tmp_path: Path) -> None:
    """A machine that tells nothing."""
    assert reader(tmp_path, SimulatedClock(), synchronised=None).read() == HostStats()


def test_garbage_is_nothing(tmp_path: Path) -> None:
    """A kernel of another form costs figures, not the service."""
    garbage = dict.fromkeys(TREE, "nonsense\n")
    assert reader(lay(tmp_path, garbage), SimulatedClock(), synchronised=None).read() == HostStats()


def test_this_machine_can_be_read() -> None:
    """The tree is that of a kernel as there are some."""
    stats = HostReader(SimulatedClock(), lambda: {"Init": 1}).read()
    assert stats.memory_total_bytes
    assert stats.processes == [] or isinstance(stats.processes[0], ProcessStats)


@pytest.mark.parametrize(
    ("before", "now", "percent"),
    [
        (CpuTime(0, 0), CpuTime(5, 10), 50.0),
        (CpuTime(5, 10), CpuTime(5, 10), None),
        (CpuTime(5, 10), CpuTime(1, 5), None),
        (CpuTime(5, 10), CpuTime(4, 20), 0.0),
    ],
)
def test_a_share_needs_time_and_lies_between_0_and_100(
    before: CpuTime, now: CpuTime, percent: float | None
) -> None:
    """Counters of a virtual machine may go back."""
    assert now.percent_since(before) == percent


def test_a_cpu_line_that_is_too_short_is_left_out() -> None:
    """Older kernels have fewer columns, not fewer than these."""
    assert procfs.cpu_times("cpu 1 2\ncpu0 1 1 1 1 1") == {"cpu0": CpuTime(3, 5)}
