"""The figures of one device of NVML, each asked for on its own: devices differ in what they answer."""

from collections.abc import Callable
from typing import Any

from appliance.monitor.gpu_processes import ProcessNames, processes_of
from appliance.monitor.stats import GpuProcess, GpuStats

LOST = "GPU lost (Xid 79)"
TO_RESET = "GPU must be reset"

HZ_PER_MHZ = 1_000_000

THROTTLE = {
    0x0002: "clocks_set",
    0x0004: "power_cap",
    0x0008: "hw_slowdown",
    0x0010: "sync_boost",
    0x0020: "thermal_sw",
    0x0040: "thermal_hw",
    0x0080: "power_brake",
    0x0100: "display",
    0x0200: "board_limit",
    0x0400: "reliability",
}
"""NVML's bits for why a clock is lower than it could be; that of an idle GPU (1) is left out."""


class Questions:
    """Asks NVML; a refusal is no answer, and a device that is lost is asked nothing more.

    A lost device may take long to say so once more.

    Attributes:
        lost: why nothing more is asked; empty while the device answers.
    """

    def __init__(self, library: Any) -> None:
        self._library = library
        self._words = {library.NVML_ERROR_GPU_IS_LOST: LOST, library.NVML_ERROR_RESET_REQUIRED: TO_RESET}
        self.lost = ""

    def __call__(self, question: Callable[..., Any], *arguments: object) -> Any:
        """Return the answer, or ``None`` where the library or the device has none."""
        if self.lost:
            return None
        try:
            return question(*arguments)
        except self._library.NVMLError as err:
            self.lost = self._words.get(err.value, "")
        except self._library.NVMLLibraryMismatchError:
            pass  # An older driver does not have this question.
        return None


def stats_of(library: Any, handle: Any, ask: Questions, index: int, names: ProcessNames) -> GpuStats:
    """Return what the device answers; it may be lost on the way, which ``ask`` then says."""
    rates = ask(library.nvmlDeviceGetUtilizationRates, handle)
    memory = ask(library.nvmlDeviceGetMemoryInfo, handle)
    # A Jetson without memory of its own may answer with zeros.
    has_memory = memory is not None and memory.total > 0
    return GpuStats(
        index,
        _text(ask(library.nvmlDeviceGetName, handle)) or "NVIDIA GPU",
        utilization_percent=None if rates is None else float(rates.gpu),
        memory_used_bytes=memory.used if has_memory else None,
        memory_total_bytes=memory.total if has_memory else None,
        temperature_c=ask(library.nvmlDeviceGetTemperature, handle, library.NVML_TEMPERATURE_GPU),
        power_w=_from_milli(ask(library.nvmlDeviceGetPowerUsage, handle)),
        power_limit_w=_from_milli(ask(library.nvmlDeviceGetEnforcedPowerLimit, handle)),
        fan_percent=ask(library.nvmlDeviceGetFanSpeed, handle),
        encoder_percent=_first(ask(library.nvmlDeviceGetEncoderUtilization, handle)),
        decoder_percent=_first(ask(library.nvmlDeviceGetDecoderUtilization, handle)),
        clock_hz=_from_mega(ask(library.nvmlDeviceGetClockInfo, handle, library.NVML_CLOCK_GRAPHICS)),
        memory_clock_hz=_from_mega(ask(library.nvmlDeviceGetClockInfo, handle, library.NVML_CLOCK_MEM)),
        throttle=_throttle(library, handle, ask),
        processes=_processes(library, handle, ask, names),
    )


def _throttle(library: Any, handle: Any, ask: Questions) -> list[str] | None:
    bits = ask(library.nvmlDeviceGetCurrentClocksEventReasons, handle)
    if bits is None:  # What it was called before driver 535.
        bits = ask(library.nvmlDeviceGetCurrentClocksThrottleReasons, handle)
    return None if bits is None else [word for bit, word in THROTTLE.items() if bits & bit]


def _processes(library: Any, handle: Any, ask: Questions, names: ProcessNames) -> list[GpuProcess] | None:
    computing = ask(library.nvmlDeviceGetComputeRunningProcesses, handle)
    drawing = ask(library.nvmlDeviceGetGraphicsRunningProcesses, handle)
    if computing is None and drawing is None:
        return None
    return processes_of([*(computing or []), *(drawing or [])], names)


def _text(answer: Any) -> str | None:
    return answer.decode(errors="replace") if isinstance(answer, bytes) else answer


def _from_milli(answer: int | None) -> float | None:
    return None if answer is None else answer / 1000


def _from_mega(answer: int | None) -> int | None:
    return None if answer is None else answer * HZ_PER_MHZ


def _first(answer: list[int] | None) -> float | None:
    """Return the utilisation of the pair (utilisation, sampling period)."""
    return None if answer is None else float(answer[0])
