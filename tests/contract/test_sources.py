"""What every source promises: the fake that the reader's tests use is held to what the real ones do."""

import threading
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest

from appliance.domain.ids import CameraId
from appliance.domain.packet import Packet
from appliance.packets.demo.source import DemoSource
from appliance.packets.file import FileSource
from appliance.packets.source import Source
from tests.support.clips import walking_square, write_clip
from tests.support.clock import SimulatedClock
from tests.support.fake_source import FakeSource, Script

MakeSource = Callable[[SimulatedClock], Source]
CAMERA = CameraId("contract")


@pytest.fixture(params=["fake", "file", "file with B-frames", "looped file", "demo"])
def make(request: pytest.FixtureRequest, tmp_path: Path) -> MakeSource:
    """Return a maker of sources that have at least 20 packets, ten a second."""

    def file(b_frames: int, *, loop: bool) -> MakeSource:
        clip = write_clip(tmp_path / "a.mp4", walking_square(8 if loop else 20), b_frames=b_frames)
        return lambda clock: FileSource(CAMERA, clip, loop, clock)

    makers: dict[str, Callable[[], MakeSource]] = {
        "fake": lambda: lambda clock: FakeSource(Script(pictures=20), clock),
        "file": lambda: file(0, loop=False),
        "file with B-frames": lambda: file(2, loop=False),
        "looped file": lambda: file(2, loop=True),
        "demo": lambda: lambda clock: DemoSource(CAMERA, clock),
    }
    return makers[str(request.param)]()


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


def test_the_first_packet_is_a_keyframe_of_the_stream_that_was_opened(make: MakeSource) -> None:
    """A decoder can begin with it."""
    source = make(SimulatedClock())
    stream = source.open()
    packet = next(iter(source.packets(threading.Event())))
    source.close()
    assert packet.is_keyframe
    assert packet.stream is stream
    assert packet.data
    assert packet.media.time_base == stream.time_base
    assert stream.width > 0
    assert stream.height > 0


def test_packets_come_at_the_pace_of_the_scene(make: MakeSource) -> None:
    """Ten a second, neither all at once nor late."""
    packets = read(make(SimulatedClock()), 20)
    arrivals = [packet.arrived_ns / 1e9 for packet in packets]
    assert [b - a for a, b in pairwise(arrivals)] == pytest.approx([0.1] * 19, abs=0.002)


def test_shown_times_go_up_by_one_picture(make: MakeSource) -> None:
    """In order of presentation there is no gap and no repetition."""
    packets = read(make(SimulatedClock()), 20)
    # With B-frames the last packets are shown after ones that were not read any more.
    times = sorted(packet.media.seconds for packet in packets)[:16]
    assert [b - a for a, b in pairwise(times)] == pytest.approx([0.1] * 15, abs=0.002)


def test_decoding_times_go_up(make: MakeSource) -> None:
    """Where they are known."""
    known = [packet.dts for packet in read(make(SimulatedClock()), 20) if packet.dts is not None]
    assert known == sorted(set(known))


def test_packets_carry_both_clocks_of_their_arrival(make: MakeSource) -> None:
    """The reader anchors with them."""
    clock = SimulatedClock()
    difference = clock.wall_us() - clock.monotonic_ns() // 1000
    for packet in read(make(clock), 5):
        assert packet.wall_us - packet.arrived_ns // 1000 == difference


def test_a_stop_ends_the_packets(make: MakeSource) -> None:
    """At the next packet at the latest."""
    assert len(read(make(SimulatedClock()), 3)) == 3


def test_a_source_may_be_closed_unopened_and_twice(make: MakeSource) -> None:
    """A reader closes in any case."""
    source = make(SimulatedClock())
    source.close()
    source.open()
    source.close()
    source.close()
