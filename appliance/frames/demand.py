"""How much of a stream is decoded: nothing but keyframes while nothing happens, everything while it does."""

from dataclasses import dataclass
from enum import StrEnum

from appliance.domain.camera import DecodeMode, DecodePolicy, Decoding
from appliance.frames.rhythm import KeyframeRhythm
from appliance.frames.settings import Settings
from appliance.frames.sizes import PacketSizes

_RESTART_S = 10.0
_REORDER_S = 1.0
_EARLY_S = 0.05
_RELAPSE = 1.6
_RECOVERY = 0.8

CHOSEN = Decoding(DecodeMode.CONTINUOUS, "everything is decoded because its owner chose so")
KEYFRAMES = Decoding(DecodeMode.KEYFRAMES, "only keyframes are decoded because its owner chose so")
INTRA_ONLY = Decoding(
    DecodeMode.CONTINUOUS, "every picture is coded by itself, so that what happens does not show in its size"
)
UNKNOWN = Decoding(DecodeMode.CONTINUOUS, "what the quiet scene looks like is not known yet")
ON_DEMAND = Decoding(DecodeMode.ON_DEMAND)
IRREGULAR = Decoding(
    DecodeMode.CONTINUOUS,
    "keyframes come at irregular intervals",
    "Switch the camera's smart codec off (H.264+, H.265+, Smart Coding, Zipstream's dynamic GOP) and set its "
    "keyframe interval to 1–2 s.",
)
NOISY = Decoding(
    DecodeMode.CONTINUOUS,
    "the packets' sizes vary too much by themselves to show that something happens",
    "Set the camera's bit rate control to variable (VBR); more light or stronger noise reduction help too.",
)


class Want(StrEnum):
    """What is to be done about a packet."""

    NOTHING = "nothing"
    LOOK = "look"
    DECODE = "decode"


@dataclass(slots=True)
class _Wake:
    """Why it decodes, and what it has seen since.

    Attributes:
        since_s: media time of what woke it.
        by_sizes: packets stood out; a keyframe that showed motion is no doubt.
        moved_s: media time of the last motion, or ``None``.
    """

    since_s: float
    by_sizes: bool = False
    moved_s: float | None = None


class Demand:
    """The decision for one stream; pure: it is told of packets and of what frames showed, in media time.

    Args:
        policy: the owner's.
        settings: waiting times and trust.
        intra_only: of the codec it is known that every picture stands alone.
    """

    def __init__(self, policy: DecodePolicy, settings: Settings, intra_only: bool = False) -> None:
        self._policy = policy
        self._settings = settings
        self._intra_only = intra_only
        self._rhythm = KeyframeRhythm()
        self._sizes = PacketSizes()
        self._wake: _Wake | None = _Wake(0.0) if policy is not DecodePolicy.KEYFRAMES else None
        self._begun_s: float | None = None
        self._last_s = 0.0
        self._calm_s = 0.0
        self._quiet_since_s = 0.0
        self._looked_s: float | None = None
        self._noisy: bool | None = None
        self._noisy_since_s: float | None = None
        self._decoding: Decoding | None = None
        self.false_wakes = 0

    @property
    def is_awake(self) -> bool:
        """Whether every packet is decoded at the moment."""
        return self._wake is not None

    @property
    def is_doubtful(self) -> bool:
        """Whether packets stood out and nothing was seen to move yet: it may be nothing."""
        return self._wake is not None and self._wake.by_sizes and self._wake.moved_s is None

    @property
    def gop_s(self) -> float | None:
        """Seconds from one keyframe to the next, as measured."""
        return self._rhythm.gop_s if self._rhythm.is_known else None

    @property
    def decoding(self) -> Decoding | None:
        """How the stream is decoded and why; ``None`` while that is not known yet."""
        return self._decoding

    def packet(self, at_s: float, size_bytes: int, is_keyframe: bool, attended: bool = False) -> Want:
        """Take in the next packet and return what is to be done.

        Args:
            at_s: its media time.
            size_bytes: of its data.
            is_keyframe: it can be decoded by itself.
            attended: something is followed or somebody watches: no keyframe is left out.
        """
        if self._begun_s is None or not -_REORDER_S < at_s - self._last_s < _RESTART_S:
            self._begin(at_s)
        passed_s = max(0.0, at_s - self._last_s)
        self._last_s += passed_s
        self._rhythm.step(at_s, is_keyframe)
        calm = self._is_calm(at_s)
        self._calm_s += passed_s if calm else 0.0
        stands_out = self._sizes.step(at_s, size_bytes, is_keyframe, calm)
        if is_keyframe or self._rhythm.waited_s(at_s) > self._settings.longest_gop_s:
            self._judge(at_s)
        if self._wake is not None:
            return Want.DECODE
        if self._policy is DecodePolicy.KEYFRAMES:
            return Want.LOOK if is_keyframe else Want.NOTHING
        if self._decoding is not ON_DEMAND:
            return self._woken(at_s, by_sizes=False)
        if stands_out:
            return self._woken(at_s, by_sizes=True)
        return self._look_due(at_s, attended) if is_keyframe else Want.NOTHING

    def looked(self, at_s: float, moves: bool) -> None:
        """Take in what a keyframe showed while nothing else was decoded; motion wakes."""
        self._looked_s = at_s
        if moves and self._wake is None and self._policy is not DecodePolicy.KEYFRAMES:
            self._wake = _Wake(at_s, moved_s=at_s)

    def seen(self, at_s: float, moving_ratio: float) -> bool:
        """Take in what a frame showed while everything is decoded; return whether that goes on.

        Args:
            at_s: its media time.
            moving_ratio: the part of the picture that moves, 0 to 1.
        """
        wake = self._wake
        if wake is None:
            return False
        if not self.is_doubtful:
            self._looked_s = at_s
        if moving_ratio:
            wake.moved_s = at_s
            self._sizes.moved(at_s, moving_ratio)
        if self._decoding is ON_DEMAND and at_s >= self._sleeps_at_s(wake):
            self._sleep(wake, at_s)
        return self._wake is not None

    def _begin(self, at_s: float) -> None:
        self._begun_s, self._last_s = at_s, at_s
        self._calm_s, self._looked_s = 0.0, None
        self._rhythm = KeyframeRhythm()
        if self._policy is not DecodePolicy.KEYFRAMES:
            self._wake = _Wake(at_s)

    def _is_calm(self, at_s: float) -> bool:
        """Return whether nothing is known to move: then sizes are those of the quiet scene."""
        wake = self._wake
        if wake is None:
            return True
        if self._looked_s is None:
            return False
        moved_s = wake.moved_s
        return moved_s is None or at_s - moved_s > self._settings.calm_after_s

    def _woken(self, at_s: float, by_sizes: bool) -> Want:
        self._wake = _Wake(at_s, by_sizes)
        return Want.DECODE

    def _look_due(self, at_s: float, attended: bool) -> Want:
        long_quiet = at_s - self._quiet_since_s >= self._settings.long_quiet_s
        if attended or not long_quiet or self._looked_s is None:
            return Want.LOOK
        due = at_s - self._looked_s >= self._settings.glance_every_s - _EARLY_S
        return Want.LOOK if due else Want.NOTHING

    def _sleeps_at_s(self, wake: _Wake) -> float:
        """Return when it goes to sleep if nothing moves any more."""
        if wake.moved_s is None:
            return wake.since_s + (self._settings.doubt_s if wake.by_sizes else self._settings.quiet_after_s)
        return max(wake.moved_s + self._settings.quiet_after_s, wake.since_s)

    def _sleep(self, wake: _Wake, at_s: float) -> None:
        if wake.by_sizes and wake.moved_s is None:
            self.false_wakes += 1
            self._sizes.false_alarm(at_s)
        else:
            self._quiet_since_s = at_s
        self._wake = None

    def _judge(self, at_s: float) -> None:
        """Decide anew whether keyframes and sizes can be relied on; about once in a GOP."""
        assert self._begun_s is not None
        judgement = self._judgement(at_s, at_s - self._begun_s)
        if judgement is not None:
            self._decoding = judgement

    def _judgement(self, at_s: float, known_s: float) -> Decoding | None:
        settings, rhythm = self._settings, self._rhythm
        if self._policy is not DecodePolicy.AUTO:
            return KEYFRAMES if self._policy is DecodePolicy.KEYFRAMES else CHOSEN
        if self._intra_only or rhythm.is_intra_only:
            return INTRA_ONLY
        if rhythm.is_irregular:
            return IRREGULAR
        if max(rhythm.longest_s, rhythm.waited_s(at_s)) > settings.longest_gop_s + _EARLY_S:
            return _long_gop(rhythm.longest_s, settings.longest_gop_s)
        if not rhythm.is_known or self._calm_s < settings.learn_s:
            return UNKNOWN if known_s > settings.decide_s else None
        return self._by_sizes(at_s, known_s)

    def _by_sizes(self, at_s: float, known_s: float) -> Decoding | None:
        ratio, limit = self._sizes.smallest_ratio, self._settings.smallest_ratio
        if ratio <= (limit * _RECOVERY if self._noisy else limit):
            self._noisy = False
        elif self._noisy is None and known_s < self._settings.decide_s:
            return None
        elif not self._noisy:
            self._noisy = self._noisy is None or self._lasts(ratio > limit * _RELAPSE, at_s)
        return NOISY if self._noisy else ON_DEMAND

    def _lasts(self, is_noisy: bool, at_s: float) -> bool:
        """Return whether it has been noisy for long: a cloud that passes is no reason to give sizes up."""
        if not is_noisy:
            self._noisy_since_s = None
            return False
        if self._noisy_since_s is None:
            self._noisy_since_s = at_s
        return at_s - self._noisy_since_s >= self._settings.decide_s


def _long_gop(longest_s: float, limit_s: float) -> Decoding:
    measured = f"{round(longest_s)} s" if longest_s > limit_s else f"longer than {limit_s:g} s"
    return Decoding(
        DecodeMode.CONTINUOUS,
        f"the keyframe interval is {measured}",
        "Set the camera's keyframe interval (I-frame interval, GOP length) to 1–2 s.",
    )
