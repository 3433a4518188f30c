"""Following a camera's exposure."""

import numpy as np
import pytest

from appliance.motion.tone import overall_gain, tone_curve

SCENE = np.concatenate([np.full(900, 110.0), np.full(60, 40.0), np.full(40, 230.0)]).astype(np.float32)


@pytest.mark.parametrize("gain", [0.5, 0.9, 1.0, 1.1, 2.0])
def test_the_gain_is_that_of_most_pixels(gain: float) -> None:
    """Something that covers a third of the picture does not count."""
    now = (SCENE * gain).astype(np.float32)
    now[:330] = 255.0
    assert overall_gain(SCENE, now) == pytest.approx(gain, rel=0.04)


def test_highlights_that_dim_less_are_followed() -> None:
    """A road went from 110 to 66, the line on it from 230 to 195."""
    now = np.where(SCENE > 200, 195.0, SCENE * 0.6).astype(np.float32)
    curve = tone_curve(SCENE, now, overall_gain(SCENE, now))
    assert curve[110] * 110 == pytest.approx(66, abs=4)
    assert curve[230] * 230 == pytest.approx(195, abs=8)


def test_while_the_exposure_stands_still_nothing_is_compensated_away() -> None:
    """Somebody before the only bright thing in the picture is not taken for a darker highlight."""
    now = np.where(SCENE > 200, 60.0, SCENE).astype(np.float32)
    curve = tone_curve(SCENE, now, overall_gain(SCENE, now))
    assert np.abs(curve - 1.0).max() <= 0.03


def test_a_range_without_pixels_gets_a_gain_between() -> None:
    """Nothing bright was there before; the curve is still defined, and lies between none and all."""
    dark = np.full(1000, 60.0, np.float32)
    curve = tone_curve(dark, dark * np.float32(0.7), 0.7)
    assert curve.shape == (256,)
    assert curve.min() >= 0.67
    assert curve.max() <= 1.03
    assert curve[250] > curve[60]
