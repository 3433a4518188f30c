"""Fits a picture of any size into a model's input, proportions kept, and boxes back out of it."""

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

PADDING_GREY = 114
"""The grey around the picture that YOLOX and Ultralytics' YOLO were both trained with."""


@dataclass(frozen=True, slots=True)
class Letterbox:
    """How one size of picture lies in one size of input.

    Attributes:
        width: of the input, pixels.
        height: of the input, pixels.
        left: where the picture begins in the input, pixels.
        top: where the picture begins in the input, pixels.
        inner_width: of the scaled picture, pixels.
        inner_height: of the scaled picture, pixels.
        picture_width: of the picture before scaling, pixels.
        picture_height: of the picture before scaling, pixels.
    """

    width: int
    height: int
    left: int
    top: int
    inner_width: int
    inner_height: int
    picture_width: int
    picture_height: int

    @classmethod
    def fit(cls, picture: tuple[int, int], into: tuple[int, int], centred: bool) -> "Letterbox":
        """Lay a picture of (width, height) into an input of (width, height).

        Args:
            picture: width and height of the picture, at least 1.
            into: width and height of the input.
            centred: grey on both sides alike (Ultralytics), else the picture at the top left (YOLOX).
        """
        scale = min(into[0] / picture[0], into[1] / picture[1])
        width = min(into[0], max(1, round(picture[0] * scale)))
        height = min(into[1], max(1, round(picture[1] * scale)))
        left = (into[0] - width) // 2 if centred else 0
        top = (into[1] - height) // 2 if centred else 0
        return cls(into[0], into[1], left, top, width, height, picture[0], picture[1])

    def apply(self, picture: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
        """Return the input: uint8 (height, width, 3), in the colour order of the given picture."""
        canvas = np.full((self.height, self.width, 3), PADDING_GREY, np.uint8)
        inner = canvas[self.top : self.top + self.inner_height, self.left : self.left + self.inner_width]
        inner[:] = cv2.resize(picture, (self.inner_width, self.inner_height), interpolation=cv2.INTER_LINEAR)
        return canvas

    def to_picture(self, xyxy: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """Return boxes (float32 (n, 4), input pixels) in pixels of the picture, clipped to it."""
        across, down = self.picture_width / self.inner_width, self.picture_height / self.inner_height
        origin = np.array([self.left, self.top, self.left, self.top], np.float32)
        scale = np.array([across, down, across, down], np.float32)
        limit = np.array([self.picture_width, self.picture_height] * 2, np.float32)
        inside: npt.NDArray[np.float32] = np.clip((xyxy - origin) * scale, np.float32(0), limit)
        return inside
