"""A reader of one camera on real time, and everything that it says."""

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from types import TracebackType
from typing import Self

from appliance.domain.camera import Camera, CameraReport, CameraState, Credentials
from appliance.domain.frame import Frame
from appliance.domain.ids import CameraId
from appliance.domain.packet import Packet, SoundPacket
from appliance.frames.decoder import FrameDecoder
from appliance.packets.pacer import Pacer
from appliance.packets.reader import CameraReader
from appliance.packets.settings import Settings
from appliance.packets.source import Source
from appliance.packets.sources import source_for
from appliance.runtime.clock import SystemClock

QUICK = Settings(
    open_timeout_s=1.0,
    poll_s=0.2,
    silence_timeout_s=1.5,
    keyframe_timeout_s=2.0,
    retry_first_s=0.2,
    retry_longest_s=1.0,
    busy_longest_s=0.5,
    stable_s=1.0,
    auth_retry_s=(0.5, 1.0),
    auth_slow_first_s=3.0,
    auth_slow_longest_s=6.0,
)
"""Time-outs and waits of a tenth, or so, of the usual ones."""


class CameraWatch:
    """Reads and decodes one address from its making until it is left; the reader's thread must end then.

    Args:
        url: without credentials.
        settings: the usual ones when not given.
        pacer: shared with other watches.
        enter: called first on the reader's thread, which may enter a network namespace there.
        tuned: single settings that are otherwise.

    Attributes:
        reports: in their order, with the monotonic seconds of each in ``reported_s``.
        packets: handed on.
        sounds: packets of sound handed on.
        frames: decoded, all of them.
    """

    def __init__(
        self,
        url: str,
        credentials: Credentials | None = None,
        settings: Settings | None = None,
        enter: Callable[[], None] | None = None,
        pacer: Pacer | None = None,
        **tuned: float,
    ) -> None:
        self.reports: list[CameraReport] = []
        self.reported_s: list[float] = []
        self.packets: list[Packet] = []
        self.sounds: list[SoundPacket] = []
        self.frames: list[Frame] = []
        self._changed = threading.Condition()
        self.decoder = FrameDecoder(1000.0)
        clock, chosen = SystemClock(), replace(settings or Settings(), **tuned)  # type: ignore[arg-type]

        def source(camera: Camera) -> Source:
            if enter is not None:
                enter()
            return source_for(camera, clock, chosen)

        camera = Camera(CameraId("cam"), "Cam", url, credentials)
        self.reader = CameraReader(
            *(camera, source, clock, chosen, self._packet, self._report),
            on_sound=self._sound,
            pacer=pacer,
        )
        self.reader.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _packet(self, packet: Packet) -> None:
        with self._changed:
            self.packets.append(packet)
            self.frames += self.decoder.decode(packet)
            self._changed.notify_all()

    def _sound(self, packet: SoundPacket) -> None:
        with self._changed:
            self.sounds.append(packet)
            self._changed.notify_all()

    def _report(self, report: CameraReport) -> None:
        with self._changed:
            self.reports.append(report)
            self.reported_s.append(time.monotonic())
            self._changed.notify_all()

    def wait(self, until: Callable[["CameraWatch"], bool], timeout_s: float = 10.0) -> float:
        """Wait until that holds; return the seconds that it took.

        Raises:
            AssertionError: it did not in that time.
        """
        begun = time.monotonic()
        with self._changed:
            assert self._changed.wait_for(lambda: until(self), timeout_s), self.reports
        return time.monotonic() - begun

    def wait_online(self, timeout_s: float = 10.0) -> float:
        """Wait until the camera is online; return the seconds that it took."""
        return self.wait(lambda w: w.state is CameraState.ONLINE, timeout_s)

    def wait_packets(self, more: int, timeout_s: float = 10.0) -> None:
        """Wait until that many more packets have come."""
        goal = len(self.packets) + more
        self.wait(lambda w: len(w.packets) >= goal, timeout_s)

    def wait_sounds(self, more: int, timeout_s: float = 10.0) -> None:
        """Wait until that many more packets of sound have come."""
        goal = len(self.sounds) + more
        self.wait(lambda w: len(w.sounds) >= goal, timeout_s)

    @property
    def state(self) -> CameraState | None:
        """The last reported state."""
        return self.reports[-1].state if self.reports else None

    def states(self) -> list[CameraState]:
        """Return the reported states."""
        return [report.state for report in self.reports]

    def close(self) -> None:
        """Stop and wait; the thread must end."""
        self.reader.stop()
        assert self.reader.join(6.0), "the reader's thread hangs"
