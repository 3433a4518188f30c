"""How regularly keyframes come: whether a stream can be looked at by its keyframes alone."""

import statistics
from collections import deque

_REMEMBERED = 16
_ENOUGH = 4
_IRREGULAR = 1.5
_ROUNDING_S = 0.05


class KeyframeRhythm:
    """Measures the distance of keyframes in media time; pure."""

    def __init__(self) -> None:
        self._last_s: float | None = None
        self._gaps_s: deque[float] = deque(maxlen=_REMEMBERED)
        self._only_keyframes = True

    @property
    def gop_s(self) -> float | None:
        """Seconds from one keyframe to the next, the median of the last ones; ``None`` before the second."""
        return statistics.median(self._gaps_s) if self._gaps_s else None

    @property
    def longest_s(self) -> float:
        """The longest of the last distances; 0 before the second keyframe."""
        return max(self._gaps_s, default=0.0)

    @property
    def is_known(self) -> bool:
        """Whether enough keyframes were seen to rely on the figures."""
        return len(self._gaps_s) >= _ENOUGH

    @property
    def is_intra_only(self) -> bool:
        """Whether every picture was a keyframe so far."""
        return self._only_keyframes and self.is_known

    @property
    def is_irregular(self) -> bool:
        """Whether some distances are longer by half and more: a "smart" codec leaves keyframes out.

        A keyframe that comes early does no harm; cameras send one to whoever connects.
        """
        usual_s = self.gop_s
        if not self.is_known or usual_s is None:
            return False
        return self.longest_s > _IRREGULAR * usual_s + _ROUNDING_S

    def step(self, at_s: float, is_keyframe: bool) -> None:
        """Take in the next packet."""
        if not is_keyframe:
            self._only_keyframes = False
            return
        if self._last_s is not None and at_s > self._last_s:
            self._gaps_s.append(at_s - self._last_s)
        self._last_s = at_s

    def waited_s(self, at_s: float) -> float:
        """Return how long the last keyframe lies back; 0 before the first."""
        return 0.0 if self._last_s is None else at_s - self._last_s
