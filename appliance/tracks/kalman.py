"""A Kalman filter for one box: where it is, how large, and how both change."""

from collections.abc import Sequence

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
    apart into four filters of two states, run here side by side. Noise grows with the true time between
    frames (continuous white-noise acceleration, Bar-Shalom et al., 2001, §6.2), since frames come at 5 a
    second or at one.

    Each is plain floats: of four numbers numpy's calls cost ten times what Python's own cost.

    Args:
        box: xyxy in unit coordinates.
    """

    def __init__(self, box: Four) -> None:
        places = _to_middle(box)
        width, height = _sides(places)
        self._filters = tuple(
            _Filter(place, (MEASURED_RATIO * side) ** 2, (SPEED_RATIO * side) ** 2)
            for place, side in zip(places, (width, height, width, height), strict=True)
        )

    @property
    def place(self) -> Four:
        """Middle x, middle y, width and height where it is believed to be; float64, shape (4,)."""
        return np.array([one.place for one in self._filters])

    @property
    def speed(self) -> Four:
        """How fast each of these changes, in units of the picture in a second; float64, shape (4,)."""
        return np.array([one.speed for one in self._filters])

    @property
    def drift(self) -> tuple[float, float]:
        """How fast its middle moves in x and y, in units of the picture in a second."""
        return self._filters[0].speed, self._filters[1].speed

    @property
    def box(self) -> Four:
        """The box where it is believed to be, xyxy in unit coordinates; float64, shape (4,)."""
        return np.array(self.corners)

    @property
    def corners(self) -> tuple[float, float, float, float]:
        """The same in plain floats."""
        x, y, width, height = (one.place for one in self._filters)
        half_x, half_y = max(width, SMALLEST) / 2, max(height, SMALLEST) / 2
        return x - half_x, y - half_y, x + half_x, y + half_y

    def predict(self, seconds: float) -> None:
        """Move on by that long, which must not be negative."""
        for one, spread in zip(self._filters, self._variances(ACCELERATION_RATIO), strict=True):
            one.predict(seconds, spread)

    def update(self, box: Four) -> None:
        """Take in a box that the detector found for it, xyxy in unit coordinates."""
        noises = self._variances(MEASURED_RATIO)
        for one, place, noise in zip(self._filters, _to_middle(box), noises, strict=True):
            one.update(place, noise)

    def halt(self) -> None:
        """Let it stand where it is believed to be: its speed is no longer worth following."""
        for one in self._filters:
            one.speed = 0.0

    def _variances(self, ratio: float) -> tuple[float, float, float, float]:
        """Return the variances that ``ratio`` of the box's own lengths make."""
        width, height = _sides([one.place for one in self._filters])
        in_x, in_y = (ratio * width) ** 2, (ratio * height) ** 2
        return in_x, in_y, in_x, in_y


class _Filter:
    """One number with its speed, and the variances and covariance of both."""

    __slots__ = ("_cross_var", "_place_var", "_speed_var", "place", "speed")

    def __init__(self, place: float, place_var: float, speed_var: float) -> None:
        self.place = place
        self.speed = 0.0
        self._place_var = place_var
        self._cross_var = 0.0
        self._speed_var = speed_var

    def predict(self, seconds: float, density: float) -> None:
        self.place += self.speed * seconds
        self._place_var += (
            2 * seconds * self._cross_var + seconds**2 * self._speed_var + density * seconds**3 / 3
        )
        self._cross_var += seconds * self._speed_var + density * seconds**2 / 2
        self._speed_var += density * seconds

    def update(self, place: float, noise: float) -> None:
        surprise, total = place - self.place, self._place_var + noise
        place_gain, speed_gain = self._place_var / total, self._cross_var / total
        self.place += place_gain * surprise
        self.speed += speed_gain * surprise
        self._speed_var -= speed_gain * self._cross_var
        self._place_var *= 1 - place_gain
        self._cross_var *= 1 - place_gain


def _sides(places: Sequence[float]) -> tuple[float, float]:
    return max(places[2], SMALLEST), max(places[3], SMALLEST)


def _to_middle(box: Four) -> list[float]:
    left, top, right, bottom = box.tolist()
    return [(left + right) / 2, (top + bottom) / 2, right - left, bottom - top]
