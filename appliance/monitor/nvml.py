"""GPU statistics from NVIDIA's management library (module ``pynvml`` of the package nvidia-ml-py)."""

import itertools
import logging
from typing import Any

import msgspec

from appliance.domain.time import MonotonicNs
from appliance.monitor.gpu_processes import ProcessNames
from appliance.monitor.nvml_device import LOST, Questions, stats_of
from appliance.monitor.nvml_events import XidEvents
from appliance.monitor.stats import GpuStats
from appliance.monitor.xids import FALLEN_OFF, XidBook
from appliance.runtime.clock import Clock, seconds_since

log = logging.getLogger(__name__)

REOPEN_S = 10.0
"""A GPU that comes back is seen by a library that was opened anew. That takes its time with many GPUs, and
what they tell of meanwhile is missed."""
GONE = "GPU does not answer any more"
NO_DRIVER = "NVIDIA's driver does not answer"


class Nvml:
    """Reads every device that the driver lists; one that has answered once and does not any more is lost.

    Every method blocks and is called by one thread at a time.

    Args:
        library: the module ``pynvml``.
        names: of the processes that use a device.
    """

    def __init__(self, library: Any, clock: Clock, names: ProcessNames) -> None:
        self._library = library
        self._clock = clock
        self._names = names
        self._events = XidEvents(library)
        self._xids = XidBook(clock)
        self._known: dict[str, GpuStats] = {}
        self._fallen: set[str] = set()
        self._opened_at: MonotonicNs | None = None
        self._said_absent = False

    def read(self) -> list[GpuStats]:
        """Return one entry for each device that is there or was; empty where there is no driver.

        A library that was lost (a driver's exchange, a GPU off the bus) is opened anew by a later call.
        """
        if self._opened_at is None:
            why = self._open()
            if why:
                return self._with_lost({}, {}, why)
        for device, code in self._events.take():
            self._xids.add(device, code)
            if code == FALLEN_OFF:
                self._fallen.add(device)
        count = Questions(self._library)(self._library.nvmlDeviceGetCount)
        if count is None:
            self.close()
            return self._with_lost({}, {}, NO_DRIVER)
        found = self._found(count)
        if any(gpu.lost for gpu in found) and self._is_open_for_long():
            self.close()
        return found

    def close(self) -> None:
        """Let the library go; the next ``read`` opens it again."""
        if self._opened_at is not None:
            self._opened_at = None
            self._events.close()
            Questions(self._library)(self._library.nvmlShutdown)

    def _open(self) -> str:
        """Open the library and listen to its devices; return why that cannot be, or an empty string."""
        library = self._library
        try:
            library.nvmlInit()
        except library.NVMLError as err:
            if not self._said_absent:
                log.info("no GPU statistics from NVML: %s", err)
                self._said_absent = True
            return f"{NO_DRIVER} ({err})"
        self._opened_at = self._clock.monotonic_ns()
        self._fallen.clear()
        for index in range(Questions(library)(library.nvmlDeviceGetCount) or 0):
            handle, device = self._identity(index, Questions(library))
            if handle is not None:
                self._events.add(handle, device)
        return ""

    def _identity(self, index: int, ask: Questions) -> tuple[Any, str]:
        """Return the handle of the device at that place, and what tells it from others for good."""
        handle = ask(self._library.nvmlDeviceGetHandleByIndex, index)
        uuid = None if handle is None else ask(self._library.nvmlDeviceGetUUID, handle)
        return handle, str(uuid) if uuid is not None else f"place {index}"

    def _found(self, count: int) -> list[GpuStats]:
        driver = Questions(self._library)(self._library.nvmlSystemGetDriverVersion)
        found: dict[str, GpuStats] = {}
        why: dict[int, str] = {}
        for index in range(count):
            ask = Questions(self._library)
            device, stats = self._device(index, ask)
            if stats is not None:
                found[device] = msgspec.structs.replace(stats, driver=driver)
                self._know(device, GpuStats(index, stats.name, driver=driver))
            elif ask.lost:
                why[index] = ask.lost
                self._know_place(index)
        return self._with_lost(found, why, GONE)

    def _device(self, index: int, ask: Questions) -> tuple[str, GpuStats | None]:
        handle, device = self._identity(index, ask)
        if handle is None or device in self._fallen:
            return device, None
        stats = stats_of(self._library, handle, ask, index, self._names)
        return device, None if ask.lost else stats

    def _know(self, device: str, gpu: GpuStats) -> None:
        self._known.pop(f"place {gpu.index}", None)
        self._known[device] = gpu

    def _know_place(self, index: int) -> None:
        """Keep a device that was lost before it could say who it is as the one at its place."""
        if all(gpu.index != index for gpu in self._known.values()):
            self._known[f"place {index}"] = GpuStats(index, "NVIDIA GPU")

    def _with_lost(self, found: dict[str, GpuStats], why: dict[int, str], else_why: str) -> list[GpuStats]:
        """Return all that are known, each at a place of its own: those that answer at the driver's."""
        taken = {gpu.index for gpu in found.values()}
        everything = dict(found)
        for device, gpu in self._known.items():
            if device in found:
                continue
            index = next(n for n in itertools.chain([gpu.index], itertools.count()) if n not in taken)
            taken.add(index)
            lost = LOST if device in self._fallen else why.get(gpu.index, else_why)
            everything[device] = msgspec.structs.replace(gpu, index=index, lost=lost)
        with_xids = [
            msgspec.structs.replace(gpu, xids=self._xids.of(device) or None)
            for device, gpu in everything.items()
        ]
        return sorted(with_xids, key=lambda gpu: gpu.index)

    def _is_open_for_long(self) -> bool:
        return self._opened_at is not None and seconds_since(self._clock, self._opened_at) >= REOPEN_S
