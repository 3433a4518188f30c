"""One connection, several who want its packets."""

from appliance.domain.ids import CameraId
from appliance.domain.packet import Packet, SoundPacket
from appliance.domain.time import WallUs
from appliance.packets.fanout import Fanout
from appliance.packets.ring import PacketRing
from appliance.packets.sound_ring import SoundRing
from tests.support.clock import SimulatedClock
from tests.support.coded import tone
from tests.support.fake_source import packet, stream


def fanout() -> Fanout:
    """Return one without consumers."""
    return Fanout(CameraId("c"), PacketRing(10.0, 1 << 30))


def test_every_consumer_gets_every_packet_once_it_is_in_the_ring() -> None:
    """In order, with the number under which the ring has it."""
    fan, heard = fanout(), []
    for name in ("recording", "detection"):
        fan.add(lambda one, number, name=name: heard.append((name, number, fan.ring.get(number) is one)))  # type: ignore[misc]
    for i in range(2):
        fan.put(packet(stream(), i, SimulatedClock()))
    assert heard == [(n, i, True) for i in range(2) for n in ("recording", "detection")]


def test_a_consumer_that_fails_costs_nobody_a_packet() -> None:
    """Promise 2: footage depends on nothing else; the one that failed gets the next one, too."""
    fan, heard, failed = fanout(), [], []

    def failing(_packet: Packet, number: int) -> None:
        failed.append(number)
        raise RuntimeError("a consumer's fault")

    fan.add(failing)
    fan.add(lambda _packet, number: heard.append(number))
    for i in range(3):
        fan.put(packet(stream(), i, SimulatedClock()))
    assert heard == failed == [0, 1, 2]


def test_a_consumer_that_has_gone_hears_nothing_more() -> None:
    """A viewer that closes the page, say."""
    fan, heard = fanout(), []

    def hear(_packet: Packet, number: int) -> None:
        heard.append(number)

    with fan.subscribed(hear):
        fan.put(packet(stream(), 0, SimulatedClock()))
    fan.put(packet(stream(), 1, SimulatedClock()))
    assert heard == [0]


class Decoder:
    """A consumer that is a method: each look at it makes another object."""

    def __init__(self) -> None:
        self.heard: list[int] = []

    def on_packet(self, _packet: Packet, number: int) -> None:
        """Keep the number."""
        self.heard.append(number)


def test_a_method_that_has_gone_hears_nothing_more() -> None:
    """Methods are compared by what they are bound to."""
    fan, first, second = fanout(), Decoder(), Decoder()
    for one in (first, second):
        fan.add(one.on_packet)
    fan.remove(first.on_packet)
    fan.put(packet(stream(), 0, SimulatedClock()))
    assert (first.heard, second.heard) == ([], [0])


def test_sound_goes_to_those_who_want_it() -> None:
    """Once the ring has it; whoever fails costs nobody a packet, and who has gone hears nothing more."""
    sounds = tone(0.3)
    fan = Fanout(CameraId("c"), PacketRing(10.0, 1 << 30), SoundRing(10.0))
    heard, left = list[tuple[SoundPacket, bool]](), list[SoundPacket]()

    def failing(_packet: SoundPacket) -> None:
        raise RuntimeError("a consumer's fault")

    fan.add_sound(failing)
    fan.add_sound(lambda one: heard.append((one, fan.sounds.since(WallUs(0))[-1] is one)))
    fan.add_sound(left.append)
    fan.put_sound(sounds[0])
    fan.remove_sound(left.append)
    fan.put_sound(sounds[1])
    assert heard == [(sounds[0], True), (sounds[1], True)]
    assert left == [sounds[0]]


def test_without_a_ring_no_sound_is_kept() -> None:
    """A fan-out of pictures alone holds no memory for it."""
    fan = fanout()
    fan.put_sound(tone(0.3)[0])
    assert fan.sounds.held_bytes == 0
