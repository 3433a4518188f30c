"""How much of a stream is decoded, told in packets and in what was seen."""

import pytest

from appliance.domain.camera import DecodeMode, DecodePolicy
from appliance.frames.demand import ON_DEMAND, Demand, Want
from appliance.frames.settings import Settings

FPS = 10
KEYFRAME, QUIET, BUSY = 30_000, 500, 4_000


class Stream:
    """Packets of a stream, and a decoder that sees what is said to be there."""

    def __init__(
        self, policy: DecodePolicy = DecodePolicy.AUTO, gop_s: float = 2.0, settings: Settings | None = None
    ) -> None:
        self.demand = Demand(policy, settings or Settings())
        self.gop = round(gop_s * FPS)
        self.at_s = 0.0
        self.wants: list[tuple[float, Want]] = []
        self._count = 0

    def play(
        self,
        seconds: float,
        size: int = QUIET,
        moving_ratio: float = 0.0,
        attended: bool = False,
        keyframes: bool = True,
    ) -> list[Want]:
        """Let packets come, have done what is wanted, and return what that was."""
        wants = []
        for _ in range(round(seconds * FPS)):
            is_keyframe = keyframes and self._count % self.gop == 0
            at_s = self._count / FPS
            # Even a still scene is coded with a byte more or less.
            bytes_ = KEYFRAME if is_keyframe else size + self._count % 7
            want = self.demand.packet(at_s, bytes_, is_keyframe, attended)
            if want is Want.DECODE:
                self.demand.seen(at_s, moving_ratio)
            elif want is Want.LOOK:
                self.demand.looked(at_s, moving_ratio > 0)
            wants.append(want)
            self._count += 1
            self.at_s = at_s
        return wants


def asleep(**changes: float) -> Stream:
    """Return a stream that is known and quiet."""
    stream = Stream(**changes)  # type: ignore[arg-type]
    stream.play(40)
    assert stream.demand.decoding is ON_DEMAND
    assert not stream.demand.is_awake
    return stream


def test_a_new_stream_is_decoded_until_it_is_known() -> None:
    """Nobody knows yet what quiet looks like."""
    stream = Stream()
    assert set(stream.play(10)) == {Want.DECODE}
    assert stream.demand.decoding is None
    stream.play(20)
    assert stream.demand.decoding is ON_DEMAND


def test_a_quiet_scene_costs_its_keyframes() -> None:
    """One look in each GOP and nothing between."""
    wants = asleep().play(10)
    assert wants.count(Want.LOOK) == 5
    assert wants.count(Want.NOTHING) == 95


def test_a_scene_that_stays_quiet_costs_less_still() -> None:
    """After a minute one keyframe in eight seconds, unless somebody watches or something is followed."""
    stream = asleep()
    stream.play(80)
    assert stream.play(40).count(Want.LOOK) == 5
    assert stream.play(40, attended=True).count(Want.LOOK) == 20


def test_a_packet_that_stands_out_wakes() -> None:
    """At once, in the middle of a GOP; and back to sleep soon when nothing is found."""
    stream = asleep()
    stream.play(0.5)
    assert stream.play(0.1, size=BUSY) == [Want.DECODE]
    assert set(stream.play(0.4)) == {Want.DECODE}
    stream.play(1.0)
    assert not stream.demand.is_awake
    assert stream.demand.false_wakes == 1


def test_motion_in_a_keyframe_wakes() -> None:
    """What sizes did not show is seen at the next look."""
    stream = asleep()
    wants = stream.play(4.0, moving_ratio=0.01)
    assert Want.DECODE in wants
    assert stream.demand.is_awake
    assert stream.demand.false_wakes == 0


def test_it_stays_awake_until_the_scene_has_been_quiet_for_some_seconds() -> None:
    """Counted from the last motion."""
    stream = asleep()
    stream.play(10, size=BUSY, moving_ratio=0.01)
    assert set(stream.play(3.5)) == {Want.DECODE}
    stream.play(2.0)
    assert not stream.demand.is_awake


def test_a_busy_scene_does_not_become_the_quiet_one() -> None:
    """An hour of traffic: the packets of the night after it are judged by the night before."""
    stream = asleep()
    stream.play(600, size=BUSY, moving_ratio=0.02)
    stream.play(20)
    assert not stream.demand.is_awake
    assert Want.DECODE in stream.play(0.5, size=BUSY)


@pytest.mark.parametrize(
    ("gop_s", "words"),
    [(8.0, "keyframe interval is 8 s"), (60.0, "longer than 4 s")],
)
def test_rare_keyframes_are_not_relied_on(gop_s: float, words: str) -> None:
    """Everything is decoded, the reason is said, and what to do about it."""
    stream = Stream(gop_s=gop_s)
    assert set(stream.play(50)) == {Want.DECODE}
    decoding = stream.demand.decoding
    assert decoding is not None
    assert decoding.mode is DecodeMode.CONTINUOUS
    assert words in decoding.reason
    assert "1–2 s" in decoding.advice


def test_a_codec_that_leaves_keyframes_out_is_noticed_while_asleep() -> None:
    """Five seconds without one: everything is decoded from the last keyframe on."""
    stream = asleep()
    stream.play(8.0, keyframes=False)
    assert stream.demand.is_awake
    stream.play(6)
    decoding = stream.demand.decoding
    assert decoding is not None
    assert "irregular" in decoding.reason
    assert "smart codec" in decoding.advice


def test_the_same_reason_is_the_same_object_of_value() -> None:
    """A state that is told again and again would be no news."""
    stream = Stream(gop_s=60.0)
    told = set()
    for _ in range(60):
        stream.play(1.0)
        told.add(stream.demand.decoding)
    assert len(told - {None}) == 1


@pytest.mark.parametrize(
    ("policy", "mode", "wants"),
    [
        (DecodePolicy.ALWAYS, DecodeMode.CONTINUOUS, {Want.DECODE}),
        (DecodePolicy.KEYFRAMES, DecodeMode.KEYFRAMES, {Want.LOOK, Want.NOTHING}),
    ],
)
def test_the_owner_decides(policy: DecodePolicy, mode: DecodeMode, wants: set[Want]) -> None:
    """Whatever moves or does not."""
    stream = Stream(policy)
    assert set(stream.play(60)) == wants
    assert set(stream.play(20, size=BUSY, moving_ratio=0.1)) == wants
    decoding = stream.demand.decoding
    assert decoding is not None
    assert decoding.mode is mode
    assert "owner" in decoding.reason


def test_pictures_that_stand_alone_are_all_decoded() -> None:
    """MJPEG: a size says nothing about what changed."""
    stream = Stream(gop_s=1 / FPS)
    assert set(stream.play(30)) == {Want.DECODE}
    decoding = stream.demand.decoding
    assert decoding is not None
    assert "by itself" in decoding.reason


def test_time_stamps_that_jump_begin_anew() -> None:
    """F8: what was learnt of the rhythm is not mixed with an hour's gap."""
    stream = asleep()
    stream._count += 3600 * FPS
    assert stream.play(0.1) == [Want.DECODE]
    stream.play(40)
    assert not stream.demand.is_awake
    stream._count -= 1800 * FPS
    assert stream.play(0.1) == [Want.DECODE]
    stream.play(40)
    assert not stream.demand.is_awake
