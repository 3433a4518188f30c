"""Which GPUs get a worker."""

from collections.abc import Sequence
from pathlib import Path

DRIVER = Path("/proc/driver/nvidia/gpus")
"""NVIDIA's kernel module lists its GPUs here, on a PC: a Jetson has one."""


def gpus_there(driver: Path = DRIVER) -> int:
    """Return how many GPUs the kernel's driver has.

    Not NVML's count: that hangs where a driver does, and footage begins after this.
    """
    try:
        return sum(1 for _ in driver.iterdir())
    except OSError:
        return 0


def gpus_to_use(wanted: Sequence[int], there: int, visible: str | None) -> tuple[int, ...]:
    """Return the number of each GPU that gets a worker; a machine without one has one worker all the same.

    Args:
        wanted: the setting; none for as many as there are.
        there: how many the machine has.
        visible: ``CUDA_VISIBLE_DEVICES``, if it is set: CUDA counts only those, and from 0.
    """
    if wanted:
        return tuple(dict.fromkeys(wanted))
    if visible is not None:
        there = min(there, _named(visible))
    return tuple(range(max(1, there)))


def _named(visible: str) -> int:
    """Return how many are named; CUDA stops at the first that is none."""
    count = 0
    for name in visible.split(","):
        if not name.strip() or name.strip().startswith("-"):
            break
        count += 1
    return count
