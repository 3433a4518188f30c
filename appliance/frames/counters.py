"""What is counted of every camera's decoding."""

from appliance.domain.ids import CameraId
from appliance.runtime.metrics import Metrics


class FrameCounters:
    """Decoded, corrupt and undecodable pictures by camera, on ``/metrics``; thread-safe."""

    def __init__(self, metrics: Metrics) -> None:
        self._decoded = metrics.counter("nightjar_frames_decoded_total", "Pictures decoded", "camera")
        self._corrupt = metrics.counter(
            "nightjar_frames_corrupt_total", "Pictures in which the decoder concealed errors", "camera"
        )
        self._undecodable = metrics.counter(
            "nightjar_packets_undecodable_total", "Packets that the decoder could make nothing of", "camera"
        )

    def decoded(self, camera_id: CameraId, corrupt: bool) -> None:
        """Count one picture."""
        self._decoded.add(1, camera_id)
        if corrupt:
            self._corrupt.add(1, camera_id)

    def undecodable(self, camera_id: CameraId) -> None:
        """Count one packet without a picture."""
        self._undecodable.add(1, camera_id)

    def forget(self, camera_id: CameraId) -> None:
        """Drop a deleted camera's numbers."""
        for metric in (self._decoded, self._corrupt, self._undecodable):
            metric.forget(camera_id)
