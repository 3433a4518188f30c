import threading
import zlib
from fractions import Fraction
from itertools import islice, pairwise

import av
import numpy as np
import pytest

from appliance.domain.ids import CameraId
from appliance.domain.packet import Packet
from appliance.domain.time import US_PER_S, MonotonicNs
from appliance.packets.demo.scene import Scene
from appliance.packets.demo.source import FPS, GOP, DemoSource
from tests.support.clock import SimulatedClock

FRONT = CameraId("front")


class SlowClock(SimulatedClock):
    """A machine on which a look at the clock takes a while, as on a busy one."""

    def monotonic_ns(self) -> MonotonicNs:
        """Return the time, and let 70 ms pass."""
        now = super().monotonic_ns()
        self._move(70_000_000)
        return now


def first(count: int, clock: SimulatedClock, camera_id: CameraId = FRONT) -> list[Packet]:
    """Return the first packets of a newly opened source."""
    source = DemoSource(camera_id, clock)
    source.open()
    packets = list(islice(source.packets(threading.Event()), count))
    source.close()
    return packets


def test_the_stream_is_announced_as_a_camera_does() -> None:
    """Codec and size, with the parameter sets in front of each keyframe."""
    stream = DemoSource(FRONT, SimulatedClock()).open()
    assert (stream.codec, stream.pixel_format, stream.extradata) == ("h264", "yuv420p", b"")
    assert (stream.width, stream.height, stream.fps) == (1280, 720, 10.0)
    assert stream.time_base == Fraction(1, 10)


def test_ten_pictures_come_in_a_second_of_the_clock() -> None:
    """Time stamps, wall time and monotonic time all go on by a tenth of a second."""
    packets = first(11, SimulatedClock())
    assert [p.media.pts for p in packets] == list(range(11))
    assert packets[-1].wall_us - packets[0].wall_us == pytest.approx(US_PER_S, abs=20)
    assert packets[-1].arrived_ns - packets[0].arrived_ns == pytest.approx(1_000_000_000, abs=20_000)


def test_a_keyframe_comes_every_two_seconds() -> None:
    """So that recording and live view may begin there."""
    packets = first(2 * GOP + 1, SimulatedClock())
    assert [i for i, p in enumerate(packets) if p.is_keyframe] == [0, GOP, 2 * GOP]
    assert all(p.dts == p.media.pts and p.stream is packets[0].stream for p in packets)


def test_the_pictures_are_those_of_the_scene() -> None:
    """What is decoded is what was drawn, but for the grain that no camera's coding keeps."""
    decoder, scene = av.CodecContext.create("h264", "r"), Scene(seed=zlib.crc32(FRONT.encode()))
    assert isinstance(decoder, av.VideoCodecContext)
    seen = [f for p in first(5, SimulatedClock()) for f in decoder.decode(av.Packet(p.data))]
    seen += decoder.decode(None)
    assert len(seen) == 5
    for i, frame in enumerate(seen):
        off = frame.to_ndarray(format="yuv420p").astype(int) - scene.draw(i / FPS)
        assert np.abs(off).mean() < 3.0


def test_a_machine_that_is_too_slow_leaves_pictures_out() -> None:
    """Time stamps stay with the clock: late pictures are skipped, and not sent in a burst."""
    packets = first(6, SlowClock())
    assert all(later.media.pts > earlier.media.pts for earlier, later in pairwise(packets))
    behind_ns = packets[-1].arrived_ns - packets[0].arrived_ns - packets[-1].media.pts * 1_000_000_000 // FPS
    assert packets[-1].media.pts > 6
    assert abs(behind_ns) < 300_000_000


def test_stopping_ends_the_packets() -> None:
    """The iterator returns when the flag is set."""
    stop = threading.Event()
    source = DemoSource(FRONT, SimulatedClock())
    source.open()
    packets = source.packets(stop)
    next(packets)
    stop.set()
    assert list(packets) == []


def test_a_second_opening_begins_the_scene_again() -> None:
    """Whoever starts the appliance again sees the same people come."""
    once, again = (np.frombuffer(first(2, SimulatedClock())[1].data, np.uint8) for _ in range(2))
    assert np.array_equal(once, again)


def test_the_frame_of_the_scene_is_the_frame_of_the_stream() -> None:
    """Announced and drawn size agree, and both are even."""
    assert (Scene.width % 2, Scene.height % 2) == (0, 0)
