"""Where fragments and files begin and end."""

import dataclasses
import itertools
from fractions import Fraction

import pytest

from appliance.domain.ids import CameraId
from appliance.domain.packet import Packet, SoundPacket, SoundStream
from appliance.domain.time import US_PER_S, MediaTime, MonotonicNs, WallUs
from appliance.recordings.cutter import FragmentCutter
from appliance.recordings.fragment import Fragment
from tests.support.camera_packets import START_US, PacketMaker, seconds, stream_of


class Rig:
    """A cutter for files of five seconds, and what came out of it."""

    def __init__(self, fps: int = 10, gop: int = 20) -> None:
        self.out: list[Fragment] = []
        self.has_motion = False
        ids = itertools.count()
        self.cutter = FragmentCutter(
            CameraId("front"),
            self.out.append,
            lambda: self.has_motion,
            lambda _at: f"segment-{next(ids)}",
            fragment_s=1.0,
            segment_s=5.0,
        )
        self.camera = PacketMaker(lambda packet, _number: self.cutter.add(packet), fps=fps, gop=gop)

    @property
    def spans(self) -> list[tuple[float, float]]:
        """Start and end of each fragment, in seconds since the first picture."""
        return [((f.start_us - START_US) / US_PER_S, (f.end_us - START_US) / US_PER_S) for f in self.out]

    @property
    def files(self) -> list[tuple[str, float]]:
        """Each file and when it begins."""
        firsts = {f.segment_id: f.start_us for f in reversed(self.out)}
        return [(str(id_), (at - START_US) / US_PER_S) for id_, at in sorted(firsts.items())]


def test_a_fragment_is_a_second_of_a_long_gop() -> None:
    """A crash costs at most that."""
    rig = Rig()
    rig.camera.play(4)
    rig.cutter.end()
    assert rig.spans == [(0, 1), (1, 2), (2, 3), (3, 4)]
    assert [f.is_gop_start for f in rig.out] == [True, False, True, False]


def test_a_fragment_is_a_gop_that_is_shorter_than_a_second() -> None:
    """A file can begin with each of them."""
    rig = Rig(gop=5)
    rig.camera.play(2)
    rig.cutter.end()
    assert rig.spans == [(0, 0.5), (0.5, 1), (1, 1.5), (1.5, 2)]
    assert all(f.is_gop_start for f in rig.out)


def test_every_packet_is_in_one_fragment_in_order() -> None:
    """Nothing is lost and nothing written twice."""
    rig = Rig()
    rig.camera.play(23.7)
    rig.cutter.end()
    assert [packet for f in rig.out for packet in f.packets] == rig.camera.sent
    assert all(f.size == sum(len(packet.data) for packet in f.packets) for f in rig.out)


def test_a_file_begins_at_the_first_keyframe_after_its_time() -> None:
    """Each can be played for itself."""
    rig = Rig()
    rig.camera.play(14)
    rig.cutter.end()
    assert rig.files == [("segment-0", 0), ("segment-1", 6), ("segment-2", 12)]


def test_files_follow_each_other_without_a_hole() -> None:
    """One ends where the next begins, to the microsecond."""
    rig = Rig(fps=15, gop=30)
    rig.camera.play(20)
    rig.cutter.end()
    assert all(a.end_us == b.start_us for a, b in itertools.pairwise(rig.out))


def test_another_stream_begins_another_file() -> None:
    """Its parameter sets are others; the last picture before is shown as long as the others were."""
    rig = Rig()
    rig.camera.play(1.5).reconnect().pause(0.7).play(1)
    rig.cutter.end()
    assert rig.files == [("segment-0", 0), ("segment-1", 2.2)]
    assert rig.spans == [(0, 1), (1, 1.5), (2.2, 3.2)]


@pytest.mark.parametrize("off_us", [-99_000, -2_000, 0, 2_000, 49_000])
def test_a_stream_that_follows_at_once_leaves_neither_hole_nor_overlap(off_us: int) -> None:
    """Its clock begins anew, a little earlier or later: the last picture before ends where it begins."""
    rig = Rig()
    rig.camera.play(2)
    rig.camera.stream = stream_of()
    rig.camera.at_us += off_us
    rig.camera.play(1)
    rig.cutter.end()
    assert [a.end_us - b.start_us for a, b in itertools.pairwise(rig.out)] == [0, 0]
    assert [at for _, at in rig.files] == [0.0, 2.0 + off_us / US_PER_S]


def test_the_last_picture_of_a_slow_camera_leaves_room_for_the_next_connection() -> None:
    """With a picture a second it may be back before the last one's time is over."""
    rig = Rig(fps=1, gop=2)
    rig.camera.play(4)
    rig.cutter.end()
    assert rig.spans[-1][1] == 3.5


def test_a_pause_ends_the_file() -> None:
    """The time in which nothing came is in no file."""
    rig = Rig()
    rig.camera.play(2).pause(3).play(2)
    rig.cutter.end()
    assert rig.files == [("segment-0", 0), ("segment-1", 5)]
    assert rig.spans[:2] == [(0, 1), (1, 2)]


def test_pictures_after_a_pause_are_left_out_until_a_keyframe() -> None:
    """No player could show them."""
    rig = Rig()
    rig.camera.play(2.5)
    rig.camera.at_us += 4 * US_PER_S
    rig.camera.play(4)
    rig.cutter.end()
    assert rig.files[1:] == [("segment-1", 8)]
    assert seconds([packet for f in rig.out for packet in f.packets])[25] == 8


def test_a_camera_with_a_picture_every_three_seconds_has_no_pauses() -> None:
    """What a pause is, its own rhythm says."""
    rig = Rig(gop=1)
    for _ in range(4):
        rig.camera.one()
        rig.camera.at_us += round(2.9 * US_PER_S)
    rig.cutter.end()
    assert rig.files == [("segment-0", 0), ("segment-1", 6)]
    assert rig.spans == [(0, 3), (3, 6), (6, 9), (9, 9.5)]


def test_a_clock_that_goes_back_begins_another_file() -> None:
    """No file goes back in time."""
    rig = Rig()
    rig.camera.play(3)
    rig.camera.at_us -= 2 * US_PER_S
    rig.camera.count = 0
    rig.camera.play(1)
    rig.cutter.end()
    assert len({f.segment_id for f in rig.out}) == 2


def test_time_stamps_that_stand_still_do_not_gather_packets_for_ever() -> None:
    """What waits in memory is bounded whatever a camera sends."""
    rig = Rig(gop=100_000)
    for _ in range(2000):
        rig.camera.one()
        rig.camera.at_us = START_US
    assert max(len(f.packets) for f in rig.out) <= 512


def test_reordered_pictures_are_cut_where_none_is_shown_earlier() -> None:
    """With B-frames the fragments follow each other in the order of showing as well."""
    rig = Rig()
    order = [0] + [i + shift for i in range(1, 40, 3) for shift in (2, 0, 1)]
    for count, place in enumerate(order):
        rig.cutter.add(shown_at(rig.camera, place, is_keyframe=count == 0))
    rig.cutter.end()
    assert all(a.end_us == b.start_us for a, b in itertools.pairwise(rig.out))
    assert rig.out[-1].end_us - START_US == 4 * US_PER_S
    assert max(f.end_us - f.start_us for f in rig.out) <= 1.3 * US_PER_S


def shown_at(camera: PacketMaker, place: int, is_keyframe: bool) -> Packet:
    """Return a packet whose picture is shown at a tenth of a second."""
    us = place * US_PER_S // 10
    media = MediaTime(place * 9000, Fraction(1, 90_000))
    return Packet(
        camera.camera_id,
        camera.stream,
        b"x" * 10,
        media,
        None,
        WallUs(START_US + us),
        MonotonicNs(0),
        is_keyframe,
    )


def test_motion_marks_the_fragment_that_ends_then() -> None:
    """A file in which something moved is kept longer."""
    rig = Rig()
    rig.camera.play(1.5)
    rig.has_motion = True
    rig.camera.play(1)
    assert [f.has_motion for f in rig.out] == [False, True]


AAC = SoundStream(b"\x14\x08", 16_000, 1)


def sound(at_s: float, stream: SoundStream = AAC) -> SoundPacket:
    """Return a piece of sound of that second."""
    return SoundPacket(
        CameraId("front"), stream, b"s" * 20, WallUs(START_US + round(at_s * US_PER_S)), MonotonicNs(0)
    )


class TestSound:
    """What of the sound is in which fragment."""

    def test_sound_is_with_the_pictures_of_its_time(self) -> None:
        """A fragment has both."""
        rig = Rig()
        for i in range(40):
            rig.cutter.add_sound(sound(i / 10))
            rig.camera.one()
        rig.cutter.end()
        heard = [[(s.wall_us - START_US) / US_PER_S for s in f.sounds] for f in rig.out]
        assert [(len(one), one[0]) for one in heard] == [(10, 0), (10, 1), (10, 2), (10, 3)]
        assert rig.out[1].size == 10 * 100 + 10 * 20

    def test_sound_that_comes_late_is_with_its_pictures_all_the_same(self) -> None:
        """Also where a file ends: nobody should hear that."""
        rig = Rig()
        for i in range(120):
            rig.camera.one()
            if i >= 3:
                rig.cutter.add_sound(sound((i - 3) / 10))
        rig.cutter.end()
        heard = [
            [(s.wall_us - START_US) / US_PER_S for s in f.sounds] for f in rig.out if f.start_us > START_US
        ]
        first = 1 + next(index for index, one in enumerate(heard) if one)
        assert all(len(one) == 10 for one in heard[first:-1])
        assert all(a[-1] + 0.1 == pytest.approx(b[0]) for a, b in itertools.pairwise(heard[first:-1]))
        assert len(rig.files) == 3

    def test_pictures_do_not_wait_for_sound_that_does_not_come(self) -> None:
        """Longer than until the next fragment is complete."""
        rig = Rig()
        for i in range(60):
            if i < 25:
                rig.cutter.add_sound(sound(i / 10))
            rig.camera.one()
        assert len(rig.out) == 4

    def test_sound_that_begins_later_gets_a_file_of_its_own(self) -> None:
        """Tracks of a file are fixed when it begins."""
        rig = Rig()
        rig.camera.play(1)
        for i in range(40):
            rig.cutter.add_sound(sound(1 + i / 10))
            rig.camera.one()
        rig.cutter.end()
        assert [(id_, at) for id_, at in rig.files] == [("segment-0", 0), ("segment-1", 2)]
        assert [bool(f.sounds) for f in rig.out] == [False, False, True, True, True]

    def test_sound_that_changes_gets_a_file_of_its_own(self) -> None:
        """And what came of it before is left out, not put into the other's track."""
        rig, other = Rig(), dataclasses.replace(AAC, sample_rate=8000)
        for i in range(40):
            rig.cutter.add_sound(sound(i / 10, AAC if i < 10 else other))
            rig.camera.one()
        rig.cutter.end()
        assert len(rig.files) == 2
        assert all(len({id(s.stream) for s in f.sounds}) <= 1 for f in rig.out)

    def test_sound_that_ends_changes_nothing(self) -> None:
        """The file goes on without."""
        rig = Rig()
        for i in range(40):
            if i < 10:
                rig.cutter.add_sound(sound(i / 10))
            rig.camera.one()
        rig.cutter.end()
        assert len(rig.files) == 1

    def test_a_file_has_its_track_although_its_first_second_is_silent(self) -> None:
        """Else it would be mute to its end: tracks of a file are fixed when it begins."""
        rig = Rig()
        rig.cutter.add_sound(sound(-0.5))
        for i in range(40):
            if i >= 15:
                rig.cutter.add_sound(sound(i / 10))
            rig.camera.one()
        rig.cutter.end()
        assert [bool(f.sounds) for f in rig.out] == [False, True, True, True]
        assert (len(rig.files), [f.sound for f in rig.out]) == (1, [AAC] * 4)
