"""The motion detector of one camera: what differs from the background and has changed lately."""

import copy
from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt

from appliance.domain.frame import Frame, Motion
from appliance.domain.scene import Point
from appliance.motion.background import Background, Curve, Luma, Mask, where
from appliance.motion.regions import Regions, moving_regions
from appliance.motion.settings import Settings

_LONGEST_STEP_S = 15.0
"""A quiet scene may be looked at this rarely; what was learnt of it holds."""
_LONGEST_LESSON_S = 1.0
"""What is new since a look some seconds ago may have come just now: it is not learnt as if it had stood there
all the while, or somebody who creeps in would be taken for a part of the scene."""
Polygon = tuple[Point, ...]
_CELLS = (16, 9)
_CELL_LEVEL = 40
"""A cell counts where about a sixth of it differs: an object fills its cells, an upheaval touches all."""


class MotionDetector:
    """Finds what moves in one camera's frames; used on its lane, about a millisecond a frame.

    A region is motion when it differs from a slowly learnt background *and* a part of it changed within the
    last moments: the first finds whole objects, the second leaves out what came to rest. The brightness of
    the whole picture is compensated first, so that a camera's automatic exposure is no motion.
    """

    def __init__(self, settings: Settings | None = None) -> None:
        # For the whole process: as many cameras as there are cores are looked at side by side already, and
        # OpenCV's own threads would spin for work in between, which costs more than the work.
        cv2.setNumThreads(1)
        self._settings = settings or Settings()
        self._size = (0, 0)
        self._last_s = 0.0
        self._settled_s = 0.0
        self._background: Background | None = None
        self._last: Luma = np.zeros((0, 0), np.uint8)
        self._changed_s: npt.NDArray[np.float32] = np.zeros((0, 0), np.float32)
        self._masked: Sequence[Polygon] = ()
        self._open: Mask = np.zeros((0, 0), np.uint8)

    def step(self, frame: Frame, masked: Sequence[Polygon] = ()) -> Motion:
        """Return what moved in the camera's next frame, and learn from it.

        Frames come in the order of their media time; after a jump of it, or with another size, the detector
        begins anew and says nothing for the first moments.

        Args:
            frame: the next one.
            masked: polygons in unit coordinates; what lies under one of them does not move.
        """
        luma, now_s = self._small(frame), frame.media.seconds
        dt_s, self._last_s = now_s - self._last_s, now_s
        background = self._background
        if background is None or self._size != (frame.width, frame.height) or not 0 < dt_s <= _LONGEST_STEP_S:
            self._begin(frame, luma)
            return _nothing()
        curve = background.follow_exposure(luma, dt_s)
        different = background.difference(luma)
        changed = self._changed_lately(luma, curve, background.doubt_levels, dt_s)
        if self._restless(curve, different) or self._settled_s < self._settings.settle_s:
            self._settle(background, luma, dt_s)
            return _nothing()
        different = self._unmasked(background.steady(different, dt_s), masked)
        regions = moving_regions(different, changed, self._settings)
        background.learn(luma, different, regions.mask, min(dt_s, _LONGEST_LESSON_S))
        return self._motion(frame, regions)

    def saved(self) -> "MotionDetector":
        """Return a copy that goes on from here, whatever this one is shown meanwhile; about 1 MB, 0.2 ms."""
        return copy.deepcopy(self)

    def _small(self, frame: Frame) -> Luma:
        """Return the luma plane by a whole factor smaller, which costs a fifth of any other factor.

        Rows and columns that the factor leaves over at the right and the lower edge are not looked at.
        """
        factor = max(1, round(frame.width / self._settings.model_width_px))
        width, height = max(1, frame.width // factor), max(1, frame.height // factor)
        small: Luma = frame.luma[: height * factor, : width * factor]
        # Means over squares, each factor in its fastest way: for 1080p half of what INTER_AREA by 6 costs.
        while factor % 2 == 0:
            factor //= 2
            small = cv2.resize(small, (width * factor, height * factor), interpolation=cv2.INTER_AREA)
        if factor > 1:
            small = np.ascontiguousarray(cv2.blur(small, (factor, factor))[_middles(factor)])
        return cv2.blur(small, (3, 3))

    def _begin(self, frame: Frame, luma: Luma) -> None:
        self._size = (frame.width, frame.height)
        self._background = Background(luma, self._settings)
        self._settled_s = 0.0
        self._last = luma
        self._changed_s = np.full(luma.shape, np.inf, np.float32)

    def _changed_lately(self, luma: Luma, curve: Curve, doubt_levels: float, dt_s: float) -> Mask:
        """Return 255 where the picture changed within the last moments, exposure apart."""
        levels = np.clip(np.arange(256) * curve, 0, 255).astype(np.uint8)
        step = cv2.absdiff(luma, cv2.LUT(self._last, levels))
        self._last = luma
        self._changed_s += dt_s
        self._changed_s[step > self._settings.changed_levels + doubt_levels] = 0.0
        return where(self._changed_s <= self._settings.lately_s)

    def _unmasked(self, different: Mask, masked: Sequence[Polygon]) -> Mask:
        """Return the difference without what lies under the polygons; they are drawn when they change."""
        if not masked:
            return different
        if masked != self._masked or self._open.shape != different.shape:
            self._masked, self._open = masked, _drawn(masked, different.shape)
        return cv2.bitwise_and(different, self._open)

    def _restless(self, curve: Curve, different: Mask) -> bool:
        """Return whether the whole picture changed: a lamp, an iris, or the camera was turned."""
        cells = cv2.resize(different, _CELLS, interpolation=cv2.INTER_AREA)
        upheaval = int(np.count_nonzero(cells > _CELL_LEVEL)) > self._settings.upheaval_ratio * cells.size
        if upheaval:
            self._settled_s = 0.0
        return upheaval or float(np.abs(curve - 1.0).max()) > self._settings.sudden_gain_ratio

    def _settle(self, background: Background, luma: Luma, dt_s: float) -> None:
        self._settled_s += dt_s
        background.settle(luma, dt_s)
        self._changed_s.fill(np.inf)

    def _motion(self, frame: Frame, regions: Regions) -> Motion:
        """Return the regions in the frame's own pixels, padded."""
        height, width = regions.mask.shape
        pad = self._settings.pad_ratio * width
        boxes = regions.boxes + np.array([-pad, -pad, pad, pad], np.float32)
        scale_x, scale_y = frame.width / width, frame.height / height
        boxes = boxes * np.array([scale_x, scale_y, scale_x, scale_y], np.float32)
        limits = np.array([frame.width, frame.height, frame.width, frame.height], np.float32)
        area_ratio = cv2.countNonZero(regions.mask) / regions.mask.size
        return Motion(np.clip(boxes, 0, limits).astype(np.float32), area_ratio)


def _drawn(polygons: Sequence[Polygon], shape: tuple[int, ...]) -> Mask:
    """Return 0 under the polygons and 255 elsewhere."""
    canvas = np.full(shape, 255, np.uint8)
    size = np.array([shape[1], shape[0]], np.float64)
    for polygon in polygons:
        corners = np.round(np.array(polygon, np.float64) * size).astype(np.int32)
        cv2.fillPoly(canvas, [corners], 0)
    return canvas


def _middles(factor: int) -> tuple[slice, slice]:
    """Return which pixels lie in the middle of the squares of an odd size that cover a picture."""
    return slice(factor // 2, None, factor), slice(factor // 2, None, factor)


def _nothing() -> Motion:
    return Motion(np.empty((0, 4), np.float32), 0.0)
