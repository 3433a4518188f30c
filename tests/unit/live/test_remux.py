"""A remux begins at the newest keyframe, and makes a fragment of each picture as soon as it is there."""

import io
import itertools
from collections import Counter
from dataclasses import replace
from pathlib import Path

import av
import pytest

from appliance.domain.ids import CameraId
from appliance.domain.packet import Packet, SoundPacket
from appliance.domain.time import MonotonicNs, WallUs
from appliance.live.message import of_picture, read_picture
from appliance.live.remux import Remux
from appliance.live.settings import LiveSettings
from appliance.live.viewer import Viewer
from appliance.packets.sound_ring import SoundRing
from tests.support.clips import walking_square, write_clip
from tests.support.clock import SimulatedClock
from tests.support.coded import BEGIN_US, packets_of, tone
from tests.support.watching import fanout_of, seen, waiting

FPS, GOP = 10, 5


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return two and a half GOPs of H.264."""
    path = tmp_path_factory.mktemp("live") / "clip.mp4"
    return write_clip(path, walking_square(13), FPS, GOP)


@pytest.fixture
def packets(clip: Path) -> list[Packet]:
    """Return the clip's packets, as a camera sends them."""
    return packets_of(clip)


def viewer(settings: LiveSettings | None = None) -> Viewer:
    """Return one who takes nothing."""
    return Viewer(CameraId("yard"), settings or LiveSettings(behind_s=60.0), lambda _: None)


def remux(settings: LiveSettings | None = None, *, with_sound: bool = False) -> Remux:
    """Return a remux that nobody watches."""
    return Remux(SimulatedClock(), settings or LiveSettings(), with_sound=with_sound)


def shown(data: bytes) -> list[float]:
    """Return when each picture is shown, in seconds, as a player finds it."""
    with av.open(io.BytesIO(data), "r") as container:
        return [float(frame.time or 0.0) for frame in container.decode(video=0)]


async def test_the_first_viewer_gets_the_gop_so_far_at_once_and_then_each_picture(
    packets: list[Packet],
) -> None:
    """It begins at the newest keyframe; what comes next is sent as it comes, and every picture decodes."""
    fanout, made, one = fanout_of(packets[:8]), remux(), viewer()
    made.attach(fanout)
    made.join(one)
    assert [p.wall_us for p in seen(one).pictures] == [p.wall_us for p in packets[5:8]]
    for packet in packets[8:]:
        fanout.put(packet)
    found = seen(one)
    assert [p.is_keyframe for p in found.pictures] == [True, *[False] * 4, True, *[False] * 2]
    assert [p.wall_us for p in found.pictures] == [p.wall_us for p in packets[5:]]
    assert shown(found.file) == pytest.approx([i / FPS for i in range(8)], abs=1e-4)


async def test_the_stream_says_what_a_player_needs_and_when_position_0_was(packets: list[Packet]) -> None:
    """Position plus base is the wall time of the picture."""
    made, one = remux(), viewer()
    made.attach(fanout_of(packets))
    made.join(one)
    (said,) = seen(one).said
    assert said["base_us"] == packets[10].wall_us == BEGIN_US + 1_000_000
    assert said["base"].startswith("2026-09-21T")
    assert (said["width"], said["height"]) == (160, 96)
    assert said["mime"].startswith('video/mp4; codecs="avc1.')


async def test_without_a_viewer_nothing_is_made(packets: list[Packet]) -> None:
    """Nor after the last one has left."""
    fanout, made, one = fanout_of(packets[:3]), remux(), viewer()
    made.attach(fanout)
    assert fanout._consumers == ()
    made.join(one)
    made.leave(one)
    assert fanout._consumers == ()
    fanout.put(packets[3])
    assert len(seen(one).pictures) == 3


async def test_many_viewers_share_the_same_bytes(packets: list[Packet]) -> None:
    """Whoever comes later begins at the same keyframe; nothing is made twice."""
    fanout, made = fanout_of(packets[:7]), remux()
    made.attach(fanout)
    first, later = viewer(), viewer()
    made.join(first)
    fanout.put(packets[7])
    made.join(later)
    fanout.put(packets[8])
    assert len(waiting(first)) == 5
    assert all(a is b for a, b in zip(waiting(first), waiting(later), strict=True))


async def test_who_left_before_it_was_served_is_not_served(packets: list[Packet]) -> None:
    """A client may go while it is still being welcomed."""
    fanout, made, one = fanout_of(packets), remux(), viewer()
    made.attach(fanout)
    made.leave(one)
    made.join(one)
    assert (fanout._consumers, waiting(one)) == ((), [])


async def test_a_new_stream_begins_anew_at_its_keyframe(packets: list[Packet], clip: Path) -> None:
    """After a reconnection the player is told of the new init segment and of the new base."""
    fanout, made, one = fanout_of(packets[:3]), remux(), viewer()
    made.attach(fanout)
    made.join(one)
    again = packets_of(clip, begin_us=BEGIN_US + 60_000_000)
    for packet in again[3:8]:
        fanout.put(packet)
    found = seen(one)
    assert [said["base_us"] for said in found.said] == [packets[0].wall_us, again[5].wall_us]
    assert [p.wall_us for p in found.pictures] == [p.wall_us for p in again[5:8]]
    assert shown(found.file) == pytest.approx([0.0, 0.1, 0.2], abs=1e-4)


async def test_another_reader_of_the_camera_is_followed(packets: list[Packet], clip: Path) -> None:
    """Its address was changed: the viewers stay."""
    before, made, one = fanout_of(packets[:3]), remux(), viewer()
    made.attach(before)
    made.join(one)
    after = fanout_of()
    made.attach(after)
    before.put(packets[3])
    for packet in (again := packets_of(clip, begin_us=BEGIN_US + 60_000_000))[:3]:
        after.put(packet)
    assert [p.wall_us for p in seen(one).pictures] == [p.wall_us for p in again[:3]]


async def test_what_has_no_place_in_mp4_is_said_with_its_reason(packets: list[Packet]) -> None:
    """The page falls back to pictures; when the camera's codec is changed it plays."""
    jpeg = replace(packets[0].stream, codec="mjpeg")
    fanout, made, one = fanout_of([replace(packets[0], stream=jpeg)]), remux(), viewer()
    made.attach(fanout)
    made.join(one)
    (said,) = seen(one).said
    assert (said["type"], said["state"]) == ("state", "not_recordable")
    assert "mjpeg" in said["reason"].lower()
    late = viewer()
    made.join(late)
    assert seen(late).said == [said]
    fanout.put(packets[0])
    assert [said["type"] for said in seen(one).said] == ["stream"]


async def test_a_camera_that_is_gone_is_said_and_begins_anew(packets: list[Packet], clip: Path) -> None:
    """Nobody begins with what was to be seen before it went; the same word is not said twice."""
    fanout, made, one, late = fanout_of(packets[:3]), remux(), viewer(), viewer()
    made.attach(fanout)
    made.join(one)
    made.say("offline", "no answer")
    made.say("offline", "no answer")
    made.join(late)
    state = {"type": "state", "state": "offline", "reason": "no answer"}
    assert seen(one).said[1:] == [state]
    assert (seen(late).said, seen(late).pictures) == ([state], [])
    for packet in packets_of(clip)[:2]:
        fanout.put(packet)
    assert [len(seen(each).pictures) for each in (one, late)] == [2, 2]


async def test_who_comes_while_the_camera_is_gone_sees_nothing_old(packets: list[Packet]) -> None:
    """The ring still holds it."""
    made, one = remux(), viewer()
    made.attach(fanout_of(packets))
    made.say("offline", "no answer")
    made.join(one)
    assert (seen(one).inits, len(seen(one).said)) == ([], 1)


async def test_a_gop_that_is_too_large_is_not_kept_for_who_comes_later(packets: list[Packet]) -> None:
    """They begin at the next keyframe, and see no picture that needs one they have not."""
    large = [replace(p, data=p.data + b"\x7f" * (60_000 if p.is_keyframe else 90_000)) for p in packets]
    small = LiveSettings(queue_bytes=1 << 18)
    fanout, made, first, late = fanout_of(), remux(small), viewer(), viewer()
    made.attach(fanout)
    made.join(first)
    for packet in large[:4]:
        fanout.put(packet)
    made.join(late)
    assert (len(seen(first).pictures), len(seen(late).pictures)) == (4, 0)
    for packet in large[4:7]:
        fanout.put(packet)
    assert [p.wall_us for p in seen(late).pictures] == [p.wall_us for p in packets[5:7]]


@pytest.mark.parametrize("codec", ["libx264", "libx265"])
async def test_pictures_that_are_reordered_come_out_in_order(tmp_path: Path, codec: str) -> None:
    """With B-frames a picture is sent when it is decoded, and shown when it was taken."""
    path = write_clip(tmp_path / "b.mp4", walking_square(10), FPS, 10, b_frames=2, codec=codec)
    packets = packets_of(path)
    made, one = remux(), viewer()
    made.attach(fanout_of(packets))
    made.join(one)
    found = seen(one)
    assert [p.wall_us for p in found.pictures] == [p.wall_us for p in packets]
    times = shown(found.file)
    assert [b - a for a, b in itertools.pairwise(times)] == pytest.approx([0.1] * 9, abs=1e-3)


async def test_time_stamps_that_jump_are_followed(packets: list[Packet]) -> None:
    """The picture's own time is what is said, whatever was guessed of the one before."""
    late = [replace(p, wall_us=WallUs(p.wall_us + 30_000_000)) for p in packets[5:]]
    made, one = remux(), viewer()
    fanout = fanout_of(packets[:5])
    made.attach(fanout)
    made.join(one)
    for packet in late:
        fanout.put(packet)
    assert shown(seen(one).file)[5] == pytest.approx(30.5, abs=1e-3)


def test_a_picture_s_message_is_read_as_it_was_written(packets: list[Packet]) -> None:
    """One byte of flags, eight of time, and the fragment."""
    message = of_picture(packets[0], b"fragment")
    assert message.data[:9] == b"\x01" + packets[0].wall_us.to_bytes(8, "big")
    assert read_picture(message.data) == (True, packets[0].wall_us, b"fragment")
    with pytest.raises(ValueError, match="at least 9 bytes, got 3"):
        read_picture(b"abc")


def tracks(data: bytes) -> dict[str, int]:
    """Return how many packets each kind of track has."""
    with av.open(io.BytesIO(data), "r") as container:
        return dict(Counter(packet.stream.type for packet in container.demux() if packet.size))


@pytest.fixture
def sounds() -> list[SoundPacket]:
    """Return the sound of the clip's length; 15.6 pieces a second."""
    return tone(1.3)


async def test_sound_goes_with_the_pictures_of_its_time(
    packets: list[Packet], sounds: list[SoundPacket]
) -> None:
    """The first viewer gets that of the GOP so far as well; position 0 is the same for both."""
    fanout, made, one = fanout_of(packets[:3]), remux(with_sound=True), viewer()
    fanout.sounds = SoundRing(60.0)
    for sound in sounds[:5]:
        fanout.put_sound(sound)
    made.attach(fanout)
    made.join(one)
    assert seen(one).said[0]["mime"].endswith(',mp4a.40.2"')
    assert tracks(seen(one).file) == {"video": 3, "audio": 5}
    for packet, sound in zip(packets[3:8], sounds[5:10], strict=True):
        fanout.put_sound(sound)
        fanout.put(packet)
    assert len(seen(one).said) == 1
    assert tracks(seen(one).file) == {"video": 8, "audio": 10}
    with av.open(io.BytesIO(seen(one).file), "r") as container:
        heard = [float(p.pts * p.time_base) for p in container.demux(audio=0) if p.pts is not None]
    assert heard == pytest.approx([i * 1024 / 16000 for i in range(10)], abs=1e-3)


async def test_without_being_asked_for_no_sound_is_sent(
    packets: list[Packet], sounds: list[SoundPacket]
) -> None:
    """A small picture on a page needs none, and a gap in it would stop the video."""
    fanout, made, one = fanout_of(packets[:3]), remux(), viewer()
    made.attach(fanout)
    made.join(one)
    fanout.put_sound(sounds[0])
    fanout.put(packets[3])
    assert tracks(seen(one).file) == {"video": 4}
    assert not fanout._sound_consumers


async def test_when_sound_comes_or_stops_a_stream_begins_at_the_next_keyframe(
    packets: list[Packet], sounds: list[SoundPacket], clip: Path
) -> None:
    """A player that waits for sound would stand still."""
    fanout, made, one = fanout_of(packets[:2]), remux(with_sound=True), viewer()
    made.attach(fanout)
    made.join(one)
    for sound in sounds[:8]:
        fanout.put_sound(sound)
    for packet in packets[2:7]:
        fanout.put(packet)
    assert [said["mime"].count("mp4a") for said in seen(one).said] == [0, 1]
    assert [p.wall_us for p in seen(one).pictures] == [p.wall_us for p in packets[5:7]]
    later = [replace(p, arrived_ns=MonotonicNs(p.arrived_ns + 3_000_000_000)) for p in packets]
    for packet in later[7:12]:
        fanout.put(packet)
    assert [said["mime"].count("mp4a") for said in seen(one).said] == [0, 1, 0]


async def test_who_leaves_hears_nothing_more(packets: list[Packet], sounds: list[SoundPacket]) -> None:
    """The camera's thread is rid of it."""
    fanout, made, one = fanout_of(packets), remux(with_sound=True), viewer()
    made.attach(fanout)
    made.join(one)
    made.leave(one)
    assert not fanout._sound_consumers


async def test_parameter_sets_that_come_late_are_waited_for(packets: list[Packet]) -> None:
    """A camera may send them with its second keyframe only; what is said meanwhile is said once."""
    units = packets[0].data.split(b"\x00\x00\x00\x01")
    bare = b"".join(b"\x00\x00\x00\x01" + unit for unit in units[1:] if unit[0] & 0x1F not in {7, 8})
    begun = [replace(packets[0], data=bare)] * 2
    fanout, made, one = fanout_of(begun), remux(), viewer()
    made.attach(fanout)
    made.join(one)
    assert [said["state"] for said in seen(one).said] == ["not_recordable"]
    for packet in packets[5:8]:
        fanout.put(packet)
    assert len(seen(one).pictures) == 3
