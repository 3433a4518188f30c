"""The second addresses that somebody looks at: the newest frame of each, and all its packets."""

import threading
from collections.abc import Callable, Sequence

from appliance.domain.camera import Camera, Credentials
from appliance.domain.frame import Frame
from appliance.domain.ids import CameraId
from appliance.domain.packet import Packet
from appliance.domain.time import NS_PER_S
from appliance.frames.decoder import FrameDecoder
from appliance.packets.fanout import Fanout
from appliance.packets.lingering_reader import LingeringReader
from appliance.packets.ring import PacketRing
from appliance.packets.settings import Settings
from appliance.packets.source import Source
from appliance.runtime.clock import Clock

LEAST_BETWEEN_S = 0.5
"""Keyframes that come faster than that are not all decoded; the page asks once a second."""


class SmallPictures:
    """Keeps one reader for each camera with a second address; none is connected until somebody looks.

    Nothing here tells anything to the camera's state or to its counters, and no call but ``close`` waits.
    Thread-safe.
    """

    def __init__(self, source_for: Callable[[Camera], Source], clock: Clock, settings: Settings) -> None:
        self._source_for = source_for
        self._clock = clock
        self._settings = settings
        self._lock = threading.Lock()
        self._seconds: dict[CameraId, _Second] = {}
        self._ending: dict[CameraId, LingeringReader] = {}
        self._closed = False

    def apply(self, cameras: Sequence[Camera]) -> None:
        """Match these cameras: one that changed, went or was switched off is let go."""
        wanted = {camera.id: camera for camera in cameras if camera.enabled and camera.live_url is not None}
        with self._lock:
            for camera_id in self._seconds.keys() | wanted.keys():
                self._match(camera_id, wanted.get(camera_id))

    def look(self, camera_id: CameraId) -> Frame | None:
        """Say that somebody looks, and return the newest frame; ``None`` while there is none (yet)."""
        with self._lock:
            second = self._asked(camera_id)
            return None if second is None else second.frame

    def watch(self, camera_id: CameraId) -> Fanout | None:
        """Say that somebody watches, and return where the packets come; ``None`` without a second address."""
        with self._lock:
            second = self._asked(camera_id)
            return None if second is None else second.fanout

    def note(self, camera_id: CameraId) -> str:
        """Return why the second address could not be read when it was last tried; empty when it could."""
        with self._lock:
            second = self._seconds.get(camera_id)
            return "" if second is None else second.reader.note

    def close(self) -> None:
        """Let all go at once and wait for them together; blocks for the close time-out at most."""
        with self._lock:
            self._closed = True
            readers = [*(second.reader for second in self._seconds.values()), *self._ending.values()]
        for reader in readers:
            reader.stop()
        deadline = self._clock.monotonic_ns() + round(self._settings.close_timeout_s * NS_PER_S)
        for reader in readers:
            reader.join(max(0.0, (deadline - self._clock.monotonic_ns()) / NS_PER_S))

    def _asked(self, camera_id: CameraId) -> "_Second | None":
        """Return a camera's second address, which is read from now on."""
        second = self._seconds.get(camera_id)
        # A camera often allows few sessions: that of the address before ends first.
        if second is not None and not self._closed and self._has_ended(camera_id):
            second.reader.ask()
        return second

    def _match(self, camera_id: CameraId, camera: Camera | None) -> None:
        second = self._seconds.get(camera_id)
        if second is not None and camera is not None and second.reads(camera):
            return
        if second is not None:
            del self._seconds[camera_id]
            second.reader.stop()
            if not second.reader.join(0):
                self._ending[camera_id] = second.reader
        if camera is not None:
            self._seconds[camera_id] = _Second(camera, self._source_for, self._clock, self._settings)

    def _has_ended(self, camera_id: CameraId) -> bool:
        """Return whether nothing reads an address that the camera had before."""
        before = self._ending.get(camera_id)
        if before is not None and not before.join(0):
            return False
        self._ending.pop(camera_id, None)
        return True


class _Second:
    """One camera's second address: its reader, who gets its packets, and the newest frame.

    The same connection feeds both: packets go to whoever watches, keyframes to the decoder as well.
    """

    def __init__(
        self, camera: Camera, source_for: Callable[[Camera], Source], clock: Clock, settings: Settings
    ) -> None:
        self.frame: Frame | None = None
        self.fanout = Fanout(camera.id, PacketRing(settings.ring_s, settings.ring_bytes))
        self.reader = LingeringReader(camera, source_for, clock, settings, self._take, self._idle)
        self._identity = _identity(camera)
        self._decoder: FrameDecoder | None = None

    def reads(self, camera: Camera) -> bool:
        """Return whether this is what the camera's second address needs."""
        return self._identity == _identity(camera)

    def _take(self, packet: Packet) -> None:
        self.fanout.put(packet)
        if packet.is_keyframe:
            self._decode(packet)

    def _decode(self, packet: Packet) -> None:
        if self.frame is not None and packet.arrived_ns - self.frame.arrived_ns < LEAST_BETWEEN_S * NS_PER_S:
            return
        if self._decoder is None:
            self._decoder = FrameDecoder(1 / LEAST_BETWEEN_S)
        self.frame = self._decoder.look(packet) or self.frame

    def _idle(self) -> None:
        self._decoder = self.frame = None
        # Whoever looks later must not begin with what was to be seen now.
        self.fanout.ring.clear()


def _identity(camera: Camera) -> tuple[str | None, Credentials | None]:
    return camera.live_url, camera.credentials
