"""A camera's own clock, as a real RTSP server reports it."""

import threading
import time
from dataclasses import replace
from itertools import pairwise
from statistics import median

import pytest

from appliance.domain.camera import Camera
from appliance.domain.ids import CameraId
from appliance.domain.packet import Packet
from appliance.packets.anchor import MAX_SLEW_PPM, Anchor
from appliance.packets.settings import Settings
from appliance.packets.sources import source_for
from appliance.runtime.clock import SystemClock
from tests.support.clips import walking_square, write_clip
from tests.support.rtsp import rtsp_server, why_no_server

pytestmark = [pytest.mark.system, pytest.mark.skipif(bool(why_no_server()), reason=why_no_server())]

FPS = 25
INTERVAL_US = 1_000_000 // FPS
PACKETS = 25 * FPS


@pytest.fixture(scope="module")
def packets(tmp_path_factory: pytest.TempPathFactory) -> list[Packet]:
    """What a real server, whose clock is this machine's, sends in 25 s; no picture waits for another."""
    pictures = walking_square(PACKETS + 5 * FPS)
    clip = write_clip(tmp_path_factory.mktemp("clips") / "street.mp4", pictures, fps=FPS, gop=FPS)
    stop, got = threading.Event(), list[Packet]()
    with rtsp_server([clip]) as server:
        camera = Camera(CameraId("cam"), "Cam", server.url("street"))
        source = source_for(camera, SystemClock(), Settings())
        source.open()
        begun = time.monotonic()
        for packet in source.packets(stop):
            got.append(packet)
            if len(got) >= PACKETS or time.monotonic() - begun > 60:
                stop.set()
        source.close()
    assert len(got) == PACKETS
    return got


def stamped(anchor: Anchor, packet: Packet) -> int:
    """Return the packet's stamp."""
    return anchor.stamp(packet.stream, packet.media, packet.arrived_ns, packet.wall_us, packet.sender_us)


def state(anchor: Anchor) -> tuple[str, int]:
    """Return what leads the stamps, and how many runs there were."""
    return anchor.clock, anchor.runs


def reported_from(packets: list[Packet]) -> int:
    """Return the place of the first packet with a report."""
    return next(i for i, packet in enumerate(packets) if packet.sender_us is not None)


def test_every_packet_after_the_first_report_tells_when_it_was_taken(packets: list[Packet]) -> None:
    """The truth within 20 ms: over loopback a picture is read when the next one is sent."""
    first = reported_from(packets)
    assert 0 < first < 10 * FPS
    late_us = [p.wall_us - p.sender_us for p in packets[first + 1 :] if p.sender_us is not None]
    assert len(late_us) == len(packets) - first - 1
    assert median(late_us) == pytest.approx(INTERVAL_US, abs=20_000)


def test_the_reports_belong_to_the_packets_own_time_stamps(packets: list[Packet]) -> None:
    """One line for all of them; only the first report may be a picture off."""
    timed = [p for p in packets[reported_from(packets) + 1 :] if p.sender_us is not None]
    offsets = [p.sender_us - p.media.seconds * 1e6 for p in timed if p.sender_us is not None]
    assert max(offsets) - min(offsets) < 10_000


def test_a_run_is_led_to_the_server_s_clock_and_the_next_one_begins_on_it(packets: list[Packet]) -> None:
    """The first follows its arrival until the clock is proven; the second meets the truth at once."""
    anchor, half = Anchor(), len(packets) - 3 * FPS
    assert packets[half].sender_us is not None
    stamps = [stamped(anchor, packet) for packet in packets[:half]]
    assert state(anchor) == ("sender", 1)
    media_us = [packet.media.seconds * 1e6 for packet in packets[:half]]
    slewed_us = [
        (b - a) - (d - c) for (a, b), (c, d) in zip(pairwise(stamps), pairwise(media_us), strict=True)
    ]
    passed_us = [(b.arrived_ns - a.arrived_ns) / 1e3 for a, b in pairwise(packets[:half])]
    assert all(
        abs(slew) <= passed * MAX_SLEW_PPM / 1e6 + 2
        for slew, passed in zip(slewed_us, passed_us, strict=True)
    )
    reconnected = replace(packets[0].stream)
    # A second passes, as with any reconnection.
    for packet in packets[half + FPS :]:
        second = stamped(anchor, replace(packet, stream=reconnected))
        # The same truth, by the arrival alone.
        assert second == pytest.approx(packet.wall_us - INTERVAL_US, abs=40_000)
    assert state(anchor) == ("sender", 2)
