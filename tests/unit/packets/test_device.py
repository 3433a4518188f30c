"""Video devices: libav's own answers to paths that are none, and a device of ours at the narrowest edge.

No real device was read by these tests: what a driver does beyond this is not shown by them.
"""

import errno
import threading
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest

from appliance.domain.ids import CameraId
from appliance.errors import SourceFailure
from appliance.frames.decoder import FrameDecoder
from appliance.packets.device import DeviceSource, OpenDevice
from appliance.packets.settings import Settings
from appliance.packets.video_input import VideoInput
from tests.support.clock import SimulatedClock
from tests.support.fake_device import FakeDevice
from tests.support.reading import read

PATH = Path("/dev/video0")


def failure(source: DeviceSource) -> SourceFailure:
    """Return how reading fails."""
    with pytest.raises(SourceFailure) as caught:
        read(source, 1000)
    return caught.value


def test_a_path_that_is_no_video_device_is_said(tmp_path: Path) -> None:
    """Each by libav's real call: nothing there, a file, a device of another kind."""
    (tmp_path / "file").write_bytes(b"x")
    for path, kind in (
        (tmp_path / "none", "not_found"),
        (tmp_path / "file", "no_video"),
        (Path("/dev/null"), "no_video"),
    ):
        failed = failure(DeviceSource(CameraId("d"), path, SimulatedClock(), Settings()))
        assert failed.kind == kind
        assert str(path) in str(failed)


@pytest.mark.parametrize("codec", ["mjpeg", "rawvideo"])
def test_pictures_are_read_as_they_come_and_decode(codec: str, tmp_path: Path) -> None:
    """At their own pace, each a keyframe that makes a frame; uncoded ones in the one format that goes on."""
    clock = SimulatedClock()
    device = FakeDevice(tmp_path, clock, codec)
    packets = read(DeviceSource(CameraId("d"), PATH, clock, Settings(), device), 10)
    assert all(packet.is_keyframe for packet in packets)
    assert [b.arrived_ns - a.arrived_ns for a, b in pairwise(packets)] == pytest.approx([1e8] * 9, abs=2.1e7)
    assert [b.media.seconds - a.media.seconds for a, b in pairwise(packets)] == pytest.approx([0.1] * 9)
    stream, decoder = packets[0].stream, FrameDecoder(10.0)
    assert (stream.codec, stream.width, stream.height) == (codec, 64, 48)
    assert stream.pixel_format == ("yuv420p" if codec == "rawvideo" else None)
    frames = [frame for packet in packets for frame in decoder.decode(packet)]
    assert len(frames) == 10
    assert np.allclose(frames[0].i420[:48], 90, atol=3)


def test_a_device_is_asked_for_coded_pictures_first(tmp_path: Path) -> None:
    """One that cannot give them is opened as it is; one that fails otherwise is not asked twice."""
    clock = SimulatedClock()
    device = FakeDevice(tmp_path, clock, "rawvideo")
    read(DeviceSource(CameraId("d"), PATH, clock, Settings(), device), 1)
    assert device.asked == [{"input_format": "mjpeg"}, {}]
    device = FakeDevice(tmp_path, clock, "mjpeg")
    read(DeviceSource(CameraId("d"), PATH, clock, Settings(), device), 1)
    assert device.asked == [{"input_format": "mjpeg"}]


def refusing(number: int) -> OpenDevice:
    """Return an opener that fails with that number."""

    def open_device(path: str, _options: Mapping[str, str]) -> VideoInput:
        av.error.err_check(-number, path)
        raise AssertionError("no error was raised")

    return open_device


@pytest.mark.parametrize(
    ("number", "kind", "says"),
    [
        (errno.ENOENT, "not_found", "plugged in"),
        (errno.EACCES, "refused", "group video"),
        (errno.EPERM, "refused", "group video"),
        (errno.EBUSY, "refused", "another program"),
        (errno.ENODEV, "ended", "unplugged"),
        (errno.ENOTTY, "no_video", "no device that gives video"),
        (errno.EINVAL, "protocol", "cannot be read"),
    ],
)
def test_each_cause_has_its_own_sentence(number: int, kind: str, says: str) -> None:
    """What a person can do differs: plug it in, join a group, end the other program."""
    failed = failure(DeviceSource(CameraId("d"), PATH, SimulatedClock(), Settings(), refusing(number)))
    assert failed.kind == kind
    assert says in str(failed)


def test_a_device_that_falls_silent_is_given_up(tmp_path: Path) -> None:
    """After the silence time-out, with its handle given back."""
    clock = SimulatedClock()
    device = FakeDevice(tmp_path, clock, silent_after=3)
    failed = failure(DeviceSource(CameraId("d"), PATH, clock, Settings(silence_timeout_s=5.0), device))
    assert failed.kind == "timeout"
    assert clock.monotonic_ns() / 1e9 == pytest.approx(5.3, abs=0.15)
    assert device.is_closed


def test_a_device_that_is_unplugged_is_said(tmp_path: Path) -> None:
    """The kernel answers ``ENODEV`` from then on."""
    clock = SimulatedClock()
    device = FakeDevice(tmp_path, clock, gone_after=3)
    failed = failure(DeviceSource(CameraId("d"), PATH, clock, Settings(), device))
    assert failed.kind == "ended"
    assert "unplugged" in str(failed)


def test_a_stop_is_seen_between_two_looks_at_a_silent_device(tmp_path: Path) -> None:
    """Not only at the next picture."""
    clock, stop = SimulatedClock(), threading.Event()
    device = FakeDevice(tmp_path, clock, silent_after=1, at_look={30: stop.set})
    source = DeviceSource(CameraId("d"), PATH, clock, Settings(silence_timeout_s=60.0), device)
    source.open()
    assert len(list(source.packets(stop))) == 1
    source.close()
    assert clock.monotonic_ns() / 1e9 < 1.0
