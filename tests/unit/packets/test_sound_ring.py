"""The last sound of a camera, within bounds."""

from dataclasses import replace

from appliance.domain.ids import CameraId
from appliance.domain.packet import SoundPacket, SoundStream
from appliance.domain.time import MonotonicNs, WallUs
from appliance.packets.sound_ring import SoundRing

STREAM = SoundStream(b"\x14\x08", 16_000, 1)
UNIT_US = 64_000


def unit(number: int, size: int = 100) -> SoundPacket:
    """Return the packet of that number, each 64 ms after the one before."""
    at_us = number * UNIT_US
    return SoundPacket(CameraId("c"), STREAM, bytes(size), WallUs(at_us), MonotonicNs(at_us * 1000))


def numbers(held: list[SoundPacket]) -> list[int]:
    """Return which packets these are."""
    return [one.wall_us // UNIT_US for one in held]


def filled(ring: SoundRing, count: int) -> SoundRing:
    """Let so many packets come."""
    for i in range(count):
        ring.put(unit(i))
    return ring


def test_sound_is_held_for_the_time_asked_for() -> None:
    """One second of packets of 64 ms: sixteen, the oldest gone first."""
    assert numbers(filled(SoundRing(1.0), 100).since(WallUs(0))) == list(range(84, 100))


def test_bytes_are_a_bound_of_their_own() -> None:
    """Sound of a high bit rate is held for a shorter time."""
    ring = filled(SoundRing(1.0, 750), 100)
    assert numbers(ring.since(WallUs(0))) == list(range(93, 100))
    assert ring.held_bytes == 700


def test_a_packet_larger_than_the_ring_is_not_held() -> None:
    """The bound holds even then."""
    ring = SoundRing(1.0, 50)
    ring.put(unit(0))
    assert ring.since(WallUs(0)) == []
    assert ring.held_bytes == 0


def test_what_begins_at_a_time_or_later_is_found() -> None:
    """A pre-roll begins with the first packet that is not before its first picture."""
    ring = filled(SoundRing(60.0), 10)
    assert numbers(ring.since(WallUs(3 * UNIT_US))) == list(range(3, 10))
    assert numbers(ring.since(WallUs(3 * UNIT_US + 1))) == list(range(4, 10))
    assert numbers(ring.since(WallUs(10 * UNIT_US))) == []


def test_another_stream_begins_an_empty_ring() -> None:
    """Packets of two streams do not mix."""
    ring = filled(SoundRing(60.0), 5)
    ring.put(replace(unit(5), stream=replace(STREAM)))
    assert numbers(ring.since(WallUs(0))) == [5]


def test_a_time_before_the_last_one_begins_an_empty_ring() -> None:
    """The times in the ring rise, whatever comes: they are searched."""
    ring = filled(SoundRing(60.0), 5)
    ring.put(unit(2))
    assert numbers(ring.since(WallUs(0))) == [2]
