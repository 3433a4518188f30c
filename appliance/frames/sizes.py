"""How large the packets of a quiet scene are, and which ones stand out: what tells of motion undecoded.

A coded picture that is predicted from the one before costs as many bytes as there is news in it. Over a quiet
scene that is the sensor's noise, which depends on the place in the GOP and drifts with the light. Something
that moves costs about its share of a keyframe on top, since most of it cannot be predicted. The threshold is
one of constant false-alarm rate (as in radar): each alarm that turned out to be nothing raises it a little,
and quiet lowers it again. What things that move cost in this very stream is learnt whenever some do: a stream
of constant bit rate, say, in which they cost nothing on top, is known by that.
"""

import math
from collections import deque
from dataclasses import dataclass, field

POSITIONS = 240
"""Places in the GOP that are learnt one by one; those behind share the last."""

_SMOOTH_S = (0.2, 0.6)
"""What stands out may be short and strong or long and faint; single packets vary too much."""
_WITHIN_S = 0.5
_LEVEL_S = 6.0
_NOISE_PACKETS = 400
_PLACE_WEIGHT = 0.08
_KEYFRAME_WEIGHT = 0.2
_FLOOR_RATIO = 0.0004
_FLOOR_BYTES = 24.0
_LEAST_FACTOR = 2.4
_FIRST_FACTOR = 2.7
_MOST_FACTOR = 9.0
_ALARM_STEP = 1.06
_CALM_S = 300.0
_UPSET_S = 3.0
_UPSET_SHARE = 0.1
"""Where packets stand out, the noise is learnt this slowly: a cloud's is not the scene's, the night's is."""
_BURST_S = 15.0
"""Alarms that follow each other this closely have one cause, such as a cloud."""
_LEAST_STEP_S = 0.001
_MOST_STEP_S = 1.0
_REMEMBERED = 256
_ASSUMED_COST = 1.0
_ASSUMED_WEIGHT = 20
_COST_WEIGHT = 0.01
_MOST_COST = 8.0
_TELLING_RATIOS = (0.0005, 0.1)
_CLIP = 3.0
_FEW = 8
_ENOUGH_PACKETS = 60
_MEAN_TO_DEVIATION = 1.25
"""A normal distribution's standard deviation by its mean absolute deviation."""


@dataclass(slots=True)
class _Noise:
    """The usual size of something that varies around zero; robust, since outliers are clipped."""

    deviation: float = 0.0
    seen: int = 0

    def learn(self, value: float, is_upset: bool) -> None:
        self.seen += 1
        limit = _CLIP * self.deviation if self.seen > _FEW else math.inf
        weight = max(1.0 / self.seen, (_UPSET_SHARE if is_upset else 1.0) / _NOISE_PACKETS)
        self.deviation += weight * (min(abs(value), limit) * _MEAN_TO_DEVIATION - self.deviation)


@dataclass(slots=True)
class _Smoothed:
    """The excess of the last packets over what was expected, averaged over some time.

    Attributes:
        settled_ratio: how much of a lasting excess shows within half a second.
    """

    over_s: float
    value: float = 0.0
    noise: _Noise = field(default_factory=_Noise)

    @property
    def settled_ratio(self) -> float:
        return _share(_WITHIN_S, self.over_s)

    def step(self, excess: float, dt_s: float) -> None:
        self.value += _share(dt_s, self.over_s) * (excess - self.value)


class PacketSizes:
    """Learns one stream's packet sizes and says which stand out; pure, used on one thread.

    Attributes:
        keyframe_bytes: the usual size of a keyframe; 0 before the first.
        cost_ratio: what things that move cost on top, for the part of the picture that they cover, as a
            multiple of what that part of a keyframe costs.
    """

    def __init__(self) -> None:
        self.keyframe_bytes = 0.0
        self.cost_ratio = _ASSUMED_COST
        self._costs_seen = _ASSUMED_WEIGHT
        self._last_s: float | None = None
        self._place = 0
        self._means: list[float] = []
        self._learnt: list[int] = []
        self._level = 0.0
        self._noise = _Noise()
        self._smoothed = tuple(_Smoothed(over_s) for over_s in _SMOOTH_S)
        self._factor = _FIRST_FACTOR
        self._alarm_s = -math.inf
        self._stood_out_s = -math.inf
        self._recent: deque[tuple[float, float]] = deque(maxlen=_REMEMBERED)

    @property
    def smallest_ratio(self) -> float:
        """The part of the picture that something must cover to stand out within half a second.

        Infinite before anything was learnt, and where nothing that moves shows.
        """
        if not self.keyframe_bytes or not self.cost_ratio or self._noise.seen < _ENOUGH_PACKETS:
            return math.inf
        limit = min(self._limit(smoothed.noise) / smoothed.settled_ratio for smoothed in self._smoothed)
        return limit / (self.cost_ratio * self.keyframe_bytes)

    def step(self, at_s: float, size_bytes: int, is_keyframe: bool, learn: bool) -> bool:
        """Take in the next packet and return whether its size stands out.

        Args:
            at_s: its media time.
            size_bytes: of the packet.
            is_keyframe: a GOP begins.
            learn: nothing is known to move at the moment.
        """
        dt_s = _MOST_STEP_S if self._last_s is None else at_s - self._last_s
        dt_s, self._last_s = min(max(dt_s, _LEAST_STEP_S), _MOST_STEP_S), at_s
        if is_keyframe:
            self._place = 0
            self._learn_keyframe(size_bytes)
            return False
        self._place = min(self._place + 1, POSITIONS)
        excess = size_bytes - self._expected(size_bytes)
        for smoothed in self._smoothed:
            smoothed.step(excess, dt_s)
        self._recent.append((at_s, self._smoothed[0].value))
        stands_out = any(one.value > self._limit(one.noise) for one in self._smoothed)
        if stands_out:
            self._stood_out_s = at_s
        if learn:
            self._learn(excess, dt_s, is_upset=0 <= at_s - self._stood_out_s < _UPSET_S)
        return stands_out

    def false_alarm(self, at_s: float) -> None:
        """Note that something stood out at that media time and nothing moved."""
        if not 0 <= at_s - self._alarm_s < _BURST_S:
            self._factor = min(self._factor * _ALARM_STEP, _MOST_FACTOR)
        self._alarm_s = at_s
        for smoothed in self._smoothed:
            smoothed.value = 0.0

    def moved(self, at_s: float, ratio: float) -> None:
        """Learn what it costs that something moves.

        Args:
            at_s: media time of one of the last packets.
            ratio: the part of the picture that was seen to move then, above 0 to 1.
        """
        low, high = _TELLING_RATIOS
        excess = next((excess for seconds, excess in reversed(self._recent) if seconds == at_s), None)
        if excess is None or not self.keyframe_bytes or not low <= ratio <= high:
            return
        self._costs_seen += 1
        cost = min(max(excess / (ratio * self.keyframe_bytes), 0.0), _MOST_COST)
        self.cost_ratio += max(1 / self._costs_seen, _COST_WEIGHT) * (cost - self.cost_ratio)

    def _expected(self, size_bytes: int) -> float:
        index = self._place - 1
        while len(self._means) <= index:
            self._means.append(self._means[-1] if self._means else float(size_bytes))
            self._learnt.append(0)
        return self._means[index] + self._level

    def _limit(self, noise: _Noise) -> float:
        return max(self._factor * noise.deviation, _FLOOR_RATIO * self.keyframe_bytes, _FLOOR_BYTES)

    def _learn(self, excess: float, dt_s: float, is_upset: bool) -> None:
        index = self._place - 1
        limit = _CLIP * self._noise.deviation if self._noise.seen > _FEW else math.inf
        clipped = min(max(excess, -limit), limit)
        self._learnt[index] += 1
        self._means[index] += max(1.0 / self._learnt[index], _PLACE_WEIGHT) * clipped
        self._level += _share(dt_s, _LEVEL_S) * clipped
        self._noise.learn(excess, is_upset)
        for smoothed in self._smoothed:
            smoothed.noise.learn(smoothed.value, is_upset)
        if not is_upset:
            self._factor += (_LEAST_FACTOR - self._factor) * dt_s / _CALM_S

    def _learn_keyframe(self, size_bytes: int) -> None:
        weight = _KEYFRAME_WEIGHT if self.keyframe_bytes else 1.0
        self.keyframe_bytes += weight * (size_bytes - self.keyframe_bytes)


def _share(dt_s: float, time_constant_s: float) -> float:
    return 1.0 - math.exp(-dt_s / time_constant_s)
