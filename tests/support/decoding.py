"""One camera's packets through the decoder on demand, on one thread and on a clock that never waits."""

import itertools
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt

from appliance.domain.camera import DecodePolicy
from appliance.domain.frame import Frame
from appliance.domain.ids import CameraId
from appliance.domain.packet import Packet
from appliance.domain.time import NS_PER_S
from appliance.frames.decoder import FrameDecoder
from appliance.frames.on_demand import OnDemandDecoder
from appliance.frames.settings import Settings
from appliance.motion.detector import MotionDetector
from appliance.packets.file import FileSource
from appliance.packets.ring import PacketRing
from appliance.runtime.lanes import Lane, Lanes
from tests.support.clock import SimulatedClock


class InlineLanes(Lanes):
    """Lanes without threads: who wakes a lane does its work."""

    def __init__(self) -> None:
        super().__init__(threads=0, name="inline")

    def wake(self, lane: Lane) -> None:
        """Do everything that there is to do, unless that is being done already."""
        if not lane.wants():
            return
        more = True
        while more and lane.begins():
            more = lane.ended(lane.do())


@dataclass(frozen=True, slots=True)
class Look:
    """One frame that was looked at.

    Attributes:
        at_s: its media time.
        known_s: when it was looked at: the arrival of the packet that had it decoded.
        boxes: what moved in it, xyxy in unit coordinates.
        alone: it was a keyframe that was decoded by itself.
    """

    at_s: float
    known_s: float
    boxes: npt.NDArray[np.float32]
    alone: bool = False


@dataclass
class MotionViewer:
    """Looks for motion, as the appliance does, and keeps what it saw.

    Attributes:
        ready: whether the next frame could be taken; a test sets it.
        waits: called back when it can be.
        fails: raised instead of looking.
    """

    clock: SimulatedClock
    motion: MotionDetector = field(default_factory=MotionDetector)
    peeking: MotionDetector | None = None
    peeked_s: float = 0.0
    looks: list[Look] = field(default_factory=list)
    frames: list[Frame] = field(default_factory=list)
    keep_frames: bool = False
    ready: bool = True
    attended: bool = False
    waits: Callable[[], None] | None = None
    fails: Exception | None = None

    def glance(self, frame: Frame) -> bool:
        """Look at a lone keyframe; one with motion in it is as if not seen."""
        self.peeking = None
        before = self.motion.saved()
        boxes = self.motion.step(frame).boxes
        if len(boxes):
            self.motion = before
            return True
        self._keep(frame, boxes, alone=True)
        return False

    def view(self, frame: Frame) -> float:
        """Look at the next frame."""
        self.peeking = None
        if self.fails is not None:
            raise self.fails
        motion = self.motion.step(frame)
        self._keep(frame, motion.boxes, alone=False)
        return motion.area_ratio if len(motion.boxes) else 0.0

    def peek(self, frame: Frame) -> float:
        """Look without having looked."""
        if self.peeking is None or frame.media.seconds <= self.peeked_s:
            self.peeking = self.motion.saved()
        self.peeked_s = frame.media.seconds
        motion = self.peeking.step(frame)
        return motion.area_ratio if len(motion.boxes) else 0.0

    def is_ready(self, then: Callable[[], None]) -> bool:
        """Return what the test has set."""
        self.waits = then
        return self.ready

    def is_attended(self) -> bool:
        """Return what the test has set."""
        return self.attended

    def _keep(self, frame: Frame, boxes: npt.NDArray[np.float32], alone: bool) -> None:
        unit = boxes / np.array([frame.width, frame.height] * 2, np.float32)
        now_s = self.clock.monotonic_ns() / NS_PER_S
        self.looks.append(Look(frame.media.seconds, now_s, unit.astype(np.float32), alone))
        if self.keep_frames:
            self.frames.append(frame)


@dataclass
class Decoding:
    """A decoder with everything around it, and what it did.

    Attributes:
        awake_s: media seconds of the packets that came while everything was decoded.
        total_s: media seconds of all packets.
    """

    policy: DecodePolicy = DecodePolicy.AUTO
    settings: Settings = field(default_factory=Settings)
    detect_fps: float = 5.0
    ring_s: float = 15.0
    ring_bytes: int = 8 << 20
    awake: list[tuple[float, bool]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.clock = SimulatedClock()
        self.ring = PacketRing(self.ring_s, self.ring_bytes)
        self.viewer = MotionViewer(self.clock)
        self.frame_decoder = FrameDecoder(self.detect_fps, self.settings)
        self.decoder = OnDemandDecoder(
            self.policy,
            self.frame_decoder,
            self.ring,
            self.viewer,
            self.clock,
            self.settings,
            InlineLanes(),
            "c",
        )

    def feed(self, packets: Iterable[Packet], before: Callable[[Packet], None] | None = None) -> "Decoding":
        """Let packets come, one after the other; ``before`` is called with each before it comes."""
        for packet in packets:
            if before is not None:
                before(packet)
            self.decoder.on_packet(packet, self.ring.put(packet))
            self.awake.append((packet.media.seconds, self.decoder.is_awake))
        return self

    def awake_at(self, at_s: float) -> bool:
        """Return whether everything was decoded when the packet of that time had come."""
        return next(awake for seconds, awake in reversed(self.awake) if seconds <= at_s)

    def play(
        self, path: Path, before: Callable[[Packet], None] | None = None, for_s: float | None = None
    ) -> "Decoding":
        """Let a file's packets come in its own time, on the simulated clock.

        Args:
            path: of the file.
            before: is called with each packet before it comes.
            for_s: play it again and again until that media time; else once.
        """
        return self.feed(packets_of(path, self.clock, for_s), before)


def packets_of(path: Path, clock: SimulatedClock, for_s: float | None = None) -> Iterator[Packet]:
    """Yield a file's packets in its own time, on a simulated clock: once, or over and over for some time."""
    source = FileSource(CameraId("clip"), path, loop=for_s is not None, clock=clock)
    source.open()
    try:
        packets = source.packets(threading.Event())
        yield from itertools.takewhile(lambda packet: for_s is None or packet.media.seconds < for_s, packets)
    finally:
        source.close()
