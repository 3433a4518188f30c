"""Packets → fragmented MP4, and back: what lies where in such a file."""

import dataclasses
import io
import random
import shutil
import subprocess
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av
import pytest

from appliance.domain.packet import Packet, SoundPacket
from appliance.domain.time import WallUs
from appliance.errors import NotRecordable
from appliance.packets.fmp4 import Fmp4Writer, layout_of
from tests.support.clips import walking_square, write_clip
from tests.support.coded import BEGIN_US, packets_of, pictures_of, tone

FPS, GOP, COUNT = 10, 10, 30
PICTURE_US = 1_000_000 // FPS

FORMS = [
    pytest.param(codec, b_frames, annex_b, id=f"{codec}-{b_frames}-{'annexb' if annex_b else 'lengths'}")
    for codec in ("libx264", "libx265")
    for b_frames in (0, 2)
    for annex_b in (True, False)
]


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three seconds of H.264 with three keyframes."""
    return write_clip(tmp_path_factory.mktemp("fmp4") / "yard.mp4", walking_square(COUNT), FPS, GOP)


def reader(data: bytes, reads: list[int] | None = None):  # type: ignore[no-untyped-def]
    """Return a function that reads from bytes as from a file."""

    def read(offset: int, size: int) -> bytes:
        if reads is not None:
            reads.append(size)
        return data[offset : offset + size]

    return read


def written(packets: Sequence[Packet], sounds: Sequence[SoundPacket] = (), each: int = GOP) -> bytes:
    """Return a whole file, with a fragment for each so many packets."""
    writer = Fmp4Writer(packets[0], sounds[0].stream if sounds else None)
    parts = [writer.init]
    for at in range(0, len(packets), each):
        some, later = packets[at : at + each], packets[at + each : at + each + 1]
        end_us = later[0].wall_us if later else WallUs(max(p.wall_us for p in some) + PICTURE_US)
        heard = [s for s in sounds if some[0].wall_us <= s.wall_us < end_us]
        parts.append(writer.fragment(some, end_us, heard))
    return b"".join(parts)


@pytest.mark.parametrize(("codec", "b_frames", "annex_b"), FORMS)
def test_what_was_coded_is_decoded_alike(tmp_path: Path, codec: str, b_frames: int, annex_b: bool) -> None:
    """Every picture is there, at its time, bit for bit, whatever form the camera sends."""
    clip = write_clip(tmp_path / "clip.mp4", walking_square(COUNT), FPS, GOP, b_frames, codec)
    packets = packets_of(clip, annex_b=annex_b)
    shown = pictures_of(written(packets))
    first_us = packets[0].wall_us
    assert [us for us, _ in shown] == [i * PICTURE_US for i in range(COUNT)]
    assert [luma for _, luma in shown] == [luma for _, luma in pictures_of(clip.read_bytes())]
    assert Fmp4Writer(packets[0]).base_us == first_us


def test_a_fragment_for_each_picture_is_decoded_alike(clip: Path) -> None:
    """As live view sends them."""
    packets = packets_of(clip)
    assert pictures_of(written(packets, each=1)) == pictures_of(written(packets))


@pytest.mark.skipif(shutil.which("ffprobe") is None, reason="ffprobe is not installed (apt install ffmpeg)")
@pytest.mark.parametrize("codec", ["libx264", "libx265"])
def test_ffprobe_finds_nothing_to_say(tmp_path: Path, codec: str) -> None:
    """Another reader of the format agrees, with sound too, and H.265 is tagged as Apple's players want it."""
    clip = write_clip(tmp_path / "clip.mp4", walking_square(COUNT), FPS, GOP, 2, codec)
    file = tmp_path / "written.mp4"
    file.write_bytes(written(packets_of(clip), tone(3.0)))
    words = ["ffprobe", "-v", "warning", "-count_frames", "-show_entries"]
    asked = [*words, "stream=codec_tag_string,nb_read_frames", "-of", "csv=p=0", str(file)]
    done = subprocess.run(asked, capture_output=True, text=True, timeout=20, check=True)
    tag = "avc1" if codec == "libx264" else "hvc1"
    assert done.stderr == ""
    assert done.stdout.split() == [f"{tag},{COUNT}", f"mp4a,{len(tone(3.0))}"]


def test_sound_lies_where_it_was_heard(clip: Path) -> None:
    """Its time counts from the first picture, and its pieces follow each other without a hole."""
    sounds = tone(3.0)
    with av.open(io.BytesIO(written(packets_of(clip), sounds)), "r") as container:
        track = container.streams.audio[0]
        starts = [packet.pts for packet in container.demux(track) if packet.pts is not None]
        assert starts == [i * 1024 for i in range(len(sounds))]
        assert (track.rate, track.channels) == (16_000, 1)


def test_sound_that_runs_fast_does_not_leave_its_pictures(clip: Path) -> None:
    """A microphone whose clock is 20 % fast loses pieces rather than lag ever further behind."""
    packets, heard = packets_of(clip), tone(3.0)
    sounds = [
        dataclasses.replace(sound, wall_us=WallUs(BEGIN_US + (sound.wall_us - BEGIN_US) * 5 // 6))
        for sound in heard
    ]
    with av.open(io.BytesIO(written(packets, sounds)), "r") as container:
        starts = [p.pts for p in container.demux(container.streams.audio[0]) if p.pts is not None]
    assert starts == sorted(starts)
    assert len(starts) < len(heard)
    assert max(starts) / 16_000 <= sounds[-1].wall_us / 1e6 - BEGIN_US / 1e6 + 0.4


@pytest.mark.parametrize(
    ("codec", "name"), [("libx264", "avc1."), ("libx265", "hvc1.1.6.L")], ids=["h264", "hevc"]
)
def test_the_codecs_are_named_as_browsers_want_them(tmp_path: Path, codec: str, name: str) -> None:
    """Media Source Extensions and HLS play lists use RFC 6381's names."""
    packets = packets_of(write_clip(tmp_path / "clip.mp4", walking_square(10), FPS, GOP, codec=codec))
    assert Fmp4Writer(packets[0]).codecs.startswith(name)
    assert Fmp4Writer(packets[0], tone(0.5)[0].stream).codecs.endswith(",mp4a.40.2")
    assert Fmp4Writer(packets[0]).size == (160, 96)


def test_a_stream_without_parameter_sets_is_refused(clip: Path) -> None:
    """Nothing could ever be decoded of it."""
    keyframe = packets_of(clip)[0]
    for data in (b"\x00\x00\x00\x01\x65\x88\x84", b"", b"garbage"):
        with pytest.raises(NotRecordable):
            Fmp4Writer(dataclasses.replace(keyframe, data=data))


def test_pictures_that_were_never_coded_are_refused(clip: Path) -> None:
    """The sentence says what was expected and what came."""
    keyframe = packets_of(clip)[0]
    raw = dataclasses.replace(keyframe, stream=dataclasses.replace(keyframe.stream, codec="rawvideo"))
    with pytest.raises(NotRecordable, match=r"expected H\.264.*got rawvideo"):
        Fmp4Writer(raw)


def test_motion_jpeg_has_a_place_too(tmp_path: Path) -> None:
    """An old camera is recorded as well, although no browser plays it."""
    context = av.CodecContext.create("mjpeg", "w")
    assert isinstance(context, av.VideoCodecContext)
    context.width, context.height, context.pix_fmt, context.time_base = 160, 96, "yuvj420p", Fraction(1, FPS)
    frame = av.VideoFrame(160, 96, "yuvj420p")
    frame.pts = 0
    data = bytes(context.encode(frame)[0])
    template = packets_of(write_clip(tmp_path / "clip.mp4", walking_square(3), FPS, GOP))
    stream = dataclasses.replace(template[0].stream, codec="mjpeg", extradata=b"")
    packets = [dataclasses.replace(p, stream=stream, data=data, is_keyframe=True) for p in template]
    assert [us for us, _ in pictures_of(written(packets))] == [0, PICTURE_US, 2 * PICTURE_US]


def test_parameter_sets_that_change_with_a_picture_stay_in_it(tmp_path: Path, clip: Path) -> None:
    """What the track does not announce is not taken from the decoder."""
    first = packets_of(clip)
    other = packets_of(write_clip(tmp_path / "other.mp4", walking_square(COUNT, 192, 128), FPS, GOP))
    moved = [
        dataclasses.replace(p, stream=first[0].stream, wall_us=WallUs(p.wall_us + 3_000_000)) for p in other
    ]
    shown = pictures_of(written([*first, *moved]))
    assert {len(luma) for _, luma in shown} == {160 * 96, 192 * 128}


def test_times_that_go_back_do_not_go_back_in_the_file(clip: Path) -> None:
    """Decoding times rise whatever the camera says: a player would stop otherwise."""
    packets = packets_of(clip)
    mixed = [
        dataclasses.replace(p, wall_us=WallUs(BEGIN_US + (i % 7) * 50_000)) for i, p in enumerate(packets)
    ]
    with av.open(io.BytesIO(written(mixed)), "r") as container:
        times = [packet.dts for packet in container.demux(video=0) if packet.dts is not None]
    assert times == sorted(set(times))
    assert len(times) == COUNT


def test_the_layout_names_each_fragment(clip: Path) -> None:
    """Offset, size, time and whether a player may begin there; with one short read for each."""
    data, reads = written(packets_of(clip), tone(3.0), each=5), list[int]()
    layout = layout_of(reader(data, reads), len(data))
    assert layout.whole_size == len(data)
    assert [place.start_us for place in layout.fragments] == [i * 500_000 for i in range(6)]
    assert [place.is_keyframe for place in layout.fragments] == [True, False] * 3
    assert {place.duration_us for place in layout.fragments} == {500_000}
    assert layout.duration_us == 3_000_000
    assert data[layout.fragments[1].offset + 4 :][:4] == b"moof"
    assert len(reads) <= 3 + len(layout.fragments)


def test_a_layout_goes_on_where_it_ended(clip: Path) -> None:
    """A file that grows is not read again from its beginning."""
    data = written(packets_of(clip), each=5)
    whole = layout_of(reader(data), len(data))
    part = layout_of(reader(data), whole.fragments[3].offset + 7)
    assert part.fragments == whole.fragments[:3]
    assert layout_of(reader(data), len(data), part) == whole


def test_a_file_that_is_cut_anywhere_keeps_its_whole_fragments(clip: Path) -> None:
    """After a power cut the tail is cut back to what plays."""
    data = written(packets_of(clip), tone(3.0), each=5)
    whole = layout_of(reader(data), len(data))
    ends = [whole.init_size, *(place.offset + place.size for place in whole.fragments)]
    for size in range(0, len(data), 11):
        found = layout_of(reader(data[:size]), size)
        expected = max((end for end in ends if end <= size), default=0)
        assert found.whole_size == expected


def test_garbage_never_does_more_than_end_a_layout(clip: Path) -> None:
    """Bits that a disk has turned are found, or at worst misread; nothing is raised and nothing hangs."""
    data, dice = written(packets_of(clip), each=5), random.Random(4)
    for _ in range(500):
        broken = bytearray(data)
        for _ in range(dice.randint(1, 8)):
            broken[dice.randrange(len(broken))] = dice.randrange(256)
        found = layout_of(reader(bytes(broken)), len(broken))
        assert 0 <= found.whole_size <= len(broken)
        assert len(found.fragments) <= len(broken) // 16
