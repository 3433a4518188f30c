"""What is counted of every camera's reading."""

from appliance.domain.ids import CameraId
from appliance.domain.packet import Packet
from appliance.runtime.metrics import Metrics


class PacketCounters:
    """Packets, bytes and reconnections by camera, on ``/metrics``; thread-safe."""

    def __init__(self, metrics: Metrics) -> None:
        self._packets = metrics.counter("nightjar_packets_total", "Video packets read", "camera")
        self._bytes = metrics.counter("nightjar_packet_bytes_total", "Bytes of video read", "camera")
        self._reconnects = metrics.counter(
            "nightjar_reconnects_total", "Attempts to connect again after the first", "camera"
        )

    def packet(self, packet: Packet) -> None:
        """Count one packet."""
        self._packets.add(1, packet.camera_id)
        self._bytes.add(len(packet.data), packet.camera_id)

    def reconnect(self, camera_id: CameraId) -> None:
        """Count one attempt to connect again."""
        self._reconnects.add(1, camera_id)

    def reconnects(self, camera_id: CameraId) -> int:
        """Return how often a camera was connected to again."""
        return round(self._reconnects.value(camera_id))

    def forget(self, camera_id: CameraId) -> None:
        """Drop a deleted camera's numbers."""
        for metric in (self._packets, self._bytes, self._reconnects):
            metric.forget(camera_id)
