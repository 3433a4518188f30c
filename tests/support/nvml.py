"""A stand-in for the module ``pynvml``: devices that answer some questions and refuse the others."""

# ruff: noqa: N802 - the names are the vendor's

from dataclasses import dataclass, field
from typing import Any


class NVMLError(Exception):
    """What the real module raises for every refusal."""


@dataclass(frozen=True, slots=True)
class Rates:
    """Utilisation, as the real module returns it."""

    gpu: int
    memory: int = 0


@dataclass(frozen=True, slots=True)
class Memory:
    """Memory, as the real module returns it."""

    total: int
    used: int


@dataclass
class FakeNvml:
    """Answers from ``devices``: one mapping for each GPU, from the question's name to its answer.

    Attributes:
        absent: initialising fails, as without a driver.
        lost: everything fails after initialising, as with a GPU that fell off the bus.
    """

    devices: list[dict[str, Any]] = field(default_factory=list)
    absent: bool = False
    lost: bool = False
    inits: int = 0

    NVMLError = NVMLError
    NVML_TEMPERATURE_GPU = 0
    NVML_CLOCK_GRAPHICS = 0

    def nvmlInit(self) -> None:
        """Open the library."""
        self.inits += 1
        if self.absent:
            raise NVMLError("Driver Not Loaded")

    def nvmlShutdown(self) -> None:
        """Close the library."""
        self._fail_if_lost()

    def nvmlDeviceGetCount(self) -> int:
        """Return how many GPUs there are."""
        self._fail_if_lost()
        return len(self.devices)

    def nvmlDeviceGetHandleByIndex(self, index: int) -> dict[str, Any]:
        """Return the device."""
        self._fail_if_lost()
        return self.devices[index]

    def nvmlSystemGetDriverVersion(self) -> str:
        """Return the driver's version."""
        self._fail_if_lost()
        return "590.48.01"

    def __getattr__(self, name: str) -> Any:
        """Return the function of that question about a device."""
        if not name.startswith("nvmlDeviceGet"):
            raise AttributeError(name)

        def ask(device: dict[str, Any], *_arguments: object) -> Any:
            self._fail_if_lost()
            if name not in device:
                raise NVMLError("Not Supported")
            return device[name]

        return ask

    def _fail_if_lost(self) -> None:
        if self.lost:
            raise NVMLError("GPU is lost")
