"""One connection, several who want its packets."""

from appliance.domain.ids import CameraId
from appliance.domain.packet import Packet
from appliance.packets.fanout import Fanout
from appliance.packets.ring import PacketRing
from tests.support.clock import SimulatedClock
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
