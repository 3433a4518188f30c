"""A Kalman filter for one box: where it is, how large, and how both change."""

import numpy as np
import numpy.typing as npt

Four = npt.NDArray[np.float64]

MEASURED_RATIO = 0.06
"""Standard deviation of a detector's box side and middle, in lengths of the box."""
SPEED_RATIO = 1.5
"""Standard deviation of the speed of an object seen once, in its own lengths in a second."""
ACCELERATION_RATIO = 1.2
"""How fast speeds change, in lengths of the box for each second to the power 1.5: somebody 1.7 m tall
stops or sets out within a second."""
SMALLEST = 1e-3
"""A side is never taken for less than this part of the picture."""


class BoxFilter:
    """Follows the middle and the sides of a box with a constant speed for each.

    Middle x, middle y, width and height do not influence each other in SORT's model (A. Bewley et al.,
    2016; with width and height as in N. Aharon et al., BoT-SORT, 2022), so that its 8 by 8 matrices fall
    apart into four filters of two states. Noise grows with the true time between frames (continuous
    white-noise acceleration, Bar-Shalom et al., 2001, §6.2), since frames come at 5 a second or at one.

    All is plain floats: of four numbers numpy's calls cost ten times what Python's own cost.

    Args:
        box: xyxy in unit coordinates.
    """

    def __init__(self, box: Four) -> None:
        left, top, right, bottom = box.tolist()
        self._x, self._y = _Axis(left, right), _Axis(top, bottom)

    @property
    def drift(self) -> tuple[float, float]:
        """How fast its middle moves in x and y, in units of the picture in a second."""
        return self._x.drift, self._y.drift

    @property
    def box(self) -> Four:
        """The box where it is believed to be, xyxy in unit coordinates; float64, shape (4,)."""
        return np.array(self.corners)

    @property
    def corners(self) -> tuple[float, float, float, float]:
        """The same in plain floats."""
        x, y = self._x, self._y
        half_x, half_y = max(x.side, SMALLEST) / 2, max(y.side, SMALLEST) / 2
        return x.middle - half_x, y.middle - half_y, x.middle + half_x, y.middle + half_y

    def predict(self, seconds: float) -> None:
        """Move on by that long, which must not be negative."""
        self._x.predict(seconds)
        self._y.predict(seconds)

    def update(self, box: Four) -> None:
        """Take in a box that the detector found for it, xyxy in unit coordinates."""
        left, top, right, bottom = box.tolist()
        self._x.update(left, right)
        self._y.update(top, bottom)

    def halt(self) -> None:
        """Let it stand where it is believed to be: its speed is no longer worth following."""
        self._x.halt()
        self._y.halt()


class _Axis:
    """The two filters along one axis: of the box's middle, and of its side.

    Both begin with the same variances, and get the same noise at the same times: the variances of one are
    those of the other for ever, and are kept once.

    Attributes:
        middle: where the middle is,
        drift: and how fast it moves.
        side: how long the side is,
        growth: and how fast it grows.
    """

    __slots__ = ("_cross_var", "_place_var", "_speed_var", "drift", "growth", "middle", "side")

    def __init__(self, low: float, high: float) -> None:
        self.middle, self.drift = (low + high) / 2, 0.0
        self.side, self.growth = high - low, 0.0
        self._place_var = self._variance(MEASURED_RATIO)
        self._cross_var = 0.0
        self._speed_var = self._variance(SPEED_RATIO)

    def predict(self, seconds: float) -> None:
        density, cross_var, speed_var = self._variance(ACCELERATION_RATIO), self._cross_var, self._speed_var
        self.middle += self.drift * seconds
        self.side += self.growth * seconds
        self._place_var += 2 * seconds * cross_var + seconds**2 * speed_var + density * seconds**3 / 3
        self._cross_var += seconds * speed_var + density * seconds**2 / 2
        self._speed_var += density * seconds

    def update(self, low: float, high: float) -> None:
        total = self._place_var + self._variance(MEASURED_RATIO)
        place_gain, speed_gain = self._place_var / total, self._cross_var / total
        surprise = (low + high) / 2 - self.middle
        self.middle += place_gain * surprise
        self.drift += speed_gain * surprise
        surprise = high - low - self.side
        self.side += place_gain * surprise
        self.growth += speed_gain * surprise
        self._speed_var -= speed_gain * self._cross_var
        self._place_var *= 1 - place_gain
        self._cross_var *= 1 - place_gain

    def halt(self) -> None:
        self.drift = self.growth = 0.0

    def _variance(self, ratio: float) -> float:
        """Return the variance of something whose standard deviation is ``ratio`` of the side."""
        return (ratio * max(self.side, SMALLEST)) ** 2
