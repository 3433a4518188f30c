"""NVML is asked for each figure on its own; what it refuses is absent."""

import logging
from typing import Any

import pynvml
import pytest

from appliance.monitor.nvml import Nvml
from appliance.monitor.stats import GpuStats
from tests.support.nvml import FakeNvml, Memory, Rates

FULL: dict[str, Any] = {
    "nvmlDeviceGetName": b"NVIDIA RTX A2000",
    "nvmlDeviceGetUtilizationRates": Rates(37),
    "nvmlDeviceGetMemoryInfo": Memory(total=12 << 30, used=3 << 30),
    "nvmlDeviceGetTemperature": 61,
    "nvmlDeviceGetPowerUsage": 41_500,
    "nvmlDeviceGetEnforcedPowerLimit": 70_000,
    "nvmlDeviceGetFanSpeed": 30,
    "nvmlDeviceGetEncoderUtilization": [5, 167_000],
    "nvmlDeviceGetDecoderUtilization": [12, 167_000],
    "nvmlDeviceGetClockInfo": 1200,
}


def test_a_card_that_answers_everything_is_reported_in_plain_units() -> None:
    """Percent, bytes, degrees Celsius, watts and hertz."""
    assert Nvml(FakeNvml([FULL])).read() == [
        GpuStats(
            0,
            "NVIDIA RTX A2000",
            utilization_percent=37.0,
            memory_used_bytes=3 << 30,
            memory_total_bytes=12 << 30,
            temperature_c=61,
            power_w=41.5,
            power_limit_w=70.0,
            fan_percent=30,
            encoder_percent=5.0,
            decoder_percent=12.0,
            clock_hz=1_200_000_000,
            driver="590.48.01",
        )
    ]


def test_a_card_that_answers_partly_lacks_the_rest() -> None:
    """A refused question leaves its figure out and stops none of the others."""
    partial = {"nvmlDeviceGetName": "Orin (nvgpu)", "nvmlDeviceGetTemperature": 50}
    assert Nvml(FakeNvml([partial])).read() == [
        GpuStats(0, "Orin (nvgpu)", temperature_c=50, driver="590.48.01")
    ]


def test_a_missing_driver_is_said_once(caplog: pytest.LogCaptureFixture) -> None:
    """However often it is asked, the log has one line."""
    caplog.set_level(logging.DEBUG)
    nvml = Nvml(FakeNvml(absent=True))
    assert [nvml.read() for _ in range(5)] == [[]] * 5
    assert len(caplog.records) == 1


def test_a_lost_gpu_is_none_and_the_library_is_opened_anew() -> None:
    """After a driver's upgrade the figures come back without a restart."""
    library = FakeNvml([FULL])
    nvml = Nvml(library)
    assert len(nvml.read()) == 1
    library.lost = True
    assert nvml.read() == []
    library.lost = False
    assert len(nvml.read()) == 1
    assert library.inits == 2


def test_the_real_module_has_every_name_that_the_fake_answers() -> None:
    """The fake cannot drift from the package that is installed."""
    for name in [*FULL, "nvmlInit", "nvmlShutdown", "nvmlDeviceGetCount", "nvmlDeviceGetHandleByIndex"]:
        assert callable(getattr(pynvml, name))
    for name in ("NVMLError", "NVML_TEMPERATURE_GPU", "NVML_CLOCK_GRAPHICS", "nvmlSystemGetDriverVersion"):
        assert hasattr(pynvml, name)


def test_the_real_module_on_this_machine_raises_nothing() -> None:
    """With or without a GPU the answer is a list."""
    nvml = Nvml(pynvml)
    assert isinstance(nvml.read(), list)
    nvml.close()
