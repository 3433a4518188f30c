"""How many processor cores this process may use."""

import os
from pathlib import Path

TOPOLOGY = Path("/sys/devices/system/cpu")


def physical_cores(topology: Path = TOPOLOGY) -> int:
    """Return the number of physical cores that this process may run on, at least 1.

    A second thread on the same core adds nothing to matrix products, it only takes time from the recorder.
    Where the kernel tells no topology, each processor counts.
    """
    cores: set[tuple[str, str]] = set()
    for cpu in os.sched_getaffinity(0):
        folder = topology / f"cpu{cpu}" / "topology"
        try:
            package, core = (folder / "physical_package_id").read_text(), (folder / "core_id").read_text()
        except OSError:
            package, core = "", str(cpu)
        cores.add((package.strip(), core.strip()))
    return max(1, len(cores))
