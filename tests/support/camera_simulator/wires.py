"""How packets reach a client: interleaved with the conversation (RFC 2326, 10.12), or as datagrams."""

import asyncio
from collections.abc import Callable

from tests.support.camera_simulator.rtp import Send

LONGEST_BACKLOG_BYTES = 1 << 20
"""What waits for a client that takes nothing, before pictures are dropped."""


def interleaved(transport: asyncio.WriteTransport, channel: int) -> Send:
    """Return what sends packets over the conversation's own connection."""
    head = bytes((0x24, channel))

    def send(packets: list[bytes]) -> bool:
        if transport.is_closing() or transport.get_write_buffer_size() > LONGEST_BACKLOG_BYTES:
            return False
        transport.write(b"".join(part for p in packets for part in (head, len(p).to_bytes(2, "big"), p)))
        return True

    return send


class Receiver(asyncio.DatagramProtocol):
    """Tells of the datagrams that a client sends."""

    def __init__(self, received: Callable[[], None]) -> None:
        self._received = received

    def datagram_received(self, data: bytes, addr: object) -> None:
        """Tell of one."""
        self._received()


class Datagrams:
    """The two sockets of one media stream: packets and reports."""

    def __init__(self, packets: asyncio.DatagramTransport, reports: asyncio.DatagramTransport) -> None:
        self._packets = packets
        self._reports = reports

    @classmethod
    async def open(cls, host: str, received: Callable[[], None]) -> "Datagrams":
        """Take two free ports; ``received`` is told of reports from the client."""
        loop = asyncio.get_running_loop()
        packets, _ = await loop.create_datagram_endpoint(asyncio.DatagramProtocol, local_addr=(host, 0))
        reports, _ = await loop.create_datagram_endpoint(lambda: Receiver(received), local_addr=(host, 0))
        return cls(packets, reports)

    @property
    def ports(self) -> tuple[int, int]:
        """Where they are bound."""
        return self._packets.get_extra_info("sockname")[1], self._reports.get_extra_info("sockname")[1]

    def senders(self, client: str, ports: tuple[int, int]) -> tuple[Send, Send]:
        """Return what sends packets, and what sends reports, to a client's two ports."""
        return _to(self._packets, (client, ports[0])), _to(self._reports, (client, ports[1]))

    def close(self) -> None:
        """Give the ports back."""
        self._packets.close()
        self._reports.close()


def _to(transport: asyncio.DatagramTransport, address: tuple[str, int]) -> Send:
    def send(packets: list[bytes]) -> bool:
        if transport.is_closing():
            return False
        for packet in packets:
            transport.sendto(packet, address)
        return True

    return send
