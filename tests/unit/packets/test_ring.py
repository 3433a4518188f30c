"""The last GOPs of a camera, within bounds."""

import threading
from dataclasses import replace

import pytest

from appliance.domain.packet import Packet, VideoStream
from appliance.domain.time import MonotonicNs
from appliance.packets.ring import PacketRing
from tests.support.clock import SimulatedClock
from tests.support.fake_source import packet, stream

SIZE = 64 * 48 * 3 // 2


def coded(video: VideoStream, at_s: float, keyframe: bool) -> Packet:
    """Return a packet that arrives at that second."""
    made = packet(video, at_s, SimulatedClock(), keyframe=keyframe)
    return replace(made, arrived_ns=MonotonicNs(round(at_s * 1e9)))


def filled(ring: PacketRing, seconds: float, gop_s: float = 1.0, fps: int = 10) -> PacketRing:
    """Let so many seconds of packets come."""
    video = stream()
    for i in range(round(seconds * fps)):
        ring.put(coded(video, i / fps, i % round(gop_s * fps) == 0))
    return ring


def test_whole_gops_are_held_and_the_oldest_go_first() -> None:
    """What is held begins at a keyframe, is contiguous, and spans the time asked for at most."""
    held = filled(PacketRing(3.0, 1 << 30), 10.0).since(0)
    assert held[0].packet.is_keyframe
    assert [one.number for one in held] == list(range(held[0].number, 100))
    assert 2.0 <= (held[-1].packet.arrived_ns - held[0].packet.arrived_ns) / 1e9 <= 3.0


def test_bytes_are_a_bound_of_their_own() -> None:
    """A camera of high bit rate is held for a shorter time."""
    ring = filled(PacketRing(60.0, 25 * SIZE), 10.0)
    assert ring.held_bytes == SIZE * len(ring.since(0))
    assert 10 * SIZE <= ring.held_bytes <= 25 * SIZE


@pytest.mark.parametrize(("longest_s", "most_bytes"), [(3.0, 1 << 30), (60.0, 12 * SIZE)])
def test_a_gop_that_does_not_fit_is_not_held_in_part(longest_s: float, most_bytes: int) -> None:
    """A decoder could do nothing with a tail: the ring is empty until the next keyframe."""
    ring, video = PacketRing(longest_s, most_bytes), stream()
    for i in range(50):
        ring.put(coded(video, i / 10, keyframe=i == 0))
    assert ring.since(0) == []
    assert ring.keyframe() is None
    assert ring.held_bytes == 0
    number = ring.put(coded(video, 5.0, keyframe=True))
    assert [one.number for one in ring.since(0)] == [number] == [50]


def test_another_stream_begins_an_empty_ring() -> None:
    """Packets of two streams do not mix; the numbers go on."""
    ring = filled(PacketRing(60.0, 1 << 30), 2.0)
    assert ring.put(coded(stream(), 2.0, keyframe=True)) == 20
    assert [one.number for one in ring.since(0)] == [20]


def test_the_keyframe_at_or_before_a_number_is_found() -> None:
    """Where a decoder must begin to show what a packet shows."""
    ring = filled(PacketRing(60.0, 1 << 30), 3.5)
    assert ring.keyframe() == 30
    assert [ring.keyframe(n) for n in (0, 9, 10, 29, 34)] == [0, 0, 10, 20, 30]
    dropped = filled(PacketRing(1.5, 1 << 30), 3.5)
    assert dropped.keyframe(15) is None


def test_a_part_is_returned_and_what_is_gone_is_not() -> None:
    """A reader that comes late goes on at the oldest packet that there is."""
    ring = filled(PacketRing(1.5, 1 << 30), 4.0)
    first = ring.since(0)[0].number
    assert [one.number for one in ring.since(0, 3)] == [first, first + 1, first + 2]
    assert ring.get(0) is None
    assert ring.get(first + 1) is not None
    assert ring.since(40) == []


def test_a_reader_on_another_thread_sees_whole_gops_only() -> None:
    """The reader of the camera puts while a decoder takes."""
    ring, wrong, done = PacketRing(0.5, 1 << 30), [], threading.Event()

    def look() -> None:
        while not done.is_set():
            held = ring.since(0)
            if held and not held[0].packet.is_keyframe:
                wrong.append(held[0].number)

    looker = threading.Thread(target=look)
    looker.start()
    filled(ring, 200.0)
    done.set()
    looker.join()
    assert wrong == []
