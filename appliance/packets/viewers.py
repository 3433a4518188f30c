"""Who looks at which camera now: whoever asked for a picture of it lately."""

import threading

from appliance.domain.ids import CameraId
from appliance.domain.time import NS_PER_S, MonotonicNs


class Viewers:
    """Remembers when somebody last asked for a picture of each camera; thread-safe.

    Args:
        linger_s: how long after that somebody counts as looking.
    """

    def __init__(self, linger_s: float) -> None:
        self._linger_ns = round(linger_s * NS_PER_S)
        self._lock = threading.Lock()
        self._looked_ns: dict[CameraId, int] = {}

    def looked(self, camera_id: CameraId, at_ns: MonotonicNs) -> None:
        """Note that somebody asked for a picture of the camera."""
        with self._lock:
            self._looked_ns[camera_id] = at_ns

    def is_watched(self, camera_id: CameraId, at_ns: MonotonicNs) -> bool:
        """Return whether somebody looks at the camera at that time, which is about now."""
        with self._lock:
            looked_ns = self._looked_ns.get(camera_id)
        return looked_ns is not None and at_ns - looked_ns <= self._linger_ns

    def forget(self, camera_id: CameraId) -> None:
        """Drop what is known of a camera that is gone."""
        with self._lock:
            self._looked_ns.pop(camera_id, None)
