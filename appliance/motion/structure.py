"""A picture's structure, whatever its light: how fine and how strong it is where, and where edges lie."""

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt
from cv2.typing import MatLike

Plane = npt.NDArray[np.float32]

_FINE_PX = 320
_EDGES_PX = (80, 45)
_CELLS = (16, 9)
_AROUND_PX = (15, 9)
_LIGHT_PX = (7, 7)
"""What is wider than that is taken for light: a lamp's, or that of the camera's own."""
_DOUBT_LEVELS = 2.0
_MOST_EDGE = 4.0
_SHIFT_PX = (4, 2)
_FLATTEST = 7
"""Of 144 parts, that many are flatter than the one whose unrest is taken for the camera's noise."""


@dataclass(frozen=True, slots=True)
class Structure:
    """The structure of one picture, or of many on the average.

    Attributes:
        fine: float32, shape (9, 16): the second derivative's root mean square in each part, in levels, of the
            picture at a width of 320, without the noise. An edge that is spread over more pixels has less.
        strong: float32, shape (9, 16): the gradient's, at a width of 80: what a blurred edge still has.
        edges: float32, shape (45, 80): the gradient of what differs from its surroundings, as a part of what
            is usual around it, so that a lamp, the dusk and infrared light leave it much as it is. What whole
            rows and columns have in common is left out: a skyline and courses of bricks look alike wherever
            one looks.
    """

    fine: Plane
    strong: Plane
    edges: Plane

    def towards(self, other: "Structure", strength: float, edges: float) -> "Structure":
        """Return what lies nearer to another one, by those parts of the way."""
        return Structure(
            self.fine + np.float32(strength) * (other.fine - self.fine),
            self.strong + np.float32(strength) * (other.strong - self.strong),
            self.edges + np.float32(edges) * (other.edges - self.edges),
        )

    def likeness(self, other: "Structure") -> float:
        """Return how well the edges lie where the other's do, -1 to 1; a shift by a twentieth is forgiven."""
        across, down = _SHIFT_PX
        middle = np.ascontiguousarray(other.edges[down:-down, across:-across])
        return float(cv2.matchTemplate(self.edges, middle, cv2.TM_CCOEFF_NORMED).max())


def structure_of(luma: MatLike) -> Structure:
    """Return the structure of a picture: luma uint8, shape (height, width)."""
    small = _small(luma)
    tiny = cv2.resize(small, _EDGES_PX, interpolation=cv2.INTER_AREA)
    steep = _steep(tiny)
    fine = _power(cv2.Laplacian(small, cv2.CV_32F))
    noise = np.partition(fine, _FLATTEST, axis=None)[_FLATTEST]
    return Structure(np.sqrt(np.maximum(fine - noise, 0.0)), np.sqrt(_power(steep)), _edges(tiny))


def _small(luma: MatLike) -> MatLike:
    """Return the picture in a width of about 320.

    Of the rows that become one, every other will do, or a single one, and costs half. Columns and rows that
    the whole factor leaves over at the right and the lower edge are not looked at.
    """
    factor = max(1, round(luma.shape[1] / _FINE_PX))
    height, width = max(1, luma.shape[0] // factor), luma.shape[1] // factor
    step = factor // 2 if factor % 2 == 0 else factor
    rows: MatLike = luma[: height * factor : step, : width * factor]
    if factor % 2 == 0:
        # Two by two first, in its fastest way: half of what the whole factor costs.
        rows = cv2.resize(rows, (width * factor // 2, height), interpolation=cv2.INTER_AREA)
    return cv2.resize(rows, (width, height), interpolation=cv2.INTER_AREA)


def _power(values: MatLike) -> Plane:
    """Return the mean square of each part of a plane."""
    squares = cv2.resize(cv2.multiply(values, values), _CELLS, interpolation=cv2.INTER_AREA)
    return np.asarray(squares, np.float32)


def _steep(plane: MatLike) -> MatLike:
    """Return the gradient of each pixel, in levels."""
    across, down = (cv2.Sobel(plane, cv2.CV_32F, *axes, scale=0.125) for axes in ((1, 0), (0, 1)))
    return cv2.magnitude(across, down)


def _edges(tiny: MatLike) -> Plane:
    plane = np.asarray(tiny, np.float32)
    steep = _steep(plane - np.asarray(cv2.blur(plane, _LIGHT_PX), np.float32))
    usual = cv2.blur(steep, _AROUND_PX)
    edges = np.minimum(steep / (usual + np.float32(_DOUBT_LEVELS)), np.float32(_MOST_EDGE))
    rows, columns = edges.mean(axis=1, keepdims=True), edges.mean(axis=0, keepdims=True)
    return np.asarray(edges - rows - columns + edges.mean(), np.float32)
