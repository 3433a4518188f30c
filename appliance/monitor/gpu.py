"""The statistics of one GPU, and the reader that takes each figure from where the machine has it."""

from typing import Protocol

import msgspec

from appliance.monitor.jetson import Jetson
from appliance.monitor.nvml import Nvml
from appliance.monitor.stats import GpuStats


class GpuReader(Protocol):
    """Reads the statistics of every GPU; blocks for milliseconds, so it is called in a thread."""

    def read(self) -> list[GpuStats]:
        """Return one entry for each GPU; empty when there is none."""
        ...


class MachineGpus:
    """NVML where it answers, Jetson's sysfs for what NVML does not say.

    On a Jetson with JetPack 6 NVML names the GPU and leaves out its utilisation, temperature and power; the
    kernel has them.
    """

    def __init__(self, nvml: Nvml, jetson: Jetson) -> None:
        self._nvml = nvml
        self._jetson = jetson

    def read(self) -> list[GpuStats]:
        """Return one entry for each GPU; empty when there is none. Blocks; one thread at a time."""
        by_nvml = self._nvml.read()
        if len(by_nvml) > 1 or (by_nvml and by_nvml[0].utilization_percent is not None):
            return by_nvml
        by_kernel = self._jetson.read()
        if by_nvml and by_kernel:
            return [_filled(by_nvml[0], by_kernel[0])]
        return by_nvml or by_kernel


def _filled(stats: GpuStats, other: GpuStats) -> GpuStats:
    """Return ``stats`` with what it lacks taken from ``other``."""
    lacking = {f: getattr(other, f) for f in GpuStats.__struct_fields__ if getattr(stats, f) is None}
    return msgspec.structs.replace(stats, **lacking)
