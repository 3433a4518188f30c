"""A drawn scene for motion: a textured ground, noise, and rectangles that move."""

from fractions import Fraction

import numpy as np
import numpy.typing as npt

from appliance.domain.frame import Frame
from appliance.domain.ids import CameraId
from appliance.domain.time import MediaTime, MonotonicNs, WallUs

_NOISE_FIELDS = 5
TIME_BASE = Fraction(1, 1000)
Box = tuple[int, int, int, int]
"""xyxy, pixels."""


class Street:
    """Makes frames of a fixed camera.

    Args:
        width: pixels, even.
        height: pixels, even.
        noise: standard deviation of each pixel's luma from frame to frame.
    """

    def __init__(self, width: int = 640, height: int = 360, noise: float = 2.0, seed: int = 7) -> None:
        self.width, self.height = width, height
        self._random = np.random.default_rng(seed)
        fields = self._random.standard_normal((_NOISE_FIELDS, height, width), np.float32)
        self._noise = (fields * noise).astype(np.float32)
        coarse = self._random.uniform(70, 140, (height // 20 + 1, width // 20 + 1))
        self.ground: npt.NDArray[np.float32] = np.kron(coarse, np.ones((20, 20)))[:height, :width].astype(
            np.float32
        )

    def frame(
        self,
        seconds: float,
        *things: tuple[Box, float],
        gain: float = 1.0,
        offset: float = 0.0,
        shift_px: int = 0,
    ) -> Frame:
        """Return a frame at that media time.

        Args:
            seconds: media time.
            things: boxes with their luma, drawn over the ground.
            gain: the exposure, of everything.
            offset: light that is added everywhere.
            shift_px: how far the camera has drifted to the left.
        """
        luma = np.roll(self.ground, shift_px, axis=1)
        for (left, top, right, bottom), level in things:
            luma[max(0, top) : bottom, max(0, left) : right] = level
        luma = luma * np.float32(gain) + np.float32(offset) + self._sensor_noise()
        i420 = np.full((self.height * 3 // 2, self.width), 128, np.uint8)
        i420[: self.height] = np.clip(luma, 0, 255).astype(np.uint8)
        media = MediaTime(round(seconds * 1000), TIME_BASE)
        return Frame(CameraId("street"), i420, media, WallUs(0), MonotonicNs(0))

    def _sensor_noise(self) -> npt.NDArray[np.float32]:
        """Return noise that differs from frame to frame: drawing it anew would take most of a test's time."""
        field = self._noise[self._random.integers(_NOISE_FIELDS)]
        return np.roll(field, int(self._random.integers(self.height)), axis=0)
