"""Reads a video device in a process of its own: ``python -m tests.support.device_reading PATH COUNT``.

Prints one line of JSON: what was read until so many packets had come or reading failed.
"""

import json
import sys
import threading
import time
from pathlib import Path

from appliance.domain.ids import CameraId
from appliance.domain.packet import Packet
from appliance.errors import SourceFailure
from appliance.frames.decoder import FrameDecoder
from appliance.packets.device import DeviceSource
from appliance.packets.settings import Settings
from appliance.runtime.clock import SystemClock

SILENCE_S = 1.5


def main(path: Path, count: int) -> None:
    """Read and print."""
    source = DeviceSource(CameraId("d"), path, SystemClock(), Settings(silence_timeout_s=SILENCE_S))
    stop, packets, decoder, kind = threading.Event(), [], FrameDecoder(10.0), ""
    begun, cpu = time.monotonic(), time.process_time()
    opened_s = -1.0
    try:
        source.open()
        opened_s = time.monotonic() - begun
        for packet in source.packets(stop):
            packets.append(packet)
            if len(packets) == count:
                stop.set()
    except SourceFailure as failure:
        kind = failure.kind
    finally:
        source.close()
    took_s, cpu_s = time.monotonic() - begun, time.process_time() - cpu
    said = {"kind": kind, "opened_s": opened_s, "took_s": took_s, "cpu_s": cpu_s}
    sys.stdout.write(json.dumps(said | _described(packets, decoder)) + "\n")


def _described(packets: list[Packet], decoder: FrameDecoder) -> dict[str, object]:
    return {
        "codecs": sorted({packet.stream.codec for packet in packets}),
        "keyframes": sum(packet.is_keyframe for packet in packets),
        "frames": sum(len(decoder.decode(packet)) for packet in packets),
        "shown_s": [packet.media.seconds for packet in packets],
    }


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
