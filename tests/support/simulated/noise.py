"""How a detector errs, as it was measured on real clips, and boxes that err like that.

The figures come from ``python -m tests.support.simulated.fit`` on the shared clips and models (YOLOX-Nano and
YOLO11n, score 0.3 and above, six looks a second), where the worse of the two models counts:

* people (one-by-one-person, 1044 looks): missed 0.4 % after a box; called something else 3 of 1041. Moving
  (50 looks, whole in the picture): foot 0.046 of the width and 0.015 of the height, width 0.061, height 0.019
  of themselves. Standing (297 looks): a tenth of that.
* vehicles (car-detection, from nearly above, 142 looks): missed 13 % after a box and 39 % after none; called
  something else 104 of 120. Foot 0.008 of the width and 0.014 of the height, width 0.010, height 0.011 (19
  looks whole in the picture).
"""

import random
from dataclasses import dataclass

from appliance.domain.track import Box


@dataclass(frozen=True, slots=True)
class NoiseModel:
    """How often objects are missed, and how far their boxes are off.

    Attributes:
        missed_after_hit: the chance that an object with a box has none in the next look.
        missed_after_miss: the chance that one without a box has none in the next look either.
        wrong_label: the chance of another label.
        labels: what it may then be.
        foot_x: standard deviation of the foot point across, in widths of the box.
        foot_y: the same up and down, in heights.
        width: of the width, in itself.
        height: of the height, in itself.
    """

    missed_after_hit: float
    missed_after_miss: float
    wrong_label: float
    labels: tuple[str, ...]
    foot_x: float
    foot_y: float
    width: float
    height: float


PEOPLE = NoiseModel(0.004, 0.004, 3 / 1041, ("dog", "car"), 0.046, 0.015, 0.061, 0.019)
VEHICLES = NoiseModel(
    *(0.130, 0.385, 104 / 120, ("bus", "truck", "person", "motorcycle")),
    *(0.008, 0.014, 0.010, 0.011),
)


class Detector:
    """Finds one object with the errors of a model, look by look.

    Args:
        label: its right name.
        dice: chance.
    """

    def __init__(self, noise: NoiseModel, label: str, dice: random.Random) -> None:
        self._noise = noise
        self._label = label
        self._dice = dice
        self._is_missed = False

    def look(self, box: Box) -> tuple[str, float, Box] | None:
        """Return label, score and box in unit coordinates; ``None`` where the object was missed.

        The box is cut off at the picture's edge, as a detector's is.
        """
        noise, dice = self._noise, self._dice
        chance = noise.missed_after_miss if self._is_missed else noise.missed_after_hit
        self._is_missed = dice.random() < chance
        if self._is_missed:
            return None
        left, top, right, bottom = box
        width, height = right - left, bottom - top
        x = (left + right) / 2 + dice.gauss(0, noise.foot_x) * width
        y = bottom + dice.gauss(0, noise.foot_y) * height
        half = width * (1 + dice.gauss(0, noise.width)) / 2
        tall = height * (1 + dice.gauss(0, noise.height))
        seen = tuple(min(1.0, max(0.0, side)) for side in (x - half, y - tall, x + half, y))
        label = dice.choice(noise.labels) if dice.random() < noise.wrong_label else self._label
        return label, dice.uniform(0.35, 0.95), (seen[0], seen[1], seen[2], seen[3])
