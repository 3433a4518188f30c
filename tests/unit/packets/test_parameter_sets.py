"""A stream whose parameter sets change in the midst of a connection."""

from collections.abc import Iterator
from fractions import Fraction

import pytest

from appliance.domain.packet import VideoStream
from appliance.packets.parameter_sets import StreamChanges
from tests.support.camera_simulator.clip import Clip, read_clip
from tests.support.clips import walking_square, write_clip

CODECS = {"h264": "libx264", "hevc": "libx265"}


@pytest.fixture(params=CODECS, scope="module")
def codec(request: pytest.FixtureRequest) -> str:
    """Each codec whose parameter sets may be in band."""
    return str(request.param)


@pytest.fixture(scope="module")
def small(codec: str, tmp_path_factory: pytest.TempPathFactory) -> Clip:
    """A clip of 160×96."""
    path = tmp_path_factory.mktemp("clips") / "small.mp4"
    return read_clip(write_clip(path, walking_square(2), codec=CODECS[codec]))


@pytest.fixture(scope="module")
def large(codec: str, tmp_path_factory: pytest.TempPathFactory) -> Clip:
    """A clip of 320×180."""
    path = tmp_path_factory.mktemp("clips") / "large.mp4"
    return read_clip(write_clip(path, walking_square(2, 320, 180), codec=CODECS[codec]))


def annex_b(clip: Clip) -> bytes:
    """Return the first keyframe as libav's RTSP reader gives it."""
    return b"".join(b"\0\0\0\1" + unit for unit in clip.pictures[0].payloads)


def announced(clip: Clip, *, with_sets: bool = True, with_size: bool = True) -> VideoStream:
    """Return the stream as its description announces it."""
    sets = b"".join(b"\0\0\0\1" + unit for unit in clip.parameter_sets) if with_sets else b""
    width, height = (clip.width, clip.height) if with_size else (0, 0)
    return VideoStream(clip.codec, sets, width, height, Fraction(1, 90_000), 10.0)


def sizes(changes: StreamChanges, *data: bytes) -> Iterator[tuple[int, int]]:
    """Feed keyframes; yield the size that each belongs to."""
    for one in data:
        stream = changes.stream_of(one, is_keyframe=True)
        yield stream.width, stream.height


@pytest.mark.parametrize("with_sets", [True, False])
def test_the_sets_that_were_announced_change_nothing(small: Clip, with_sets: bool) -> None:
    """The very object stays, whether the description had them or left them to the keyframes."""
    stream = announced(small, with_sets=with_sets)
    changes = StreamChanges(stream)
    for _ in range(3):
        assert changes.stream_of(annex_b(small), is_keyframe=True) is stream


def test_sets_that_are_repeated_change_nothing(small: Clip) -> None:
    """GStreamer's server sends them three times with the first picture and once later."""
    stream = announced(small)
    changes = StreamChanges(stream)
    sets = b"".join(b"\0\0\0\1" + unit for unit in small.parameter_sets)
    for repeated in (2 * sets, b""):
        assert changes.stream_of(repeated + annex_b(small), is_keyframe=True) is stream


def test_other_sets_begin_another_stream(small: Clip, large: Clip) -> None:
    """F7: another size, another object with its own sets; back again is a change as well."""
    changes = StreamChanges(announced(small))
    found = list(sizes(changes, *map(annex_b, (small, large, large, small))))
    assert found == [(160, 96), (320, 180), (320, 180), (160, 96)]
    first = changes.stream_of(annex_b(large), is_keyframe=True)
    assert changes.stream_of(annex_b(large), is_keyframe=True) is first
    assert all(unit in first.extradata for unit in large.parameter_sets)


@pytest.mark.parametrize("with_sets", [True, False])
def test_a_size_that_was_not_announced_is_found_in_the_first_keyframe(small: Clip, with_sets: bool) -> None:
    """A description without sets, or one of which libav had no time to look at a picture."""
    changes = StreamChanges(announced(small, with_sets=with_sets, with_size=False))
    assert list(sizes(changes, annex_b(small))) == [(160, 96)]


def test_a_damaged_set_changes_nothing(small: Clip, codec: str) -> None:
    """Bits flip on the way; what libav makes nothing of is no new stream."""
    stream = announced(small)
    changes = StreamChanges(stream)
    sets = {"h264": b"\0\0\1\x67\xff\xff", "hevc": b"\0\0\1\x42\x01\xff"}
    assert changes.stream_of(sets[codec] + b"\0\0\1", is_keyframe=True) is stream
    assert changes.stream_of(annex_b(small), is_keyframe=True) is stream


@pytest.mark.parametrize("data", [b"", b"\0\0\1", b"\0\0\1\x67", b"\0" * 100, b"x" * 100, b"\0\0\1\x67" * 50])
def test_whatever_comes_is_survived(data: bytes, small: Clip) -> None:
    """A camera may send anything and call it a keyframe."""
    stream = announced(small)
    assert StreamChanges(stream).stream_of(data, is_keyframe=True).codec == small.codec


def test_other_codecs_are_left_alone() -> None:
    """Motion JPEG has no parameter sets."""
    stream = VideoStream("mjpeg", b"", 64, 48, Fraction(1, 90_000), 10.0)
    assert StreamChanges(stream).stream_of(b"\0\0\1\x67abc", is_keyframe=True) is stream
