"""GPU statistics from NVIDIA's management library (module ``pynvml`` of the package nvidia-ml-py)."""

import logging
from collections.abc import Callable
from typing import Any

from appliance.monitor.stats import GpuStats

log = logging.getLogger(__name__)


class Nvml:
    """Asks NVML for every figure on its own, since devices differ in what they answer.

    Every method blocks and is called by one thread at a time.

    Args:
        library: the module ``pynvml``, or a test's fake of it.
    """

    def __init__(self, library: Any) -> None:
        self._library = library
        self._started = False
        self._said_absent = False

    def read(self) -> list[GpuStats]:
        """Return one entry for each device that answers; empty without a driver.

        A library that was lost (a driver's upgrade, a GPU off the bus) is opened anew by the next call.
        """
        if not self._started and not self._start():
            return []
        count = self._ask(self._library.nvmlDeviceGetCount)
        if count is None:
            self.close()
            return []
        driver = self._ask(self._library.nvmlSystemGetDriverVersion)
        devices = [self._device(index, driver) for index in range(count)]
        return [device for device in devices if device is not None]

    def close(self) -> None:
        """Let the library go; the next ``read`` opens it again."""
        if self._started:
            self._started = False
            self._ask(self._library.nvmlShutdown)

    def _start(self) -> bool:
        try:
            self._library.nvmlInit()
        except self._library.NVMLError as err:
            if not self._said_absent:
                log.info("no GPU statistics from NVML: %s", err)
                self._said_absent = True
            return False
        self._started = True
        return True

    def _device(self, index: int, driver: object) -> GpuStats | None:
        library, ask = self._library, self._ask
        handle = ask(library.nvmlDeviceGetHandleByIndex, index)
        if handle is None:
            return None
        rates = ask(library.nvmlDeviceGetUtilizationRates, handle)
        memory = ask(library.nvmlDeviceGetMemoryInfo, handle)
        clock_mhz = ask(library.nvmlDeviceGetClockInfo, handle, library.NVML_CLOCK_GRAPHICS)
        return GpuStats(
            index,
            _text(ask(library.nvmlDeviceGetName, handle)) or "NVIDIA GPU",
            utilization_percent=None if rates is None else float(rates.gpu),
            memory_used_bytes=None if memory is None else memory.used,
            memory_total_bytes=None if memory is None else memory.total,
            temperature_c=ask(library.nvmlDeviceGetTemperature, handle, library.NVML_TEMPERATURE_GPU),
            power_w=_from_milli(ask(library.nvmlDeviceGetPowerUsage, handle)),
            power_limit_w=_from_milli(ask(library.nvmlDeviceGetEnforcedPowerLimit, handle)),
            fan_percent=ask(library.nvmlDeviceGetFanSpeed, handle),
            encoder_percent=_first(ask(library.nvmlDeviceGetEncoderUtilization, handle)),
            decoder_percent=_first(ask(library.nvmlDeviceGetDecoderUtilization, handle)),
            clock_hz=None if clock_mhz is None else clock_mhz * 1_000_000,
            driver=_text(driver),
        )

    def _ask(self, question: Callable[..., Any], *arguments: object) -> Any:
        """Return the answer, or ``None`` where the library or the device has none."""
        try:
            return question(*arguments)
        except self._library.NVMLError:
            return None


def _text(answer: Any) -> str | None:
    return answer.decode(errors="replace") if isinstance(answer, bytes) else answer


def _from_milli(answer: int | None) -> float | None:
    return None if answer is None else answer / 1000


def _first(answer: list[int] | None) -> float | None:
    """Return the utilisation of the pair (utilisation, sampling period)."""
    return None if answer is None else float(answer[0])
