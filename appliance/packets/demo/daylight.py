"""The light of the street by time: noon at 0, night in the middle of a cycle of ten minutes.

Nothing switches: lamps and windows fade over a minute or more, as slowly as the sky. A background model that
follows daylight must be able to follow them, since a lit window is no visitor.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

CYCLE_S = 600.0
"""From noon to noon, seconds."""

Colour = npt.NDArray[np.float32]
"""float32, shape (3,): blue, green, red, 0 to 255."""


@dataclass(frozen=True, slots=True)
class Daylight:
    """How the street is lit at one instant.

    Attributes:
        ambient: light from the sky on everything; 255 shows a thing in its own colour.
        zenith: the sky's colour at the top of the picture.
        middle: the sky's colour half way down.
        skyline: the sky's colour behind the roofs.
        lamps: brightness of the street lamps, 0 to 1.
        stars: visibility of stars and moon, 0 to 1.
        windows: how bright the windows of three kinds of household are, 0 to 1: early, usual, late to bed.
        sun: strength of direct light, 0 to 1.
    """

    ambient: Colour
    zenith: Colour
    middle: Colour
    skyline: Colour
    lamps: float
    stars: float
    windows: tuple[float, float, float]
    sun: float


# fmt: off
_KEYS = np.array([
    # part  ambient        zenith         middle         skyline        lamps stars windows        sun
    [0.00, 255, 252, 246,  92, 150, 208, 148, 190, 226, 214, 230, 238, 0.00, 0.0, 0.0, 0.0, 0.0, 1.0],
    [0.10, 255, 250, 240,  94, 148, 206, 154, 190, 222, 222, 230, 230, 0.00, 0.0, 0.0, 0.0, 0.0, 1.0],
    [0.19, 232, 208, 180,  86, 118, 178, 178, 166, 178, 244, 202, 156, 0.10, 0.0, 0.1, 0.0, 0.0, 0.6],
    [0.26, 164, 140, 146,  58,  72, 128, 150, 112, 140, 246, 158, 108, 0.45, 0.0, 0.5, 0.2, 0.0, 0.1],
    [0.33, 100,  98, 128,  28,  38,  80,  70,  64, 106, 158,  98, 104, 0.85, 0.3, 1.0, 0.7, 0.3, 0.0],
    [0.40,  70,  78, 110,  12,  18,  44,  26,  34,  68,  60,  58,  88, 1.00, 0.9, 1.0, 1.0, 0.8, 0.0],
    [0.50,  64,  72, 104,   9,  14,  36,  20,  28,  58,  44,  50,  80, 1.00, 1.0, 0.9, 1.0, 1.0, 0.0],
    [0.62,  66,  74, 106,  10,  16,  40,  22,  30,  62,  50,  54,  86, 1.00, 1.0, 0.4, 1.0, 0.7, 0.0],
    [0.70,  96,  98, 126,  30,  44,  88,  76,  82, 124, 142, 118, 134, 0.85, 0.3, 0.3, 0.7, 0.2, 0.0],
    [0.77, 160, 146, 152,  70,  96, 152, 152, 142, 168, 240, 180, 160, 0.45, 0.0, 0.3, 0.3, 0.0, 0.1],
    [0.84, 226, 212, 202,  90, 132, 190, 164, 182, 206, 244, 214, 190, 0.10, 0.0, 0.1, 0.0, 0.0, 0.6],
    [0.92, 252, 248, 240,  92, 148, 206, 150, 190, 224, 216, 230, 236, 0.00, 0.0, 0.0, 0.0, 0.0, 1.0],
    [1.00, 255, 252, 246,  92, 150, 208, 148, 190, 226, 214, 230, 238, 0.00, 0.0, 0.0, 0.0, 0.0, 1.0],
])
# fmt: on


def daylight_at(t_s: float) -> Daylight:
    """Return the light at that second of the scene."""
    part = (t_s / CYCLE_S) % 1.0
    values = [float(np.interp(part, _KEYS[:, 0], _KEYS[:, column])) for column in range(1, _KEYS.shape[1])]
    ambient, zenith, middle, skyline = (
        np.array(values[first : first + 3][::-1], np.float32) for first in (0, 3, 6, 9)
    )
    lamps, stars, early, usual, late, sun = values[12:]
    return Daylight(ambient, zenith, middle, skyline, lamps, stars, (early, usual, late), sun)
