"""Processes on a GPU have names that people know."""

from dataclasses import dataclass
from pathlib import Path

from appliance.monitor.gpu_processes import MOST, ProcessNames, processes_of
from appliance.monitor.stats import GpuProcess


@dataclass(frozen=True, slots=True)
class Listed:
    """A process as NVML lists it."""

    pid: int
    usedGpuMemory: int | None = None  # noqa: N815 - the vendor's name


def test_ours_are_named_by_what_they_do_and_others_by_their_program(tmp_path: Path) -> None:
    """One that we may not see has no name; a worker that does not run takes nobody's."""
    (tmp_path / "8").mkdir()
    (tmp_path / "8/comm").write_text("Xorg\n")
    names = ProcessNames(lambda: {"Detection worker": 7, "Service": None}, tmp_path)
    found = processes_of([Listed(7, 5), Listed(8, 9), Listed(9)], names)
    assert found == [GpuProcess(8, "Xorg", 9), GpuProcess(7, "Detection worker", 5), GpuProcess(9)]


def test_what_is_no_process_is_left_out(tmp_path: Path) -> None:
    """A Jetson's NVML lists pids that cannot be."""
    assert processes_of([Listed(0, 1), Listed(1 << 31, 1)], ProcessNames(proc=tmp_path)) == []
    assert processes_of([], ProcessNames(proc=tmp_path)) == []


def test_one_that_computes_and_draws_is_told_once(tmp_path: Path) -> None:
    """It has the same memory in both lists, or is known only in one of them."""
    found = processes_of([Listed(3, 7), Listed(3, None)], ProcessNames(proc=tmp_path))
    assert found == [GpuProcess(3, None, 7)]


def test_only_the_largest_are_told(tmp_path: Path) -> None:
    """A message every two seconds stays small, whoever else uses the GPU."""
    found = processes_of([Listed(pid, pid) for pid in range(1, 100)], ProcessNames(proc=tmp_path))
    assert [one.pid for one in found] == list(range(99, 99 - MOST, -1))
