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
    apart into four filters of two states, run here side by side. Noise grows with the true time between
    frames (continuous white-noise acceleration, Bar-Shalom et al., 2001, §6.2), since frames come at 5 a
    second or at one.

    Args:
        box: xyxy in unit coordinates.
    """

    def __init__(self, box: Four) -> None:
        self.place = _to_middle(box)
        self.speed = np.zeros(4)
        self._place_var = self._scaled(MEASURED_RATIO)
        self._cross_var = np.zeros(4)
        self._speed_var = self._scaled(SPEED_RATIO)

    @property
    def box(self) -> Four:
        """The box where it is believed to be, xyxy in unit coordinates; float64, shape (4,)."""
        middle, half = self.place[:2], np.maximum(self.place[2:], SMALLEST) / 2
        return np.concatenate([middle - half, middle + half])

    def predict(self, seconds: float) -> None:
        """Move on by that long, which must not be negative."""
        density = self._scaled(ACCELERATION_RATIO)
        self.place = self.place + self.speed * seconds
        self._place_var = (
            self._place_var
            + 2 * seconds * self._cross_var
            + seconds**2 * self._speed_var
            + density * seconds**3 / 3
        )
        self._cross_var = self._cross_var + seconds * self._speed_var + density * seconds**2 / 2
        self._speed_var = self._speed_var + density * seconds

    def update(self, box: Four) -> None:
        """Take in a box that the detector found for it, xyxy in unit coordinates."""
        surprise = _to_middle(box) - self.place
        total = self._place_var + self._scaled(MEASURED_RATIO)
        place_gain, speed_gain = self._place_var / total, self._cross_var / total
        self.place = self.place + place_gain * surprise
        self.speed = self.speed + speed_gain * surprise
        self._speed_var = self._speed_var - speed_gain * self._cross_var
        self._place_var = self._place_var * (1 - place_gain)
        self._cross_var = self._cross_var * (1 - place_gain)

    def halt(self) -> None:
        """Let it stand where it is believed to be: its speed is no longer worth following."""
        self.speed = np.zeros(4)

    def _scaled(self, ratio: float) -> Four:
        """Return the variances that ``ratio`` of the box's own lengths make."""
        spread = ratio * np.maximum(self.place[2:], SMALLEST)
        variances: Four = np.concatenate([spread, spread]) ** 2
        return variances


def _to_middle(box: Four) -> Four:
    return np.concatenate([(box[:2] + box[2:]) / 2, box[2:] - box[:2]])
