"""The statistics of one GPU, and the reader that takes each figure from where the machine has it."""

from typing import Protocol

import msgspec

from appliance.monitor.stats import GpuStats


class GpuReader(Protocol):
    """Reads the statistics of every GPU; blocks for milliseconds, so it is called in a thread."""

    def read(self) -> list[GpuStats]:
        """Return one entry for each GPU; empty when there is none."""
        ...


class WatchedReader(GpuReader, Protocol):
    """One whose reading may hang, as that of a driver does that has lost its GPU."""

    def silent(self) -> list[GpuStats]:
        """Return what is known while a reading takes too long; called on the event loop."""
        ...


MODULES = frozenset({"Xavier", "Orin", "Thor"})
"""The word that a Jetson's model and NVML's name of its GPU share: ``Orin (nvgpu)``, ``NVIDIA Thor``."""


class MachineGpus:
    """NVML where it answers; of a Jetson's own GPU first what the kernel says, then NVML.

    On an Orin, with JetPack 6 as with 7, NVML names the GPU and refuses most of the rest, or answers it with
    zeros: the kernel has utilisation, temperature, power and clock. On a Thor NVML has the utilisation, and
    only the kernel has the clock.
    """

    def __init__(self, nvml: GpuReader, jetson: GpuReader) -> None:
        self._nvml = nvml
        self._jetson = jetson

    def read(self) -> list[GpuStats]:
        """Return one entry for each GPU; empty when there is none. Blocks; one thread at a time."""
        by_nvml = self._nvml.read()
        if len(by_nvml) > 1 or any(gpu.lost for gpu in by_nvml):
            return by_nvml
        by_kernel = self._jetson.read()
        if by_nvml and by_kernel and _is_same(by_nvml[0], by_kernel[0]):
            return [_merged(by_kernel[0], by_nvml[0])]
        return by_nvml or by_kernel


def _is_same(by_nvml: GpuStats, by_kernel: GpuStats) -> bool:
    """Return whether NVML speaks of the Jetson's own GPU, and not of a card beside it."""
    module = MODULES.intersection(by_kernel.name.split())
    return by_nvml.utilization_percent is None or bool(module.intersection(by_nvml.name.split()))


def _merged(first: GpuStats, second: GpuStats) -> GpuStats:
    """Return ``second`` with every figure that ``first`` has; its name and place stay."""
    figures = {f: getattr(first, f) for f in GpuStats.__struct_fields__ if f not in {"index", "name"}}
    return msgspec.structs.replace(second, **{f: value for f, value in figures.items() if value is not None})
