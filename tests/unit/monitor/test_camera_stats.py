"""The cameras' figures as gauges."""

from dataclasses import dataclass, field

from appliance.domain.camera import CameraStats
from appliance.domain.ids import CameraId
from appliance.monitor.camera_stats import CameraGauges
from appliance.runtime.metrics import Metrics

BITRATE = "nightjar_camera_bitrate_bits_per_second"
DECODED = "nightjar_camera_decoded_megapixels_per_second"


@dataclass
class FakeStats:
    """The cameras' figures that a test chooses."""

    now: list[CameraStats] = field(default_factory=list)

    def read(self) -> list[CameraStats]:
        """Return them."""
        return self.now


def shown(metrics: Metrics) -> list[str]:
    """Return the lines that have a number."""
    return [line for line in metrics.exposition().splitlines() if not line.startswith("#")]


def test_what_is_measured_is_shown_and_nothing_else() -> None:
    """A camera without a figure has no number, and one that is gone keeps none."""
    metrics, stats = Metrics(), FakeStats()
    CameraGauges(metrics, stats)
    assert shown(metrics) == []
    stats.now = [
        CameraStats(CameraId("front"), bitrate_bps=4e6, decoded_megapixels_s=2.5),
        CameraStats(CameraId("yard"), bitrate_bps=1e6),
    ]
    assert shown(metrics) == [
        f'{BITRATE}{{camera="front"}} 4000000',
        f'{BITRATE}{{camera="yard"}} 1000000',
        f'{DECODED}{{camera="front"}} 2.5',
    ]
    stats.now = [CameraStats(CameraId("front"), decoded_megapixels_s=3.5)]
    assert shown(metrics) == [f'{DECODED}{{camera="front"}} 3.5']
