"""The wire form of what the monitor says: ``camera_stats``, ``gpu_stats`` and ``health``."""

from collections.abc import Iterable

import msgspec

from appliance.domain.access import Sight
from appliance.domain.camera import CameraStats
from appliance.domain.ids import CameraId
from appliance.runtime.health import Health


class GpuProcess(msgspec.Struct, frozen=True, omit_defaults=True):
    """A process that uses a GPU.

    Attributes:
        name: one of ours by what it does, another by its program; absent where the system does not say.
        memory_bytes: of the GPU's memory; absent where the driver does not say.
    """

    pid: int
    name: str | None = None
    memory_bytes: int | None = None


class GpuXid(msgspec.Struct, frozen=True):
    """An error that a GPU's driver told of in the last minutes, by its number.

    Attributes:
        at: when it came last.
        count: how often it came.
        says: what the number means, in words.
    """

    code: int
    at: str
    count: int
    says: str


class GpuStats(msgspec.Struct, frozen=True, omit_defaults=True):
    """One GPU at one instant; a figure that the device does not report is absent from the JSON.

    Attributes:
        index: 0 for the first GPU.
        utilization_percent: the part of the time in which it computed, 0 to 100.
        memory_used_bytes: of its own memory; a Jetson shares the system's and has none.
        power_rail: where the power is measured, if that is not the GPU alone.
        clock_hz: of its cores.
        throttle: why it runs slower than it could, being idle left out; empty where nothing holds it back.
        processes: the largest ones first; empty where nobody uses it.
        xids: errors that the driver told of; those that mean little are left out after some minutes.
        lost: why it does not answer any more; everything else is what was known of it.
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
    memory_clock_hz: int | None = None
    throttle: list[str] | None = None
    processes: list[GpuProcess] | None = None
    xids: list[GpuXid] | None = None
    lost: str | None = None
    driver: str | None = None


class GpuReport(msgspec.Struct, frozen=True):
    """The data of a ``gpu_stats`` message."""

    gpus: list[GpuStats]


class CameraFigures(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """One camera's figures of the moment; what was not measured is absent from the JSON.

    Attributes:
        fps: pictures received a second.
        bitrate_bps: bits of video received a second.
        decoded_megapixels_s: millions of pixels decoded a second.
        corrupt_frames: pictures in which the decoder concealed errors, since the start of the service.
        reconnects: attempts to connect again, since the start of the service.
        is_quiet: nothing happens, and little is decoded; absent where decoding is not on demand.
        recording: ``recording``, or the cause for which no footage of it is kept just now.
    """

    id: str
    fps: float | None = None
    bitrate_bps: int | None = None
    decoded_megapixels_s: float | None = None
    corrupt_frames: int
    reconnects: int
    is_quiet: bool | None = None
    recording: str | None = None


class CameraStatsReport(msgspec.Struct, frozen=True):
    """The data of a ``camera_stats`` message: every camera that is being read."""

    cameras: list[CameraFigures]


class PartReport(msgspec.Struct, frozen=True):
    """One part's health; the reason is empty while it is ok."""

    part: str
    level: str
    reason: str


class HealthReport(msgspec.Struct, frozen=True):
    """The data of a ``health`` message: the worst level, and every part sorted by name."""

    level: str
    parts: list[PartReport]


WITHHELD = "the reason is told to those who see all cameras"


def health_seen(report: HealthReport, sight: Sight) -> HealthReport:
    """Return how each part is doing, without the reasons where not every camera is seen.

    A reason is a sentence of any part, of a library or of the system, and may name any camera.
    """
    if sight.cameras is None:
        return report
    parts = [PartReport(p.part, p.level, WITHHELD if p.reason else "") for p in report.parts]
    return msgspec.structs.replace(report, parts=parts)


def camera_stats_seen(report: CameraStatsReport, sight: Sight) -> CameraStatsReport:
    """Return the figures of the cameras that are seen."""
    return CameraStatsReport([camera for camera in report.cameras if sight.sees(CameraId(camera.id))])


def camera_stats_report(stats: Iterable[CameraStats]) -> CameraStatsReport:
    """Return the wire form of the cameras' figures."""
    return CameraStatsReport([_figures(camera) for camera in stats])


def _figures(stats: CameraStats) -> CameraFigures:
    return CameraFigures(
        id=stats.camera_id,
        fps=None if stats.fps is None else round(stats.fps, 2),
        bitrate_bps=None if stats.bitrate_bps is None else round(stats.bitrate_bps),
        decoded_megapixels_s=None
        if stats.decoded_megapixels_s is None
        else round(stats.decoded_megapixels_s, 3),
        corrupt_frames=stats.corrupt_frames,
        reconnects=stats.reconnects,
        is_quiet=stats.is_quiet,
        recording=stats.recording,
    )


def health_report(health: Health) -> HealthReport:
    """Return the wire form of the health now; may be called from any thread."""
    parts = [PartReport(p.part, p.level.value, p.reason) for p in health.parts()]
    return HealthReport(health.level().value, parts)
