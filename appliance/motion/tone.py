"""How a camera's automatic exposure has changed the picture: a curve from old levels to new ones."""

import numpy as np
import numpy.typing as npt

_CENTRES = np.array([32.0, 96.0, 160.0, 224.0])
_ENOUGH_RATIO = 0.005
_MARGIN = 0.02
_DARK_LEVELS = 4.0


def overall_gain(then: npt.NDArray[np.float32], now: npt.NDArray[np.float32]) -> float:
    """Return by how much the picture has become brighter: the median of the pixels' ratios.

    What moves may cover almost half of the picture before it shows in the median.

    Args:
        then: float32, any shape, 0 to 255: samples of the background.
        now: the same pixels now.
    """
    return float(np.median((now + _DARK_LEVELS) / (then + _DARK_LEVELS)))


def tone_curve(
    then: npt.NDArray[np.float32], now: npt.NDArray[np.float32], gain: float
) -> npt.NDArray[np.float32]:
    """Return the gain for each level: float32, shape (256,), to look up.

    Cameras compress highlights: a road may go to 0.6 of its level while the white line on it goes to 0.85.
    So the gain is measured in four ranges of level and interpolated. A range's gain always lies between 1 and
    the whole picture's: while the exposure stands still, nothing that covers a range can be taken for a
    change of exposure. A range with few pixels gets the gain that a power law gives it.

    Args:
        then: float32, any shape, 0 to 255: samples of the background.
        now: the same pixels now.
        gain: the whole picture's.
    """
    ratios = (now + _DARK_LEVELS) / (then + _DARK_LEVELS)
    middle = np.clip((np.median(then) + _DARK_LEVELS) / 255.0, 0.02, 0.98)
    exponent = 1.0 + np.log(max(gain, 0.05)) / np.log(middle)
    levels, gains = _CENTRES.copy(), (_CENTRES / 255.0) ** (exponent - 1.0)
    ranges = np.minimum(then / 64.0, 3.0).astype(np.int32)
    for i in range(len(levels)):
        inside = ranges == i
        if np.count_nonzero(inside) >= _ENOUGH_RATIO * then.size:
            levels[i], gains[i] = np.median(then[inside]), np.median(ratios[inside])
    low, high = sorted((1.0, gain))
    gains = np.clip(gains, low - _MARGIN, high + _MARGIN)
    curve: npt.NDArray[np.float32] = np.interp(np.arange(256), levels, gains).astype(np.float32)
    return curve
