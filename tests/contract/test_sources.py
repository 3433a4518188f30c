"""What every source promises: the fake that the reader's tests use is held to what the real ones do."""

import contextlib
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pytest

from appliance.domain.ids import CameraId
from appliance.domain.packet import Packet
from appliance.packets.demo.source import DemoSource
from appliance.packets.device import DeviceSource
from appliance.packets.file import FileSource
from appliance.packets.http_mjpeg import HttpMjpegSource
from appliance.packets.settings import Settings
from appliance.packets.source import Source
from appliance.runtime.clock import Clock, SystemClock
from tests.support.clips import walking_square, write_clip
from tests.support.clock import SimulatedClock
from tests.support.fake_device import FakeDevice
from tests.support.fake_source import FakeSource, Script
from tests.support.http_camera import Request, http_camera

CAMERA = CameraId("contract")


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of source, of at least 20 packets, ten a second.

    Attributes:
        source: makes one on that clock.
        clock: makes the clock: a simulated one unless the pictures come over a real socket.
        within_s: how exactly its times can be kept; on a socket, by a machine that has other work too.
    """

    source: Callable[[Clock], Source]
    clock: Callable[[], Clock] = SimulatedClock
    within_s: float = 0.002

    def make(self) -> tuple[Source, Clock]:
        """Return an unopened source and its clock."""
        clock = self.clock()
        return self.source(clock), clock


def file(folder: Path, b_frames: int, *, loop: bool) -> Kind:
    """Return a file, played once or for ever."""
    clip = write_clip(folder / "a.mp4", walking_square(8 if loop else 20), b_frames=b_frames)
    return Kind(lambda clock: FileSource(CAMERA, clip, loop, clock))


def device(folder: Path, codec: str) -> Kind:
    """Return a video device; it is looked at every 20 ms."""

    def source(clock: Clock) -> Source:
        return DeviceSource(CAMERA, Path("/dev/video0"), clock, Settings(), FakeDevice(folder, clock, codec))

    return Kind(source, within_s=0.021)


@contextlib.contextmanager
def mjpeg(*, length: bool) -> Iterator[Kind]:
    """Yield an HTTP camera on a real socket, whose pictures have a length or end at the next one's start."""

    def behave(request: Request) -> None:
        request.begin()
        request.pictures(fps=10, length=length)

    with http_camera(behave) as camera:
        url = camera.url()
        yield Kind(
            lambda clock: HttpMjpegSource(CAMERA, url, None, clock, Settings()), SystemClock, within_s=0.09
        )


KINDS: Mapping[str, Callable[[Path], Kind | contextlib.AbstractContextManager[Kind]]] = {
    "fake": lambda _: Kind(lambda clock: FakeSource(Script(pictures=20), clock)),
    "file": lambda folder: file(folder, 0, loop=False),
    "file with B-frames": lambda folder: file(folder, 2, loop=False),
    "looped file": lambda folder: file(folder, 2, loop=True),
    "demo": lambda _: Kind(lambda clock: DemoSource(CAMERA, clock)),
    "http": lambda _: mjpeg(length=True),
    "http without lengths": lambda _: mjpeg(length=False),
    "device": lambda folder: device(folder, "mjpeg"),
    "uncoded device": lambda folder: device(folder, "rawvideo"),
}


@pytest.fixture(params=list(KINDS))
def kind(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Kind]:
    """Yield each kind of source."""
    made = KINDS[str(request.param)](tmp_path)
    if isinstance(made, Kind):
        yield made
        return
    with made as running:
        yield running


def read(source: Source, count: int) -> list[Packet]:
    """Open a source, read so many packets at most, and close it."""
    stop = threading.Event()
    source.open()
    packets = []
    for packet in source.packets(stop):
        packets.append(packet)
        if len(packets) == count:
            stop.set()
    source.close()
    return packets


def test_the_first_packet_is_a_keyframe_of_the_stream_that_was_opened(kind: Kind) -> None:
    """A decoder can begin with it."""
    source, _ = kind.make()
    stream = source.open()
    packet = next(iter(source.packets(threading.Event())))
    source.close()
    assert packet.is_keyframe
    assert packet.stream is stream
    assert packet.data
    assert packet.media.time_base == stream.time_base
    assert stream.width > 0
    assert stream.height > 0


def test_packets_come_at_the_pace_of_the_scene(kind: Kind) -> None:
    """Ten a second, neither all at once nor late."""
    packets = read(kind.make()[0], 20)
    arrivals = [packet.arrived_ns / 1e9 for packet in packets]
    assert [b - a for a, b in pairwise(arrivals)] == pytest.approx([0.1] * 19, abs=kind.within_s)


def test_shown_times_go_up_by_one_picture(kind: Kind) -> None:
    """In order of presentation there is no gap and no repetition."""
    packets = read(kind.make()[0], 20)
    # With B-frames the last packets are shown after ones that were not read any more.
    times = sorted(packet.media.seconds for packet in packets)[:16]
    assert [b - a for a, b in pairwise(times)] == pytest.approx([0.1] * 15, abs=kind.within_s)


def test_decoding_times_go_up(kind: Kind) -> None:
    """Where they are known."""
    known = [packet.dts for packet in read(kind.make()[0], 20) if packet.dts is not None]
    assert known == sorted(set(known))


def test_packets_carry_both_clocks_of_their_arrival(kind: Kind) -> None:
    """The reader anchors with them."""
    source, clock = kind.make()
    difference = clock.wall_us() - clock.monotonic_ns() // 1000
    for packet in read(source, 5):
        passed_us = packet.wall_us - packet.arrived_ns // 1000 - difference
        assert abs(passed_us) <= (0 if isinstance(clock, SimulatedClock) else 20_000)


def test_a_stop_ends_the_packets(kind: Kind) -> None:
    """At the next packet at the latest."""
    assert len(read(kind.make()[0], 3)) == 3


def test_a_source_may_be_closed_unopened_and_twice(kind: Kind) -> None:
    """A reader closes in any case."""
    source, _ = kind.make()
    source.close()
    source.open()
    source.close()
    source.close()
