"""Packets in, frames out, whatever is in the packets."""

import random
import threading
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from appliance.domain.frame import Frame
from appliance.domain.ids import CameraId
from appliance.domain.packet import Packet, VideoStream
from appliance.domain.time import WallUs
from appliance.frames.counters import FrameCounters
from appliance.frames.decoder import FrameDecoder
from appliance.frames.picture import PictureConverter
from appliance.packets.file import FileSource
from appliance.runtime.metrics import Metrics
from tests.support.clips import plain, walking_square, write_clip
from tests.support.clock import SimulatedClock
from tests.support.fake_source import packet, stream


def packets_of(path: Path) -> list[Packet]:
    """Return all packets of a file."""
    source = FileSource(CameraId("c"), path, loop=False, clock=SimulatedClock())
    source.open()
    packets = list(source.packets(threading.Event()))
    source.close()
    return packets


def decoded(decoder: FrameDecoder, packets: list[Packet]) -> list[Frame]:
    """Return the frames of some packets."""
    return [frame for one in packets for frame in decoder.decode(one)]


@pytest.mark.parametrize("b_frames", [0, 2])
def test_each_frame_carries_the_times_of_its_own_packet(tmp_path: Path, b_frames: int) -> None:
    """With B-frames a picture comes later than its packet, and not in its order."""
    pictures = walking_square(20)
    packets = packets_of(write_clip(tmp_path / "a.mp4", pictures, b_frames=b_frames))
    marked = [replace(p, wall_us=WallUs(round(p.media.seconds * 1e6) + 7)) for p in packets]
    frames = decoded(FrameDecoder(10.0), marked)
    # The last pictures stay in the decoder until more packets come: it is never told of an end.
    assert len(frames) >= 20 - b_frames - 2
    assert [f.wall_us for f in frames] == [round(f.media.seconds * 1e6) + 7 for f in frames]
    assert [f.media.seconds for f in frames] == pytest.approx([i / 10 for i in range(len(frames))])
    arrived = {p.media.pts: p.arrived_ns for p in packets}
    assert [f.arrived_ns for f in frames] == [arrived[f.media.pts] for f in frames]
    for frame, picture in zip(frames, pictures, strict=False):
        assert frame.i420.shape == (144, 160)
        assert frame.i420.dtype == np.uint8
        assert np.abs(frame.i420.astype(int) - picture).mean() < 6


def test_frames_are_sampled_to_the_rate(tmp_path: Path) -> None:
    """Ten pictures a second come in, five go out."""
    packets = packets_of(write_clip(tmp_path / "a.mp4", walking_square(40)))
    frames = decoded(FrameDecoder(5.0), packets)
    assert [f.media.seconds for f in frames] == pytest.approx([i / 5 for i in range(len(frames))])
    assert len(frames) >= 19


def test_decoding_begins_at_a_keyframe(tmp_path: Path) -> None:
    """What came before it cannot be shown."""
    packets = packets_of(write_clip(tmp_path / "a.mp4", walking_square(20)))
    frames = decoded(FrameDecoder(10.0), packets[3:])
    assert frames[0].media.seconds == pytest.approx(1.0)


def test_another_stream_begins_anew(tmp_path: Path) -> None:
    """F7: size and codec parameters change, the frames follow."""
    small = packets_of(write_clip(tmp_path / "a.mp4", walking_square(10)))
    large = packets_of(write_clip(tmp_path / "b.mp4", walking_square(10, 320, 180)))
    decoder = FrameDecoder(10.0)
    frames = decoded(decoder, [*small[:5], *large, *small])
    assert [f.width for f in frames][:1] == [160]
    assert {f.width for f in frames} == {160, 320}
    assert frames[-1].width == 160
    assert decoder.undecodable_packets == 0


def test_a_size_that_changes_within_a_stream_is_followed(tmp_path: Path) -> None:
    """A camera may change its resolution without saying so; parameter sets in band tell the decoder."""
    small = packets_of(write_clip(tmp_path / "a.mp4", walking_square(10)))
    large = packets_of(write_clip(tmp_path / "b.mp4", walking_square(10, 320, 180)))
    in_band = replace(small[0].stream, extradata=b"")
    packets = [replace(p, stream=in_band, data=annex_b(p)) for p in [*small, *large]]
    later = [
        replace(p, media=replace(p.media, pts=p.media.pts + 10 * small[1].media.pts), dts=None)
        for p in packets[10:]
    ]
    frames = decoded(FrameDecoder(10.0), [*packets[:10], *later])
    assert {(f.width, f.height) for f in frames} == {(160, 96), (320, 180)}


def annex_b(coded: Packet) -> bytes:
    """Return an MP4 file's packet as a camera would send it: start codes, parameter sets at keyframes."""
    data, units, at = coded.data, [], 0
    while at < len(data):
        size = int.from_bytes(data[at : at + 4], "big")
        units.append(data[at + 4 : at + 4 + size])
        at += 4 + size
    if coded.is_keyframe:
        units = [*parameter_sets(coded.stream.extradata), *units]
    return b"".join(b"\x00\x00\x00\x01" + unit for unit in units)


def parameter_sets(avcc: bytes) -> list[bytes]:
    """Return SPS and PPS of an avcC record (ISO/IEC 14496-15, 5.3.3.1)."""
    sps_size = int.from_bytes(avcc[6:8], "big")
    sps = avcc[8 : 8 + sps_size]
    pps_at = 8 + sps_size + 1
    pps_size = int.from_bytes(avcc[pps_at : pps_at + 2], "big")
    return [sps, avcc[pps_at + 2 : pps_at + 2 + pps_size]]


@pytest.mark.parametrize("seed", range(6))
def test_damaged_packets_raise_nothing(tmp_path: Path, seed: int) -> None:
    """F6: bits flip, packets are cut, missing or foreign; the decoder goes on and counts."""
    packets = packets_of(write_clip(tmp_path / "a.mp4", walking_square(60), gop=10))
    source = random.Random(seed)
    decoder = FrameDecoder(10.0)
    frames = decoded(decoder, [damaged(p, source) for p in packets if source.random() > 0.05])
    after = decoded(decoder, packets_of(tmp_path / "a.mp4"))
    assert decoder.undecodable_packets + decoder.corrupt_frames > 0
    assert len(after) >= 58
    assert not any(f.is_corrupt for f in after)
    assert all(f.i420.shape == (144, 160) for f in frames)


def damaged(coded: Packet, source: random.Random) -> Packet:
    """Return a packet as a bad network delivers it."""
    data = bytearray(coded.data)
    match source.randrange(6):
        case 0:
            for _ in range(8):
                data[source.randrange(len(data))] ^= 1 << source.randrange(8)
        case 1:
            del data[len(data) // 2 :]
        case 2:
            data = bytearray(source.randbytes(len(data)))
    return replace(coded, data=bytes(data))


@pytest.mark.parametrize(
    ("codec", "pixel_format", "data"),
    [
        ("h264", None, b""),
        ("no_such_codec", None, b"x" * 100),
        ("aac", None, b"x" * 100),
        ("rawvideo", "yuv420p", b"x" * 100),
        ("rawvideo", "yuv420p", b""),
        ("rawvideo", "rgb24", bytes(64 * 48 * 3 // 2)),
    ],
)
def test_what_is_no_picture_gives_none(codec: str, pixel_format: str | None, data: bytes) -> None:
    """An unknown codec, sound, or bytes of the wrong number: nothing raised, no frame."""
    video = VideoStream(codec, b"", 64, 48, Fraction(1, 90_000), 10.0, pixel_format)
    one = replace(packet(stream(), 0.0, SimulatedClock()), stream=video, data=data)
    decoder = FrameDecoder(10.0)
    assert decoder.decode(one) == []


def test_an_uncoded_picture_passes_without_a_copy() -> None:
    """The demo's pictures need no decoder."""
    clock, video = SimulatedClock(), stream(width=64, height=48)
    decoder = FrameDecoder(5.0)
    frames = decoded(decoder, [packet(video, i / 10, clock) for i in range(10)])
    assert [f.media.seconds for f in frames] == pytest.approx([0.0, 0.2, 0.4, 0.6, 0.8])
    assert frames[0].i420.shape == (72, 64)
    assert not frames[0].i420.flags.owndata


@pytest.mark.parametrize(
    ("width", "height", "pixel_format", "shape"),
    [
        (64, 48, "yuv420p", (72, 64)),
        (64, 48, "yuvj420p", (72, 64)),
        (64, 48, "yuv422p", (72, 64)),
        (64, 48, "nv12", (72, 64)),
        (64, 48, "rgb24", (72, 64)),
        (65, 49, "yuv444p", (72, 64)),
        (66, 50, "gray", (75, 66)),
    ],
)
def test_every_kind_of_picture_becomes_i420_with_even_sizes(
    width: int, height: int, pixel_format: str, shape: tuple[int, int]
) -> None:
    """Stages downstream know one layout only."""
    picture = av.VideoFrame(width, height, pixel_format)
    i420 = PictureConverter().i420(picture)
    assert i420 is not None
    assert i420.shape == shape
    assert i420.flags.c_contiguous
    assert PictureConverter().i420(av.VideoFrame(1, 8, "yuv444p")) is None


def test_what_is_decoded_is_counted() -> None:
    """By camera, for the page and for /metrics."""
    metrics, clock = Metrics(), SimulatedClock()
    counters = FrameCounters(metrics)
    decoder = FrameDecoder(5.0, counters=counters)
    video = stream()
    decoded(decoder, [packet(video, i / 5, clock) for i in range(4)])
    decoder.decode(replace(packet(video, 0.8, clock), data=b"x"))
    assert 'nightjar_frames_decoded_total{camera="fake"} 4' in metrics.exposition()
    assert 'nightjar_packets_undecodable_total{camera="fake"} 1' in metrics.exposition()
    counters.forget(CameraId("fake"))
    assert "fake" not in metrics.exposition()


def test_plain_pictures_are_what_they_say() -> None:
    """The clips of these tests are drawn in the layout that frames have."""
    assert plain(64, 48).shape == (72, 64)


def test_a_picture_that_claims_to_be_huge_takes_no_memory(tmp_path: Path) -> None:
    """Absurd parameter sets: nobody's camera sends more than 67 million pixels."""
    huge = packets_of(write_clip(tmp_path / "a.mp4", [plain(8400, 8400)]))
    decoder = FrameDecoder(10.0)
    assert decoder.look(huge[0]) is None
    assert decoder.undecodable_packets > 0
