"""Coded clips through the decoder on demand: what is shown, in which order, and what is left out."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from appliance.domain.camera import DecodeMode, DecodePolicy
from appliance.domain.packet import Packet
from appliance.frames.settings import Settings
from tests.support.clips import I420, plain, walking_square, write_clip
from tests.support.decoding import Decoding, Look, packets_of

FPS = 10
QUIET_S = 40
WALK_S = 2


def textured(width: int = 320, height: int = 192) -> I420:
    """Return a picture with so much detail that a keyframe costs something."""
    picture = plain(width, height)
    picture[:height] += np.random.default_rng(1).integers(0, 60, (height, width), np.uint8)
    return picture


def clip(path: Path, *, gop_s: float = 2.0, offset_s: float = 0.7, b_frames: int = 0) -> Path:
    """Write quiet seconds, somebody who walks through from the middle of a GOP on, and quiet seconds."""
    still, quiet, after = textured(), round((QUIET_S + offset_s) * FPS), 12 * FPS
    walking = [np.where(walker == 220, walker, still) for walker in walking_square(WALK_S * FPS, 320, 192)]
    pictures = [still] * quiet + walking + [still] * after
    return write_clip(path, pictures, fps=FPS, gop=round(gop_s * FPS), b_frames=b_frames)


def moving(looks: list[Look]) -> list[float]:
    """Return the times at which something was seen to move."""
    return [round(look.at_s, 3) for look in looks if len(look.boxes)]


@pytest.mark.parametrize("gop_s", [1.0, 2.0, 4.0])
@pytest.mark.parametrize("b_frames", [0, 2])
def test_a_visit_is_seen_as_if_everything_had_been_decoded(
    tmp_path: Path, gop_s: float, b_frames: int
) -> None:
    """From its first frame on, though it began between two keyframes of a sleeping camera."""
    path = clip(tmp_path / "a.mp4", gop_s=gop_s, b_frames=b_frames)
    gated, full = Decoding().play(path), Decoding(DecodePolicy.ALWAYS).play(path)
    assert not gated.awake_at(QUIET_S)
    assert gated.awake_at(QUIET_S + 1.7)
    assert not gated.awake_at(QUIET_S + 12)
    first = moving(full.viewer.looks)[0]
    assert moving(gated.viewer.looks)[0] == pytest.approx(first, abs=0.11)
    assert len(moving(gated.viewer.looks)) == pytest.approx(len(moving(full.viewer.looks)), abs=2)


def test_frames_are_shown_in_order_and_none_twice(tmp_path: Path) -> None:
    """What comes after must be able to rely on the time."""
    looks = Decoding().play(clip(tmp_path / "a.mp4")).viewer.looks
    assert all(a.at_s < b.at_s for a, b in pairwise(looks))


def test_a_quiet_camera_is_looked_at_by_its_keyframes(tmp_path: Path) -> None:
    """Each of them alone, and at once."""
    looks = Decoding().play(clip(tmp_path / "a.mp4")).viewer.looks
    quiet = [look for look in looks if 25 <= look.at_s <= QUIET_S]
    assert [look.at_s for look in quiet] == pytest.approx([26, 28, 30, 32, 34, 36, 38, 40])
    assert all(look.alone for look in quiet)


def test_what_led_up_to_a_visit_is_caught_up_with(tmp_path: Path) -> None:
    """The GOP in which it began is decoded from its keyframe, when the packets stand out."""
    looks = Decoding().play(clip(tmp_path / "a.mp4")).viewer.looks
    retro = [look for look in looks if QUIET_S < look.at_s < QUIET_S + 0.7]
    assert len(retro) >= 2
    assert not any(look.alone for look in retro)


def test_what_turns_out_to_be_nothing_is_shown_to_nobody(tmp_path: Path) -> None:
    """Packets stand out for a moment, as at a flash: it is as if the GOP had not been looked at."""
    still = textured()
    flash = still.copy()
    flash[:192] += 5
    flash[60:130, 100:200] += np.random.default_rng(2).integers(0, 6, (70, 100), np.uint8)
    pictures = [still] * (QUIET_S * FPS + 7) + [flash] + [still] * (10 * FPS)
    decoding = Decoding().play(write_clip(tmp_path / "a.mp4", pictures, fps=FPS, gop=2 * FPS))
    assert decoding.decoder.figures.false_wakes == 1
    assert decoding.awake_at(QUIET_S + 0.9)
    assert not decoding.awake_at(QUIET_S + 3)
    shown = [look for look in decoding.viewer.looks if look.at_s > QUIET_S - 10]
    assert all(look.alone for look in shown)
    assert [look.at_s for look in shown] == pytest.approx([32, 34, 36, 38, 40, 42, 44, 46, 48, 50])


def test_frames_before_a_wake_wait_for_who_looks_at_them(tmp_path: Path) -> None:
    """None of them is lost because the detector is busy; packets go on coming meanwhile."""
    path, decoding = clip(tmp_path / "a.mp4"), Decoding()

    def before(packet: Packet) -> None:
        was_ready = decoding.viewer.ready
        decoding.viewer.ready = not QUIET_S + 0.6 < packet.media.seconds < QUIET_S + 2.0
        if decoding.viewer.ready and not was_ready:
            assert decoding.viewer.waits is not None
            decoding.viewer.waits()

    decoding.play(path, before)
    during = [look for look in decoding.viewer.looks if QUIET_S < look.at_s < QUIET_S + 2.7]
    assert all(look.known_s - during[0].at_s >= 1.7 for look in during)
    assert moving(decoding.viewer.looks) == moving(Decoding().play(path).viewer.looks)


def test_where_the_ring_ends_it_goes_on_and_counts(tmp_path: Path) -> None:
    """A detector that does not take a frame for ten seconds: the oldest GOPs are left out, whole."""
    decoding = Decoding(ring_s=5.0)
    decoding.viewer.ready = False
    path = clip(tmp_path / "a.mp4")
    decoding.play(path)
    assert decoding.decoder.figures.skipped > 0
    assert decoding.viewer.looks[-1].at_s > QUIET_S + 5


def test_a_machine_that_is_too_slow_skips_to_the_newest_keyframe(tmp_path: Path) -> None:
    """Rather than to lag ever further behind; what was left out is counted."""
    decoding = Decoding(DecodePolicy.ALWAYS, settings=Settings(behind_s=1.0))
    packets = list(packets_of(clip(tmp_path / "a.mp4"), decoding.clock))
    decoding.feed(packets[:1])
    for packet in packets[1:100]:
        decoding.ring.put(packet)
    decoding.feed(packets[100:101])
    assert [look.at_s for look in decoding.viewer.looks] == pytest.approx([0.0, 10.0])
    assert decoding.decoder.figures.skipped == 99


def test_a_new_stream_is_known_anew(tmp_path: Path) -> None:
    """F7: the camera comes back with another size: nothing of the old stream is looked at any more."""
    decoding = Decoding().play(clip(tmp_path / "a.mp4"))
    asleep = not decoding.decoder.is_awake
    other = write_clip(tmp_path / "b.mp4", walking_square(30, 160, 96), fps=FPS)
    before = len(decoding.viewer.looks)
    decoding.play(other)
    assert asleep
    assert decoding.decoder.is_awake
    assert decoding.decoder.decoding is None
    assert [look.at_s for look in decoding.viewer.looks[before:]][:3] == pytest.approx([0.0, 0.2, 0.4])


def test_the_owner_s_keyframes_are_looked_at_and_nothing_else(tmp_path: Path) -> None:
    """Motion in one does not wake, and is shown."""
    decoding = Decoding(DecodePolicy.KEYFRAMES).play(clip(tmp_path / "a.mp4", offset_s=1.0))
    assert {round(look.at_s % 2.0, 3) for look in decoding.viewer.looks} == {0.0}
    assert moving(decoding.viewer.looks) == [QUIET_S + 2]
    said = decoding.decoder.decoding
    assert said is not None
    assert said.mode is DecodeMode.KEYFRAMES
