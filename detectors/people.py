"""Finds upright people in a part of a picture with OpenCV's HOG detector.

Dalal and Triggs, Histograms of Oriented Gradients for Human Detection, 2005, with the linear classifier that
OpenCV ships. It costs a hundred milliseconds for a whole picture, so it is asked about small crops only.
"""

import math

import cv2
import numpy as np
import numpy.typing as npt

from detectors.boxes import Boxes

WINDOW_PX = (64, 128)
"""What the classifier was trained on (width, height)."""
WINDOW_STRIDE_PX = 8
PERSON_PX = 112
"""How tall the expected person becomes; the pyramid then covers 0.85 to 1.25 times the expected height."""
PYRAMID_LEVELS = 5
PYRAMID_SCALE = 1.1
PADDING_RATIO = 0.3
"""Space around the part looked at, in expected heights: the classifier wants to see surroundings."""
MARGIN_X, MARGIN_Y = 0.20, 0.12
"""How much of a found window is surroundings, on each side; medians against the demo scene's truth."""
MIN_MARGIN = 0.45
"""From here on a window counts. At 0.3 half as many cars again pass for people, at 0.6 people are missed."""


class PeopleFinder:
    """The HOG detector, ready to be asked. Used from one thread."""

    def __init__(self) -> None:
        # The arguments before the last are OpenCV's defaults; the number of levels can be given here only.
        self._hog = cv2.HOGDescriptor(
            WINDOW_PX, (16, 16), (8, 8), (8, 8), 9, 1, -1, 0, 0.2, True, PYRAMID_LEVELS
        )
        self._hog.setSVMDetector(np.array(cv2.HOGDescriptor.getDefaultPeopleDetector(), np.float32))

    def cost_px(self, box: npt.NDArray[np.float32], height_px: float) -> int:
        """Return how many pixels a search would look at; a million take about 80 ms on one core."""
        width, height = _scaled_size(_padded(box, height_px), height_px)
        return width * height

    def find(
        self, luma: npt.NDArray[np.uint8], box: npt.NDArray[np.float32], height_px: float
    ) -> tuple[Boxes, npt.NDArray[np.float32]]:
        """Return the people in and around a box, who are expected to be that tall.

        Args:
            luma: uint8, shape (height, width).
            box: float32, shape (4,), xyxy pixels.
            height_px: of an expected person.

        Returns:
            Tight boxes, float32 (n, 4), pixels, neither clipped nor thinned out; scores, float32 (n,): the
            classifier's margin bent into 0.5 to 1, which is an order and no probability.
        """
        part = _padded(box, height_px)
        size = _scaled_size(part, height_px)
        crop = cv2.resize(_cut(luma, part), size, interpolation=cv2.INTER_AREA)
        windows, margins = self._hog.detectMultiScale(
            crop,
            hitThreshold=MIN_MARGIN,
            winStride=(WINDOW_STRIDE_PX, WINDOW_STRIDE_PX),
            padding=(0, 0),
            scale=PYRAMID_SCALE,
            groupThreshold=0,
        )
        if not len(windows):
            return np.empty((0, 4), np.float32), np.empty(0, np.float32)
        scale = ((part[2] - part[0]) / size[0], (part[3] - part[1]) / size[1])
        boxes = _inner(np.asarray(windows, np.float32)) * np.array(scale * 2, np.float32)
        origin = np.array([part[0], part[1]] * 2, np.float32)
        scores = 1.0 / (1.0 + np.exp(-2.0 * np.ravel(margins)))
        return boxes + origin, scores.astype(np.float32)


def _padded(box: npt.NDArray[np.float32], height_px: float) -> tuple[int, int, int, int]:
    """Return the part to look at, whole pixels: the box, at least as large as a person, with surroundings."""
    middle_x, middle_y = float(box[0] + box[2]) / 2, float(box[1] + box[3]) / 2
    half_width = max(float(box[2] - box[0]), 0.45 * height_px) / 2 + PADDING_RATIO * height_px
    half_height = max(float(box[3] - box[1]), height_px) / 2 + PADDING_RATIO * height_px
    return (
        math.floor(middle_x - half_width),
        math.floor(middle_y - half_height),
        math.ceil(middle_x + half_width),
        math.ceil(middle_y + half_height),
    )


def _scaled_size(part: tuple[int, int, int, int], height_px: float) -> tuple[int, int]:
    scale = PERSON_PX / height_px
    return (
        max(WINDOW_PX[0], round((part[2] - part[0]) * scale)),
        max(WINDOW_PX[1], round((part[3] - part[1]) * scale)),
    )


def _cut(luma: npt.NDArray[np.uint8], part: tuple[int, int, int, int]) -> npt.NDArray[np.uint8]:
    """Return that part of the picture; beyond its edges its outermost pixels are repeated."""
    height, width = luma.shape
    left, top, right, bottom = part
    inside = luma[max(0, top) : max(0, min(height, bottom)), max(0, left) : max(0, min(width, right))]
    beyond = (max(0, -top), max(0, bottom - height), max(0, -left), max(0, right - width))
    return np.asarray(cv2.copyMakeBorder(inside, *beyond, cv2.BORDER_REPLICATE), np.uint8)


def _inner(windows: npt.NDArray[np.float32]) -> Boxes:
    """Return the people's boxes (xyxy) of windows (x, y, width, height)."""
    x, y, width, height = windows.T
    return np.stack(
        [
            x + MARGIN_X * width,
            y + MARGIN_Y * height,
            x + (1 - MARGIN_X) * width,
            y + (1 - MARGIN_Y) * height,
        ],
        axis=1,
    )
