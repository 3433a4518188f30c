"""Files of footage → one ordinary MP4 file."""

import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import pytest

from appliance.domain.time import US_PER_S, WallUs
from appliance.errors import Conflict
from appliance.packets.fmp4 import Fmp4Writer
from appliance.recordings.playback.export import Cut, Observer, expect_one_kind, join
from appliance.recordings.playback.footage_file import FootageFile
from appliance.recordings.playback.layouts import Layouts
from tests.support.clips import walking_square, write_clip
from tests.support.coded import packets_of
from tests.support.footage_files import FPS, number_of, write_footage
from tests.support.rows import NOON_US

FFPROBE = shutil.which("ffprobe")
PICTURE_US = US_PER_S // FPS
QUIET = Observer(lambda _: None, lambda: False)


def at(seconds: float) -> WallUs:
    """Return the wall time so many seconds after noon."""
    return WallUs(NOON_US + round(seconds * US_PER_S))


def exported(files: Sequence[FootageFile], begin: float, end: float, exact: bool, out: Path) -> Path:
    """Join a range, told in seconds after noon, and let ffprobe look at it."""
    assert join(files, Cut(at(begin), at(end), exact), out, QUIET)
    if FFPROBE is not None:
        said = subprocess.run(
            [FFPROBE, "-v", "error", "-show_frames", "-show_packets", "-of", "default=nk=1:nw=1", str(out)],
            capture_output=True,
            text=True,
            check=True,
        )
        assert said.stderr == ""
    return out


def shown(path: Path) -> list[tuple[float, int]]:
    """Return the time in seconds and the number of each picture that a player shows."""
    with av.open(str(path)) as container:
        video = container.streams.video[0]
        return [
            (round(float(frame.time or 0), 3), number_of(frame.to_ndarray(format="gray")))
            for frame in container.decode(video)
        ]


@pytest.mark.parametrize("codec", ["libx264", "libx265"])
@pytest.mark.parametrize("b_frames", [0, 2])
def test_an_exact_export_shows_what_was_asked_for_and_nothing_else(
    tmp_path: Path, codec: str, b_frames: int
) -> None:
    """From the picture at the range's begin to the last one before its end, across two files."""
    files = [
        write_footage(tmp_path, "s1", codec=codec, b_frames=b_frames),
        write_footage(tmp_path, "s2", at(6), first=60, codec=codec, b_frames=b_frames),
    ]
    out = exported(files, 3.5, 8.3, True, tmp_path / "out.mp4")
    pictures = shown(out)
    assert [number for _, number in pictures] == list(range(35, 83))
    assert [time for time, _ in pictures] == [round(i / FPS, 3) for i in range(48)]


@pytest.mark.parametrize("codec", ["libx264", "libx265"])
def test_other_exports_begin_with_the_keyframe_before(tmp_path: Path, codec: str) -> None:
    """Every player shows them alike, and nothing that was asked for is missing."""
    files = [write_footage(tmp_path, "s1", codec=codec)]
    out = exported(files, 3.5, 5.3, False, tmp_path / "out.mp4")
    pictures = shown(out)
    assert [number for _, number in pictures] == list(range(30, 53))
    assert pictures[0][0] == 0


def test_gaps_are_closed_up(tmp_path: Path) -> None:
    """Nobody looks at a picture that stands still for an hour."""
    files = [write_footage(tmp_path, "s1"), write_footage(tmp_path, "s2", at(3600), first=100)]
    out = exported(files, 4, 3602, True, tmp_path / "out.mp4")
    pictures = shown(out)
    assert [number for _, number in pictures] == [*range(40, 60), *range(100, 120)]
    assert [time for time, _ in pictures] == [round(i / FPS, 3) for i in range(40)]


@pytest.mark.parametrize("exact", [True, False])
def test_sound_stays_with_the_pictures(tmp_path: Path, exact: bool) -> None:
    """As long as they are, within a piece of sound."""
    files = [
        write_footage(tmp_path, "s1", sound=True),
        write_footage(tmp_path, "s2", at(6), first=60, sound=True),
    ]
    out = exported(files, 2.5, 9, exact, tmp_path / "out.mp4")
    with av.open(str(out)) as container:
        lasted = sum(frame.samples / frame.sample_rate for frame in container.decode(audio=0))
    assert lasted == pytest.approx(6.5 if exact else 7, abs=0.2)


def test_a_part_without_sound_is_silent(tmp_path: Path) -> None:
    """A microphone that was switched on later does not keep anybody from the pictures."""
    files = [
        write_footage(tmp_path, "s1"),
        write_footage(tmp_path, "s2", at(6), first=60, sound=True),
    ]
    out = exported(files, 1, 10, True, tmp_path / "out.mp4")
    assert [number for _, number in shown(out)] == list(range(10, 100))


def test_h265_bears_the_name_that_every_player_knows(tmp_path: Path) -> None:
    """Apple's players show no ``hev1``."""
    out = exported([write_footage(tmp_path, "s1", codec="libx265")], 1, 3, True, tmp_path / "out.mp4")
    assert b"hvc1" in out.read_bytes()


def test_the_index_stands_in_front(tmp_path: Path) -> None:
    """So that a browser can play it while it is still being fetched."""
    data = exported([write_footage(tmp_path, "s1")], 1, 3, False, tmp_path / "out.mp4").read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")


def test_other_parameter_sets_on_the_way_are_taken_along(tmp_path: Path) -> None:
    """A camera that was set up anew codes otherwise, and its pictures are decoded rightly all the same."""
    files = [
        write_footage(tmp_path, "s1"),
        write_footage(tmp_path, "s2", at(6), first=60, b_frames=2),
        write_footage(tmp_path, "s3", at(12), first=120),
    ]
    out = exported(files, 1, 17, True, tmp_path / "out.mp4")
    assert [number for _, number in shown(out)] == list(range(10, 170))


def test_another_size_is_refused_and_its_moment_named(tmp_path: Path) -> None:
    """One track holds one size; the message says where to part."""
    files = [write_footage(tmp_path, "s1"), write_footage(tmp_path, "s2", at(6), size=(320, 192))]
    with pytest.raises(Conflict, match=r"2026-09-21T14:13:26.000Z from avc1 160×96 to avc1 320×192"):
        expect_one_kind(files)


def test_what_is_cancelled_ends_early(tmp_path: Path) -> None:
    """And says that it is not whole."""
    files = [write_footage(tmp_path, "s1")]
    cancelled = Observer(lambda _: None, lambda: True)
    assert not join(files, Cut(at(0), at(5), False), tmp_path / "out.mp4", cancelled)


def test_only_what_was_synced_is_exported(tmp_path: Path) -> None:
    """A file that grows is read as far as its row says."""
    whole = write_footage(tmp_path, "s1")
    layout = Layouts().of(whole)
    half = FootageFile(replace(whole.segment, size=layout.fragments[2].offset), tmp_path)
    out = exported([half], 0, 6, True, tmp_path / "out.mp4")
    assert [number for _, number in shown(out)] == list(range(20))


@pytest.mark.parametrize("exact", [True, False])
def test_motion_jpeg_is_exported_as_well(tmp_path: Path, exact: bool) -> None:
    """Every picture is a keyframe, so both ways begin with the same one."""
    context = av.CodecContext.create("mjpeg", "w")
    assert isinstance(context, av.VideoCodecContext)
    context.width, context.height, context.pix_fmt = 160, 96, "yuvj420p"
    context.time_base = Fraction(1, FPS)
    frame = av.VideoFrame(160, 96, "yuvj420p")
    frame.pts = 0
    data = bytes(context.encode(frame)[0])
    h264 = packets_of(write_clip(tmp_path / "clip.mp4", walking_square(30), FPS, 10), begin_us=NOON_US)
    stream = replace(h264[0].stream, codec="mjpeg", extradata=b"")
    packets = [replace(packet, stream=stream, data=data, is_keyframe=True) for packet in h264]
    writer = Fmp4Writer(packets[0])
    whole = writer.init + writer.fragment(packets, at(3))
    (tmp_path / "s1.mp4").write_bytes(whole)
    row = replace(write_footage(tmp_path, "s0").segment, path="s1.mp4", end_us=at(3), size=len(whole))
    file = FootageFile(replace(row, codecs=writer.codecs), tmp_path)
    out = exported([file], 1, 2, exact, tmp_path / "out.mp4")
    assert [time for time, _ in shown(out)] == [round(i / FPS, 3) for i in range(10)]
