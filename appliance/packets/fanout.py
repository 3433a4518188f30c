"""One camera's packets to everyone who wants them: from one connection, through one ring."""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from appliance.domain.ids import CameraId
from appliance.domain.packet import Packet, SoundPacket
from appliance.packets.ring import PacketRing
from appliance.packets.sound_ring import SoundRing
from appliance.runtime.supervisor import Failure, attempt

log = logging.getLogger(__name__)

Consumer = Callable[[Packet, int], None]
"""Gets each packet and its number in the ring, on the reader's thread; must return at once: what takes time
is done elsewhere, with the ring as its queue."""

SoundConsumer = Callable[[SoundPacket], None]
"""Gets each packet of sound, on the reader's thread; must return at once."""


class Fanout:
    """Hands each packet to the ring and then to every consumer; thread-safe.

    A consumer that raises costs nobody else the packet, and not the connection either. Pictures and sound
    come on the same thread and lie on the same clock, but each in an order of its own: a piece of sound may
    come some hundred milliseconds before or after the picture of its time.

    Args:
        camera_id: for the log.
        ring: what was there before a consumer came.
        sounds: the sound that was there before; none of it is kept when not given.
    """

    def __init__(self, camera_id: CameraId, ring: PacketRing, sounds: SoundRing | None = None) -> None:
        self.ring = ring
        self.sounds = sounds or SoundRing(1.0, 1)
        self._camera_id = camera_id
        self._consumers: tuple[Consumer, ...] = ()
        self._sound_consumers: tuple[SoundConsumer, ...] = ()
        self._lock = threading.Lock()

    def put(self, packet: Packet) -> None:
        """Hand on the newest packet; called on the reader's thread."""
        number = self.ring.put(packet)
        for consumer in self._consumers:
            self._tried(lambda to=consumer: to(packet, number), "packets")  # type: ignore[misc]

    def put_sound(self, packet: SoundPacket) -> None:
        """Hand on the newest packet of sound; called on the reader's thread."""
        self.sounds.put(packet)
        for consumer in self._sound_consumers:
            self._tried(lambda to=consumer: to(packet), "sound")  # type: ignore[misc]

    def add(self, consumer: Consumer) -> None:
        """Hand packets to this consumer too, from the next one on; the ring has the ones before."""
        with self._lock:
            self._consumers = (*self._consumers, consumer)

    def add_sound(self, consumer: SoundConsumer) -> None:
        """Hand sound to this consumer too, from the next packet on; ``sounds`` has the ones before."""
        with self._lock:
            self._sound_consumers = (*self._sound_consumers, consumer)

    def remove(self, consumer: Consumer) -> None:
        """Hand it nothing more."""
        with self._lock:
            self._consumers = tuple(one for one in self._consumers if one != consumer)

    def remove_sound(self, consumer: SoundConsumer) -> None:
        """Hand it no more sound."""
        with self._lock:
            self._sound_consumers = tuple(one for one in self._sound_consumers if one != consumer)

    @contextmanager
    def subscribed(self, consumer: Consumer) -> Iterator[None]:
        """Hand packets to this consumer while the block lasts."""
        self.add(consumer)
        try:
            yield
        finally:
            self.remove(consumer)

    def _tried(self, hand_on: Callable[[], None], what: str) -> None:
        outcome = attempt(hand_on)
        if isinstance(outcome, Failure):
            log.error(
                "camera %s: a consumer of %s failed: %s",
                *(self._camera_id, what, outcome.error),
                exc_info=outcome.error,
            )
