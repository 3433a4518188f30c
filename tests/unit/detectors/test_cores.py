import os
from pathlib import Path

from detectors.cores import physical_cores


def test_two_threads_of_one_core_count_once(tmp_path: Path) -> None:
    """Matrix products gain nothing from a second thread on the same core."""
    for cpu in os.sched_getaffinity(0):
        folder = tmp_path / f"cpu{cpu}" / "topology"
        folder.mkdir(parents=True)
        (folder / "physical_package_id").write_text("0\n")
        (folder / "core_id").write_text("7\n")
    assert physical_cores(tmp_path) == 1


def test_without_a_topology_every_processor_counts(tmp_path: Path) -> None:
    """A container that hides it still gets its threads."""
    assert physical_cores(tmp_path) == len(os.sched_getaffinity(0))
