"""A frame: one decoded picture."""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from appliance.domain.ids import CameraId
from appliance.domain.time import MediaTime, MonotonicNs, WallUs


@dataclass(frozen=True, slots=True)
class Frame:
    """One decoded picture in planar YUV 4:2:0 (I420).

    Attributes:
        i420: uint8, shape (height * 3 / 2, width), C-contiguous: the luma plane, then U, then V at a
            quarter each. Width and height are even. Nobody changes it after it was made.
        media: presentation time in the stream's time base.
        wall_us: the instant that the picture shows.
        arrived_ns: when its packet was read, on the monotonic clock.
        is_corrupt: the decoder concealed errors in it.
    """

    camera_id: CameraId
    i420: npt.NDArray[np.uint8] = field(repr=False)
    media: MediaTime
    wall_us: WallUs
    arrived_ns: MonotonicNs
    is_corrupt: bool = False

    @property
    def width(self) -> int:
        """Width in pixels; even."""
        return int(self.i420.shape[1])

    @property
    def height(self) -> int:
        """Height in pixels; even."""
        return int(self.i420.shape[0]) * 2 // 3

    @property
    def luma(self) -> npt.NDArray[np.uint8]:
        """The luma plane: uint8, shape (height, width); a view, not to be changed."""
        return self.i420[: self.height]


@dataclass(frozen=True, slots=True)
class Motion:
    """What moved in a frame.

    Attributes:
        boxes: float32, shape (n, 4), xyxy in pixels of the frame; n is 0 when nothing moved.
        area_ratio: the part of the picture that moved, 0 to 1.
    """

    boxes: npt.NDArray[np.float32]
    area_ratio: float
