"""Packets of a made-up camera; only its keyframes have a picture in them."""

import dataclasses
import functools
import tempfile
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path

from appliance.domain.ids import CameraId
from appliance.domain.packet import Packet, VideoStream
from appliance.domain.time import NS_PER_S, US_PER_S, MediaTime, MonotonicNs, WallUs
from appliance.packets.ring import PacketRing
from tests.support.clips import plain, write_clip
from tests.support.coded import packets_of

TICKS = 90_000
START_US = 1_795_000_000 * US_PER_S
"""A moment in November 2026."""


@functools.cache
def keyframe() -> Packet:
    """Return a real one, with what a file says of it: 160×96 in H.264."""
    with tempfile.TemporaryDirectory() as folder:
        return packets_of(write_clip(Path(folder) / "plain.mp4", [plain()]))[0]


def stream_of(codec: str = "h264") -> VideoStream:
    """Return a new stream."""
    return dataclasses.replace(keyframe().stream, codec=codec)


class PacketMaker:
    """Makes a camera's packets: ``fps`` a second, a keyframe every ``gop`` of them.

    Args:
        take: gets each packet and its number, after the ring has it.
    """

    def __init__(
        self,
        take: Callable[[Packet, int], None],
        ring: PacketRing | None = None,
        fps: int = 10,
        gop: int = 20,
        camera_id: str = "front",
    ) -> None:
        self.take = take
        self.ring = ring or PacketRing(60.0, 1 << 24)
        self.fps = fps
        self.gop = gop
        self.camera_id = CameraId(camera_id)
        self.stream = stream_of()
        self.at_us = START_US
        self.count = 0
        self.sent: list[Packet] = []

    def play(self, seconds: float) -> "PacketMaker":
        """Let packets of so many seconds come."""
        for _ in range(round(seconds * self.fps)):
            self.one()
        return self

    def one(self, size: int = 100) -> Packet:
        """Let the next packet come."""
        passed_us = self.at_us - START_US
        is_keyframe = self.count % self.gop == 0
        packet = Packet(
            self.camera_id,
            self.stream,
            keyframe().data if is_keyframe else b"x" * size,
            MediaTime(passed_us * TICKS // US_PER_S, Fraction(1, TICKS)),
            None,
            WallUs(self.at_us),
            MonotonicNs(passed_us * (NS_PER_S // US_PER_S)),
            is_keyframe,
        )
        self.count += 1
        self.at_us += US_PER_S // self.fps
        self.sent.append(packet)
        self.take(packet, self.ring.put(packet))
        return packet

    def pause(self, seconds: float) -> "PacketMaker":
        """Let time pass in which nothing comes; the next packet is a keyframe."""
        self.at_us += round(seconds * US_PER_S)
        self.count += -self.count % self.gop
        return self

    def reconnect(self) -> "PacketMaker":
        """Begin another stream."""
        self.stream = stream_of()
        self.count += -self.count % self.gop
        return self


def second(packet: Packet) -> float:
    """Return when a packet's picture was taken, in seconds since the first one."""
    return (packet.wall_us - START_US) / US_PER_S


def seconds(packets: Iterator[Packet] | list[Packet]) -> list[float]:
    """Return the same of many packets."""
    return [second(packet) for packet in packets]
