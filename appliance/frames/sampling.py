"""Which of a stream's pictures are looked at."""

_RESTART_S = 5.0
_ROUNDING_S = 1e-6
_FOLLOW_RATIO = 0.1


class Sampler:
    """Thins a stream out to a rate by media time; pure.

    Pictures are taken on a grid, each slot by the picture nearest to it, so that 12.5 pictures a second
    become 5 evenly. A stream that is not much faster than the rate passes whole.

    Args:
        fps: pictures a second to take; above 0.
        all_below_ratio: see ``Settings``.
        stream_fps: as the stream announces it, or ``None``; what comes decides in the long run.
    """

    def __init__(self, fps: float, all_below_ratio: float = 1.25, stream_fps: float | None = None) -> None:
        if fps <= 0:
            raise ValueError(f"a rate above 0 is expected, not {fps}")
        self._period_s = 1.0 / fps
        self._whole_s = self._period_s / all_below_ratio - _ROUNDING_S
        self._usual_s = 1.0 / stream_fps if stream_fps else None
        self._previous_s: float | None = None
        self._due_s = 0.0

    def take(self, seconds: float) -> bool:
        """Return whether the picture shown at that media time is taken; call it in order of presentation."""
        previous, self._previous_s = self._previous_s, seconds
        if previous is None or not 0 <= seconds - previous <= _RESTART_S:
            self._due_s = seconds + self._period_s
            return True
        usual = self._usual(seconds - previous)
        if usual < self._whole_s and seconds < self._due_s - usual / 2 - _ROUNDING_S:
            return False
        self._due_s = max(self._due_s + self._period_s, seconds + self._period_s / 2)
        return True

    def _usual(self, step_s: float) -> float:
        """Return the usual distance of pictures, after one more: stamps jitter, and pictures get lost."""
        usual = step_s if self._usual_s is None else self._usual_s
        self._usual_s = usual + _FOLLOW_RATIO * (min(step_s, 2 * usual) - usual)
        return self._usual_s
