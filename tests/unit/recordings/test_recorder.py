"""What of a camera's packets is recorded, by mode and by what happens."""

from datetime import UTC
from itertools import count

import pytest

from appliance.domain.camera import Camera
from appliance.domain.footage import Cause, RecordingMode, RecordingPolicy, ScheduleEntry
from appliance.domain.ids import CameraId, EventId
from appliance.domain.packet import SoundPacket, SoundStream
from appliance.domain.time import US_PER_S, MonotonicNs, WallUs
from appliance.packets.ring import PacketRing
from appliance.recordings.fragment import Fragment
from appliance.recordings.recorder import Recorder
from appliance.recordings.settings import Settings
from tests.support.camera_packets import START_US, PacketMaker, seconds, stream_of

CONTINUOUS, MOTION, EVENTS, OFF = RecordingMode
EVENT = EventId("event")
FRONT = CameraId("front")
AAC = SoundStream(b"\x14\x08", 16_000, 1)


def at(seconds: float) -> WallUs:
    """Return the moment so many seconds after the camera's first picture."""
    return WallUs(START_US + round(seconds * US_PER_S))


class Rig:
    """A camera of ten pictures a second, with a keyframe every two seconds; its recorder; what that wrote."""

    def __init__(self, policy: RecordingPolicy, ring_s: float = 15.0) -> None:
        self.fragments: list[Fragment] = []
        self.finished = 0
        ids = count()
        self.recorder = Recorder(
            self.wanting(policy), self, Settings(), UTC, lambda _at: f"segment-{next(ids):03d}"
        )
        self.camera = PacketMaker(self.recorder.on_packet, PacketRing(ring_s, 1 << 24))
        self.recorder.begin(self.camera.ring)

    def wanting(self, policy: RecordingPolicy) -> Camera:
        """Return the camera as its owner wants it recorded."""
        return Camera(CameraId("front"), "Front", "demo:", recording=policy)

    def submit(self, fragment: Fragment) -> None:
        """Keep a fragment."""
        self.fragments.append(fragment)

    def finish(self, _camera_id: CameraId) -> None:
        """Count the files that were ended."""
        self.finished += 1

    @property
    def recorded(self) -> list[tuple[float, float]]:
        """The times that were recorded, in seconds, those that touch as one; fails if a packet came twice."""
        packets = [packet for fragment in self.fragments for packet in fragment.packets]
        assert len({id(packet) for packet in packets}) == len(packets)
        times: list[tuple[float, float]] = []
        for fragment in self.fragments:
            start, end = seconds_of(fragment)
            if times and times[-1][1] == start:
                start = times.pop()[0]
            times.append((start, end))
        return times

    @property
    def files(self) -> int:
        """How many files were begun."""
        return len({fragment.segment_id for fragment in self.fragments})

    def cause(self) -> Cause | None:
        """Return why nothing is recorded now."""
        return self.recorder.cause(WallUs(self.camera.at_us))


def seconds_of(fragment: Fragment) -> tuple[float, float]:
    """Return a fragment's start and end."""
    return (fragment.start_us - START_US) / US_PER_S, (fragment.end_us - START_US) / US_PER_S


def rolls(mode: RecordingMode, pre: float = 5.0, post: float = 5.0) -> RecordingPolicy:
    """Return a policy with these rolls."""
    return RecordingPolicy(mode, pre_roll_s=pre, post_roll_s=post)


class TestContinuous:
    """Everything is recorded."""

    def test_every_packet_is_recorded_from_the_first_on(self) -> None:
        """In files of a minute, without a hole between them."""
        rig = Rig(RecordingPolicy())
        rig.camera.play(130)
        rig.recorder.disconnected()
        assert rig.recorded == [(0, 130)]
        assert (rig.files, rig.cause()) == (3, Cause.CAMERA_DOWN)

    def test_a_lost_connection_hands_on_what_waits(self) -> None:
        """What came is recorded to the last picture, and the file is complete."""
        rig = Rig(RecordingPolicy())
        rig.camera.play(3.3)
        assert rig.cause() is None
        rig.recorder.disconnected()
        assert (rig.recorded, rig.finished, rig.cause()) == ([(0, 3.3)], 1, Cause.CAMERA_DOWN)

    def test_another_connection_begins_another_file(self) -> None:
        """With the time between in none."""
        rig = Rig(RecordingPolicy())
        rig.camera.play(2)
        rig.recorder.disconnected()
        rig.camera.reconnect().pause(5).play(2)
        rig.recorder.disconnected()
        assert (rig.recorded, rig.files) == ([(0, 2), (7, 9)], 2)

    def test_another_reader_begins_another_file_with_numbers_of_its_own(self) -> None:
        """The address was changed: packets of the new ring begin at 0 again."""
        rig = Rig(RecordingPolicy())
        rig.camera.play(4)
        ring = PacketRing(15.0, 1 << 24)
        rig.recorder.begin(ring)
        rig.camera.ring = ring
        rig.camera.reconnect().pause(1).play(2)
        rig.recorder.disconnected()
        assert (rig.recorded, rig.files) == ([(0, 4), (5, 7)], 2)

    def test_nothing_is_written_after_the_end(self) -> None:
        """A reader that hangs and comes back when its camera is gone does no harm."""
        rig = Rig(RecordingPolicy())
        rig.camera.play(2.5)
        rig.recorder.close()
        rig.camera.play(3)
        assert (rig.recorded, rig.finished) == ([(0, 2.5)], 1)


class TestOff:
    """Nothing is recorded."""

    def test_nothing_is_recorded_whatever_happens(self) -> None:
        """Motion and events included."""
        rig = Rig(rolls(OFF))
        rig.camera.play(5)
        rig.recorder.motion(at(4))
        rig.recorder.event(EVENT, at(3), at(4), ended=False)
        rig.camera.play(10)
        assert (rig.recorded, rig.cause()) == ([], Cause.OFF)

    def test_it_is_the_owner_s_will_even_while_the_camera_is_down(self) -> None:
        """That time is not missing: nobody wanted it."""
        rig = Rig(rolls(OFF))
        assert rig.cause() is Cause.OFF

    def test_switching_off_ends_the_recording_at_once(self) -> None:
        """To the picture, since it is somebody's will."""
        rig = Rig(RecordingPolicy())
        rig.camera.play(3.5)
        rig.recorder.apply(rig.wanting(rolls(OFF)))
        rig.camera.play(3)
        assert (rig.recorded, rig.finished, rig.cause()) == ([(0, 3.5)], 1, Cause.OFF)

    def test_what_came_meanwhile_is_not_recorded_later(self) -> None:
        """Neither as the beginning of a GOP nor as pre-roll."""
        rig = Rig(rolls(OFF))
        rig.camera.play(5.5)
        rig.recorder.apply(rig.wanting(rolls(MOTION)))
        rig.recorder.motion(at(5.4))
        rig.camera.play(10)
        assert rig.recorded[0][0] == 6


class TestMotion:
    """What happens is recorded, with what was before and after it."""

    def test_it_begins_at_the_keyframe_before_the_pre_roll_and_ends_at_one_after_the_post_roll(self) -> None:
        """Exact to the GOP: motion at 21 s, minus 5 and plus 5, with a keyframe at each even second."""
        rig = Rig(rolls(MOTION))
        rig.camera.play(21.5)
        rig.recorder.motion(at(21))
        rig.camera.play(20)
        assert rig.recorded == [(16, 26)]
        assert (rig.files, rig.finished, rig.cause()) == (1, 1, Cause.IDLE)

    @pytest.mark.parametrize(
        ("moved", "wanted"),
        [(20.0, (14, 26)), (21.0, (16, 26)), (21.1, (16, 28)), (22.9, (16, 28)), (23.0, (18, 28))],
    )
    def test_a_roll_is_never_shorter_than_wanted(self, moved: float, wanted: tuple[float, float]) -> None:
        """And never longer by more than a GOP."""
        rig = Rig(rolls(MOTION))
        rig.camera.play(moved + 0.3)
        rig.recorder.motion(at(moved))
        rig.camera.play(20)
        assert rig.recorded == [wanted]

    def test_motion_that_goes_on_is_one_recording(self) -> None:
        """Up to the post-roll of the last."""
        rig = Rig(rolls(MOTION))
        rig.camera.play(10)
        for _ in range(100):
            rig.camera.play(0.1)
            rig.recorder.motion(WallUs(rig.camera.at_us - US_PER_S // 10))
        rig.camera.play(20)
        assert (rig.recorded, rig.files) == ([(4, 26)], 1)

    def test_rolls_that_meet_record_no_packet_twice(self) -> None:
        """The pre-roll of the second begins where the post-roll of the first ended."""
        rig = Rig(rolls(MOTION))
        rig.camera.play(11)
        rig.recorder.motion(at(11))
        rig.camera.play(9)
        assert rig.recorded == [(6, 16)]
        rig.recorder.motion(at(20))
        rig.camera.play(20)
        assert rig.recorded == [(6, 26)]

    def test_motion_that_is_found_late_is_recorded_all_the_same(self) -> None:
        """Decoding is behind: it was over, rolls included, before anybody knew of it."""
        rig = Rig(rolls(MOTION, 1, 1))
        rig.camera.play(20)
        rig.recorder.motion(at(11))
        rig.camera.play(10)
        assert rig.recorded == [(10, 12)]

    def test_two_that_are_found_late_are_both_recorded(self) -> None:
        """And what was between them is not."""
        rig = Rig(rolls(MOTION, 1, 1))
        rig.camera.play(20)
        rig.recorder.motion(at(9))
        rig.recorder.motion(at(15))
        rig.camera.play(10)
        assert rig.recorded == [(8, 10), (14, 16)]

    def test_a_pre_roll_beyond_the_ring_begins_with_the_oldest_keyframe(self) -> None:
        """As far back as there are packets."""
        rig = Rig(rolls(MOTION, pre=30), ring_s=10)
        rig.camera.play(40)
        rig.recorder.motion(at(39.9))
        rig.camera.play(20)
        assert rig.recorded == [(30, 46)]

    def test_what_the_ring_has_lost_is_not_waited_for(self) -> None:
        """Motion of a minute ago records nothing of now."""
        rig = Rig(rolls(MOTION), ring_s=10)
        rig.camera.play(70)
        rig.recorder.motion(at(3))
        rig.camera.play(10)
        assert (rig.recorded, rig.cause()) == ([], Cause.IDLE)

    def test_an_event_counts_too(self) -> None:
        """Somebody who stands still does not move, and is there."""
        rig = Rig(rolls(MOTION))
        rig.camera.play(11)
        rig.recorder.event(EVENT, at(10), at(11), ended=False)
        rig.camera.play(15)
        rig.recorder.event(EVENT, at(10), at(20), ended=True)
        rig.camera.play(15)
        assert rig.recorded == [(4, 26)]

    def test_the_files_are_marked(self) -> None:
        """Retention keeps what moved longer."""
        rig = Rig(rolls(MOTION))
        rig.camera.play(11)
        rig.recorder.motion(at(11))
        rig.camera.play(20)
        assert any(fragment.has_motion for fragment in rig.fragments)


class TestEvents:
    """Events are recorded, and motion alone is not."""

    def test_motion_alone_is_not_recorded(self) -> None:
        """A tree in the wind fills no disk."""
        rig = Rig(rolls(EVENTS))
        rig.camera.play(10)
        rig.recorder.motion(at(9))
        rig.camera.play(10)
        assert (rig.recorded, rig.cause()) == ([], Cause.IDLE)

    def test_an_event_is_recorded_from_before_its_beginning_to_after_its_end(self) -> None:
        """It is told of a second late, and ends at its last sight."""
        rig = Rig(rolls(EVENTS))
        rig.camera.play(12)
        rig.recorder.event(EVENT, at(11), at(12), ended=False)
        assert rig.cause() is Cause.IDLE
        rig.camera.play(8)
        assert rig.cause() is None
        rig.recorder.event(EVENT, at(11), at(17), ended=True)
        rig.camera.play(20)
        assert rig.recorded == [(6, 22)]

    def test_an_event_that_nobody_ends_does_not_record_for_ever(self) -> None:
        """Its last message got lost: half a minute after the last sight that was told of it is over."""
        rig = Rig(rolls(EVENTS))
        rig.camera.play(12)
        rig.recorder.event(EVENT, at(11), at(12), ended=False)
        rig.camera.play(100)
        assert rig.recorded == [(6, 48)]


class TestChanges:
    """The owner wants it otherwise, or the schedule does."""

    def test_from_continuous_to_motion_ends_at_the_next_keyframe(self) -> None:
        """Without connecting to the camera again."""
        rig = Rig(RecordingPolicy())
        rig.camera.play(5)
        rig.recorder.apply(rig.wanting(rolls(MOTION)))
        rig.camera.play(5)
        assert (rig.recorded, rig.cause()) == ([(0, 6)], Cause.IDLE)

    def test_from_motion_to_continuous_begins_at_the_keyframe_before(self) -> None:
        """The GOP that has begun is not waited out."""
        rig = Rig(rolls(MOTION))
        rig.camera.play(5)
        rig.recorder.apply(rig.wanting(RecordingPolicy()))
        rig.camera.play(5)
        rig.recorder.disconnected()
        assert rig.recorded == [(4, 10)]

    def test_the_schedule_is_followed_to_the_gop(self) -> None:
        """``START_US`` is 43 minutes and 20 seconds after an hour."""
        entry = ScheduleEntry(frozenset(range(7)), 0, 24 * 60, OFF)
        begin = (START_US // US_PER_S // 60 + 1) % (24 * 60)
        entry = ScheduleEntry(frozenset(range(7)), begin, begin + 1, OFF)
        rig = Rig(RecordingPolicy(schedule=(entry,)))
        to_minute = 60 - START_US // US_PER_S % 60
        rig.camera.play(to_minute + 80)
        rig.recorder.disconnected()
        assert rig.recorded == [(0, to_minute), (to_minute + 60, to_minute + 80)]


class TestSound:
    """What the microphone hears is recorded unless the owner does not want it."""

    def test_switched_off_nothing_of_it_is_written(self) -> None:
        """Not even what was heard before, for a recording that begins in the past."""
        rig = Rig(RecordingPolicy(EVENTS))
        self.play(rig, 10)
        rig.recorder.apply(rig.wanting(RecordingPolicy(EVENTS, sound=False)))
        rig.recorder.event(EVENT, at(9), at(12), ended=False)
        self.play(rig, 10)
        rig.recorder.disconnected()
        assert rig.recorded == [(4, 20)]
        assert [(f.sound, f.sounds) for f in rig.fragments] == [(None, ())] * len(rig.fragments)

    def test_switched_off_meanwhile_the_file_goes_on_without(self) -> None:
        """The next file has no track for it; switched on again, one with a track begins at a keyframe."""
        rig = Rig(RecordingPolicy())
        self.play(rig, 4)
        rig.recorder.apply(rig.wanting(RecordingPolicy(sound=False)))
        self.play(rig, 62)
        rig.recorder.apply(rig.wanting(RecordingPolicy()))
        self.play(rig, 6)
        rig.recorder.disconnected()
        heard = [seconds_of(f) for f in rig.fragments if f.sounds]
        assert rig.recorded == [(0, 72)]
        assert (heard[0], heard[-1]) == ((0, 1), (71, 72))
        assert [one for one in heard if 4 <= one[0] < 66] == []
        assert {f.sound for f in rig.fragments if f.start_us >= at(60) and f.end_us <= at(66)} == {None}

    def play(self, rig: Rig, seconds: int) -> None:
        """Play pictures and sound beside each other."""
        for _ in range(seconds * 10):
            rig.recorder.on_sound(
                SoundPacket(FRONT, AAC, bytes(20), at(rig.camera.count / 10), MonotonicNs(0))
            )
            rig.camera.play(0.1)


class TestNotRecordable:
    """Codecs that have no place in a file."""

    def test_such_a_camera_is_not_recorded_and_says_why_once(self, caplog: pytest.LogCaptureFixture) -> None:
        """It is watched all the same."""
        rig = Rig(RecordingPolicy())
        rig.camera.stream = stream_of("mpeg4")
        rig.camera.play(10)
        assert (rig.recorded, rig.cause()) == ([], Cause.NOT_RECORDABLE)
        assert [record.getMessage() for record in caplog.records] == [
            "camera front is not recorded: expected H.264, H.265 or Motion JPEG, got mpeg4, "
            "which no MP4 file holds"
        ]

    def test_one_that_changes_to_a_good_codec_is_recorded(self) -> None:
        """From its first keyframe on."""
        rig = Rig(RecordingPolicy())
        rig.camera.stream = stream_of("mpeg4")
        rig.camera.play(2)
        rig.camera.reconnect().play(4)
        rig.recorder.disconnected()
        assert rig.recorded == [(2, 6)]


def test_what_is_recorded_are_the_camera_s_own_packets() -> None:
    """Never coded anew."""
    rig = Rig(RecordingPolicy())
    rig.camera.play(4)
    rig.recorder.disconnected()
    written = [packet for fragment in rig.fragments for packet in fragment.packets]
    assert written == rig.camera.sent
    assert seconds(written)[-1] == 3.9
