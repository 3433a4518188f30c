"""Fits a picture of any size into a model's input, proportions kept, and boxes back out of it."""

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

PADDING_GREY = 114
"""The grey around the picture that YOLOX and Ultralytics' YOLO were both trained with."""
NO_COLOUR = 128
"""U and V of every grey."""


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
        """Lay a picture into an input, its place on even pixels, as planar YUV 4:2:0 needs it.

        Args:
            picture: width and height of the picture, at least 2.
            into: width and height of the input, even.
            centred: grey on both sides alike (Ultralytics), else the picture at the top left (YOLOX).
        """
        scale = min(into[0] / picture[0], into[1] / picture[1])
        width, height = (
            min(room, max(2, 2 * round(side * scale / 2))) for side, room in zip(picture, into, strict=True)
        )
        left, top = ((into[0] - width) // 4 * 2, (into[1] - height) // 4 * 2) if centred else (0, 0)
        return cls(into[0], into[1], left, top, width, height, picture[0], picture[1])

    def apply_into(self, i420: npt.NDArray[np.uint8], out: npt.NDArray[np.uint8]) -> None:
        """Write the input of an I420 picture, itself I420, into ``out``.

        Args:
            i420: uint8 (picture_height * 3 / 2, picture_width).
            out: uint8 (height * 3 / 2, width), contiguous; all of it is written.
        """
        width, height = self.inner_width, self.inner_height
        for plane, (source, target) in enumerate(zip(planes(i420), planes(out), strict=True)):
            half = 1 if plane == 0 else 2
            top, left = self.top // half, self.left // half
            inner = target[top : top + height // half, left : left + width // half]
            if inner.shape != target.shape:
                target[:] = PADDING_GREY if plane == 0 else NO_COLOUR
            cv2.resize(source, inner.shape[::-1], dst=inner, interpolation=cv2.INTER_LINEAR)

    def to_picture(self, xyxy: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """Return boxes (float32 (n, 4), input pixels) in pixels of the picture, clipped to it."""
        across, down = self.picture_width / self.inner_width, self.picture_height / self.inner_height
        origin = np.array([self.left, self.top, self.left, self.top], np.float32)
        scale = np.array([across, down, across, down], np.float32)
        limit = np.array([self.picture_width, self.picture_height] * 2, np.float32)
        inside: npt.NDArray[np.float32] = np.clip((xyxy - origin) * scale, np.float32(0), limit)
        return inside

    def to_input(self, xyxy: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """Return boxes (float32 (n, 4), pixels of the picture) in input pixels."""
        across, down = self.inner_width / self.picture_width, self.inner_height / self.picture_height
        origin = np.array([self.left, self.top, self.left, self.top], np.float32)
        scaled: npt.NDArray[np.float32] = xyxy * np.array([across, down, across, down], np.float32) + origin
        return scaled


def planes(i420: npt.NDArray[np.uint8]) -> tuple[npt.NDArray[np.uint8], ...]:
    """Return the Y, U and V planes of an I420 picture, as views; its width and height are even."""
    height, width = i420.shape[0] * 2 // 3, i420.shape[1]
    flat, luma, quarter = i420.reshape(-1), height * width, height * width // 4
    chroma = (flat[at : at + quarter].reshape(height // 2, width // 2) for at in (luma, luma + quarter))
    return (i420[:height], *chroma)
