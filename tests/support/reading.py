"""Reads some packets from a source, as a reader's thread would."""

import threading

from appliance.domain.packet import Packet
from appliance.packets.source import Source


def read(source: Source, count: int) -> list[Packet]:
    """Open, read so many packets at most, and close."""
    stop = threading.Event()
    packets: list[Packet] = []
    try:
        source.open()
        for packet in source.packets(stop):
            packets.append(packet)
            if len(packets) == count:
                stop.set()
    finally:
        source.close()
    return packets
