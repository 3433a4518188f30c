"""A file played as if it were a camera."""

import threading
from itertools import pairwise
from pathlib import Path

import pytest

from appliance.domain.ids import CameraId
from appliance.domain.packet import Packet
from appliance.errors import SourceFailure
from appliance.packets.anchor import Anchor
from appliance.packets.file import FileSource
from appliance.packets.sound_input import RawSound
from tests.support.clips import walking_square, write_clip, write_sound
from tests.support.clock import SimulatedClock
from tests.support.sounds import beeps, coded

CAMERA = CameraId("file")


def play(path: Path, packets: int, *, loop: bool = False) -> tuple[list[Packet], SimulatedClock]:
    """Return the first packets of a file on a simulated clock."""
    clock = SimulatedClock()
    source = FileSource(CAMERA, path, loop, clock)
    source.open()
    played = []
    for packet in source.packets(threading.Event()):
        played.append(packet)
        if len(played) == packets:
            break
    source.close()
    return played, clock


@pytest.mark.parametrize("b_frames", [0, 2])
def test_a_file_is_played_at_its_own_pace(tmp_path: Path, b_frames: int) -> None:
    """Twenty pictures at ten a second take two seconds, whatever order they are coded in."""
    clip = write_clip(tmp_path / "a.mp4", walking_square(20), b_frames=b_frames)
    packets, clock = play(clip, 100)
    assert len(packets) == 20
    assert clock.monotonic_ns() / 1e9 == pytest.approx(1.9, abs=0.01)
    assert sorted(p.media.seconds for p in packets) == pytest.approx([i / 10 for i in range(20)])
    assert [p.is_keyframe for p in packets].count(True) == 2
    arrivals = [p.arrived_ns / 1e9 for p in packets]
    assert [b - a for a, b in pairwise(arrivals)] == pytest.approx([0.1] * 19, abs=0.001)


@pytest.mark.parametrize("b_frames", [0, 2])
def test_a_looped_file_goes_on_in_the_same_stream(tmp_path: Path, b_frames: int) -> None:
    """Time stamps and wall time continue without a gap, an overlap or a new run."""
    clip = write_clip(tmp_path / "a.mp4", walking_square(10), b_frames=b_frames)
    packets, clock = play(clip, 35, loop=True)
    assert len({id(p.stream) for p in packets}) == 1
    times = sorted(p.media.seconds for p in packets[:30])
    assert [b - a for a, b in pairwise(times)] == pytest.approx([0.1] * 29, abs=0.001)
    dts = [p.dts for p in packets if p.dts is not None]
    assert dts == sorted(set(dts))
    anchor = Anchor()
    stamps = [anchor.stamp(p.stream, p.media, p.arrived_ns, p.wall_us) for p in packets[:30]]
    assert anchor.runs == 1
    assert max(stamps) - min(stamps) == pytest.approx(2_900_000, abs=2000)
    assert clock.monotonic_ns() / 1e9 == pytest.approx(3.4, abs=0.01)


def test_a_reader_that_was_asleep_gets_no_burst(tmp_path: Path) -> None:
    """After a pause of the whole machine the file goes on at its own pace."""
    clip = write_clip(tmp_path / "a.mp4", walking_square(20))
    clock = SimulatedClock()
    source = FileSource(CAMERA, clip, loop=False, clock=clock)
    source.open()
    arrivals = []
    for packet in source.packets(threading.Event()):
        arrivals.append(packet.arrived_ns / 1e9)
        if len(arrivals) == 5:
            clock.wait(threading.Event(), 10.0)
    source.close()
    assert [b - a for a, b in pairwise(arrivals[5:])] == pytest.approx([0.1] * 14, abs=0.001)


def test_a_stopped_file_ends_at_once(tmp_path: Path) -> None:
    """The stop flag is looked at before each packet."""
    clip = write_clip(tmp_path / "a.mp4", walking_square(10))
    source, stop = FileSource(CAMERA, clip, loop=True, clock=SimulatedClock()), threading.Event()
    source.open()
    seen = 0
    for _ in source.packets(stop):
        seen += 1
        stop.set()
    source.close()
    source.close()
    assert seen == 1


def _garbage(folder: Path) -> Path:
    path = folder / "garbage.mp4"
    path.write_bytes(b"no video" * 500)
    return path


def _playlist(folder: Path) -> Path:
    path = folder / "list.m3u8"
    path.write_text("#EXTM3U\n#EXT-X-TARGETDURATION:5\n#EXTINF:5,\nhttp://127.0.0.1:9/a.ts\n#EXT-X-ENDLIST\n")
    return path


@pytest.mark.parametrize(
    ("make", "kind"),
    [
        (lambda folder: folder / "absent.mp4", "not_found"),
        (_garbage, "protocol"),
        (_playlist, "protocol"),
        (lambda folder: folder, "protocol"),
        (lambda folder: write_sound(folder / "sound.mp4"), "no_video"),
    ],
    ids=["absent", "garbage", "playlist", "folder", "sound"],
)
def test_what_cannot_be_played_is_told_apart(tmp_path: Path, make: object, kind: str) -> None:
    """Absent, damaged, and without a picture are three things; a play list fetches nothing."""
    assert callable(make)
    source = FileSource(CAMERA, make(tmp_path), loop=False, clock=SimulatedClock())
    with pytest.raises(SourceFailure) as caught:
        source.open()
    source.close()
    assert caught.value.kind == kind


def test_a_truncated_file_gives_what_it_has(tmp_path: Path) -> None:
    """The pictures before the cut come; the end is an end or a failure, never an exception of libav's."""
    whole = write_clip(tmp_path / "a.mp4", walking_square(40))
    cut = tmp_path / "cut.mp4"
    # libx264 via PyAV writes the index at the end: a cut file has none, and is damaged as a whole.
    cut.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    source = FileSource(CAMERA, cut, loop=False, clock=SimulatedClock())
    with pytest.raises(SourceFailure, match=r"cut\.mp4"):
        source.open()


@pytest.mark.parametrize("rounds", [1, 3])
def test_the_sound_of_a_file_lies_where_it_lies_in_the_file(tmp_path: Path, rounds: int) -> None:
    """Copied, on the time line of the pictures, and going on where the file begins anew."""
    clip = write_clip(tmp_path / "a.mp4", walking_square(20), sound=beeps(2.0, 16_000))
    clock, sounds, pictures = SimulatedClock(), list[RawSound](), list[Packet]()
    source = FileSource(CAMERA, clip, rounds > 1, clock)
    source.open()
    source.hear(sounds.append)
    for packet in source.packets(threading.Event()):
        pictures.append(packet)
        if len(pictures) == 20 * rounds:
            break
    source.close()
    _, units = coded("aac", beeps(2.0, 16_000), 16_000, 1024)
    whole = 28 if rounds == 1 else len(units)
    assert [sound.data for sound in sounds[:whole]] == units[:whole]
    assert all(sound.stream.is_timed_with_pictures for sound in sounds)
    for sound in sounds:
        assert sound.pts_s is not None
        due_s = (sound.arrived_ns - pictures[0].arrived_ns) / 1e9 + pictures[0].media.seconds
        assert sound.pts_s == pytest.approx(due_s, abs=0.3), "read together with the pictures of its time"


def test_nobody_has_to_listen_to_a_file(tmp_path: Path) -> None:
    """Its pictures are the same."""
    quiet = write_clip(tmp_path / "quiet.mp4", walking_square(10))
    loud = write_clip(tmp_path / "loud.mp4", walking_square(10), sound=beeps(1.0, 16_000))
    assert [p.data for p in play(loud, 100)[0]] == [p.data for p in play(quiet, 100)[0]]
