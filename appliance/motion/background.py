"""What a camera sees when nothing happens: two learnt pictures, a fast and a slow one, in luma.

Running averages with an update that depends on what a pixel belongs to (the idea of C. Stauffer and
W. Grimson, Adaptive background mixture models, 1999, with a mixture of two: a fixed camera's pixel rarely has
more).
"""

import math

import cv2
import numpy as np
import numpy.typing as npt
from cv2.typing import MatLike

from appliance.motion.settings import Settings
from appliance.motion.tone import overall_gain, tone_curve

Luma = MatLike
"""uint8, shape (height, width)."""
Mask = MatLike
"""uint8, shape (height, width), 0 or 255."""
Average = MatLike
"""float32, shape (height, width), 0 to 255."""
Curve = npt.NDArray[np.float32]
"""float32, shape (256,): a gain for each level."""

_AROUND = np.ones((3, 3), np.uint8)
_NOISE_S = 4.0
_SETTLE_S = 0.15
_UNCOVERED_S = 0.5
_SAMPLE_STEP = 5
_STILL_GAIN = 0.002
_UNCHANGED: Curve = np.ones(256, np.float32)
_DOUBT_LEVELS = 150.0
_DOUBT_S = 2.0


class Background:
    """The two averages, each pixel's usual noise, and where it flickers; one size of picture.

    Args:
        luma: the first picture, uint8, shape (height, width).
        settings: time constants and thresholds.

    Attributes:
        doubt_levels: by how much a difference must be larger for the moment: while the exposure changes, the
            curve that follows it is wrong by some levels here and there.
    """

    def __init__(self, luma: Luma, settings: Settings) -> None:
        self._settings = settings
        self._noise: Average = np.zeros(luma.shape, np.float32)
        self.doubt_levels = 0.0
        self._flicker: Average = np.zeros(luma.shape, np.float32)
        self._was_different: Mask = np.zeros(luma.shape, np.uint8)
        self.forget(luma)

    def forget(self, luma: Luma) -> None:
        """Begin anew with this picture; noise and flicker stay known."""
        self._fast: Average = luma.astype(np.float32)
        self._slow: Average = self._fast.copy()

    def follow_exposure(self, luma: Luma, dt_s: float) -> Curve:
        """Bring the averages to the picture's exposure and return the gain for each level that this took."""
        now = luma[::_SAMPLE_STEP, ::_SAMPLE_STEP].astype(np.float32)
        then = self._fast[::_SAMPLE_STEP, ::_SAMPLE_STEP].astype(np.float32)
        gain = overall_gain(then, now)
        doubt = _DOUBT_LEVELS * abs(gain - 1.0)
        self.doubt_levels = max(doubt, self.doubt_levels * math.exp(-dt_s / _DOUBT_S))
        if abs(gain - 1.0) <= _STILL_GAIN:
            return _UNCHANGED
        curve = tone_curve(then, now, gain)
        self._fast = cv2.multiply(self._fast, cv2.LUT(cv2.convertScaleAbs(self._fast), curve))
        self._slow = cv2.multiply(self._slow, cv2.LUT(cv2.convertScaleAbs(self._slow), curve))
        return curve

    def difference(self, luma: Luma) -> Mask:
        """Return 255 where the picture differs from both averages by more than noise."""
        to_fast = _outside(luma, self._fast)
        to_slow = _outside(luma, self._slow)
        apart = cv2.min(to_fast, to_slow)
        usual = cv2.convertScaleAbs(self._noise, alpha=self._settings.noise_factor)
        limit = cv2.max(usual, np.full_like(usual, self._settings.threshold_levels + self.doubt_levels))
        different = cv2.compare(apart, limit, cv2.CMP_GT)
        self._to_fast = to_fast
        self._unlike_slow = cv2.compare(to_slow, limit, cv2.CMP_GT)
        self._uncovered = cv2.compare(cv2.subtract(to_fast, to_slow), limit, cv2.CMP_GT)
        return different

    def steady(self, different: Mask, dt_s: float) -> Mask:
        """Return the difference without the pixels that come and go all the time."""
        flips = cv2.bitwise_xor(different, self._was_different)
        self._was_different = different
        cv2.accumulateWeighted(flips, self._flicker, _weight(dt_s, self._settings.flicker_s))
        return cv2.bitwise_and(different, where(self._flicker <= 255.0 * self._settings.flicker_ratio))

    def learn(self, luma: Luma, different: Mask, moving: Mask, dt_s: float) -> None:
        """Follow the picture where nothing is and where something came to rest; under motion hardly."""
        s = self._settings
        still = cv2.bitwise_not(moving)
        empty = cv2.subtract(still, different)
        follow(self._fast, luma, empty, dt_s, s.daylight_s)
        follow(self._fast, luma, cv2.bitwise_and(different, still), dt_s, s.absorb_s)
        follow(self._fast, luma, moving, dt_s, s.moving_absorb_s)
        # Somebody who stood here has left: what was before is remembered, and the next one must stand out.
        follow(self._fast, luma, cv2.bitwise_and(self._uncovered, empty), dt_s, _UNCOVERED_S)
        follow(self._slow, luma, cv2.subtract(still, self._unlike_slow), dt_s, s.memory_s)
        follow(self._slow, luma, cv2.bitwise_and(still, self._unlike_slow), dt_s, s.memory_absorb_s)
        follow(self._noise, self._to_fast, empty, dt_s, _NOISE_S)

    def settle(self, luma: Luma, dt_s: float) -> None:
        """Follow the picture at once, everywhere; nothing is left to doubt then."""
        self.doubt_levels = 0.0
        for average in (self._fast, self._slow):
            cv2.accumulateWeighted(luma, average, _weight(dt_s, _SETTLE_S))


def follow(average: Average, luma: Luma, mask: Mask, dt_s: float, time_constant_s: float) -> None:
    """Lead an average towards the picture where the mask is set."""
    cv2.accumulateWeighted(luma, average, _weight(dt_s, time_constant_s), mask)


def where(condition: npt.NDArray[np.bool_]) -> Mask:
    """Return 255 where the condition holds."""
    return condition.view(np.uint8) * np.uint8(255)


def _outside(luma: Luma, average: Average) -> Luma:
    """Return how far a pixel lies outside the range of the background's pixels around it.

    Comparing with the neighbourhood forgives edges a shift of one pixel: wind, a drifting mount.
    """
    expected = cv2.convertScaleAbs(average)
    above = cv2.subtract(luma, cv2.dilate(expected, _AROUND))
    below = cv2.subtract(cv2.erode(expected, _AROUND), luma)
    return cv2.max(above, below)


def _weight(dt_s: float, time_constant_s: float) -> float:
    return 1.0 - math.exp(-dt_s / time_constant_s)
