"""The wire form of what the monitor says: ``gpu_stats`` and ``health``."""

import msgspec

from appliance.runtime.health import Health


class GpuStats(msgspec.Struct, frozen=True, omit_defaults=True):
    """One GPU at one instant; a figure that the device does not report is absent from the JSON.

    Attributes:
        index: 0 for the first GPU.
        utilization_percent: the part of the time in which it computed, 0 to 100.
        memory_used_bytes: of its own memory; a Jetson shares the system's and has none.
        power_rail: where the power is measured, if that is not the GPU alone.
        clock_hz: of its cores.
    """

    index: int
    name: str
    utilization_percent: float | None = None
    memory_used_bytes: int | None = None
    memory_total_bytes: int | None = None
    temperature_c: float | None = None
    power_w: float | None = None
    power_limit_w: float | None = None
    power_rail: str | None = None
    fan_percent: float | None = None
    encoder_percent: float | None = None
    decoder_percent: float | None = None
    clock_hz: int | None = None
    driver: str | None = None


class GpuReport(msgspec.Struct, frozen=True):
    """The data of a ``gpu_stats`` message."""

    gpus: list[GpuStats]


class PartReport(msgspec.Struct, frozen=True):
    """One part's health; the reason is empty while it is ok."""

    part: str
    level: str
    reason: str


class HealthReport(msgspec.Struct, frozen=True):
    """The data of a ``health`` message: the worst level, and every part sorted by name."""

    level: str
    parts: list[PartReport]


def health_report(health: Health) -> HealthReport:
    """Return the wire form of the health now; may be called from any thread."""
    parts = [PartReport(p.part, p.level.value, p.reason) for p in health.parts()]
    return HealthReport(health.level().value, parts)
