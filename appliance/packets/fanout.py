"""One camera's packets to everyone who wants them: from one connection, through one ring."""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from appliance.domain.ids import CameraId
from appliance.domain.packet import Packet
from appliance.packets.ring import PacketRing
from appliance.runtime.supervisor import Failure, attempt

log = logging.getLogger(__name__)

Consumer = Callable[[Packet, int], None]
"""Gets each packet and its number in the ring, on the reader's thread; must return at once: what takes time
is done elsewhere, with the ring as its queue."""


class Fanout:
    """Hands each packet to the ring and then to every consumer; thread-safe.

    A consumer that raises costs nobody else the packet, and not the connection either.

    Args:
        camera_id: for the log.
        ring: what was there before a consumer came.
    """

    def __init__(self, camera_id: CameraId, ring: PacketRing) -> None:
        self.ring = ring
        self._camera_id = camera_id
        self._consumers: tuple[Consumer, ...] = ()
        self._lock = threading.Lock()

    def put(self, packet: Packet) -> None:
        """Hand on the newest packet; called on the reader's thread."""
        number = self.ring.put(packet)
        for consumer in self._consumers:
            outcome = attempt(lambda to=consumer: to(packet, number))  # type: ignore[misc]
            if isinstance(outcome, Failure):
                log.error(
                    "camera %s: a consumer of packets failed: %s",
                    self._camera_id,
                    outcome.error,
                    exc_info=outcome.error,
                )

    def add(self, consumer: Consumer) -> None:
        """Hand packets to this consumer too, from the next one on; the ring has the ones before."""
        with self._lock:
            self._consumers = (*self._consumers, consumer)

    def remove(self, consumer: Consumer) -> None:
        """Hand it nothing more."""
        with self._lock:
            self._consumers = tuple(one for one in self._consumers if one is not consumer)

    @contextmanager
    def subscribed(self, consumer: Consumer) -> Iterator[None]:
        """Hand packets to this consumer while the block lasts."""
        self.add(consumer)
        try:
            yield
        finally:
            self.remove(consumer)
