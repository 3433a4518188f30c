"""One decoded picture as planar YUV 4:2:0 with even sizes."""

import av.video.frame
import av.video.reformatter
import numpy as np
import numpy.typing as npt

_PLANAR_420 = frozenset({"yuv420p", "yuvj420p"})


class PictureConverter:
    """Copies libav's pictures into arrays of our own; used on one thread, one for each camera."""

    def __init__(self) -> None:
        self._reformatter = av.video.reformatter.VideoReformatter()

    def i420(self, picture: av.video.frame.VideoFrame) -> npt.NDArray[np.uint8] | None:
        """Return the picture as ``Frame.i420`` wants it, scaled by a pixel where a size is odd.

        Returns:
            uint8, shape (height * 3 / 2, width), C-contiguous; ``None`` for a picture below 2 × 2 pixels.
        """
        width, height = picture.width & ~1, picture.height & ~1
        if not width or not height:
            return None
        if picture.format.name not in _PLANAR_420 or (width, height) != (picture.width, picture.height):
            picture = self._reformatter.reformat(picture, width, height, "yuv420p")
        return np.ascontiguousarray(picture.to_ndarray(), dtype=np.uint8)
