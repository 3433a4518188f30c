"""The cameras' figures of the moment: who is asked for them, and the gauges that show them."""

from typing import Protocol

from appliance.domain.camera import CameraStats
from appliance.domain.ids import CameraId
from appliance.runtime.metrics import Metrics


class CameraStatsReader(Protocol):
    """Knows how each camera's stream is doing."""

    def read(self) -> list[CameraStats]:
        """Return one entry for each camera that is being read; called on the event loop, so it is cheap."""
        ...


class CameraGauges:
    """The figures on ``/metrics``, taken whenever somebody asks; what is not measured has no number."""

    def __init__(self, metrics: Metrics, reader: CameraStatsReader) -> None:
        self._reader = reader
        self._bitrate = metrics.gauge(
            "nightjar_camera_bitrate_bits_per_second", "Video received over the last seconds", "camera"
        )
        self._decoded = metrics.gauge(
            "nightjar_camera_decoded_megapixels_per_second", "Decoded over the last seconds", "camera"
        )
        self._shown: set[CameraId] = set()
        metrics.on_collect(self._collect)

    def _collect(self) -> None:
        stats = self._reader.read()
        for camera_id in self._shown:
            self._bitrate.forget(camera_id)
            self._decoded.forget(camera_id)
        self._shown = {camera.camera_id for camera in stats}
        for camera in stats:
            if camera.bitrate_bps is not None:
                self._bitrate.set(camera.bitrate_bps, camera.camera_id)
            if camera.decoded_megapixels_s is not None:
                self._decoded.set(camera.decoded_megapixels_s, camera.camera_id)
