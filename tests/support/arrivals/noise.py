"""What a camera's sensor and its own denoiser leave of noise in the picture that it encodes.

The model is the noise level function of C. Liu, R. Szeliski, S. Kang, L. Zitnick and W. Freeman (Automatic
estimation and removal of noise from a single image, 2008): Poissonian and Gaussian noise of the sensor (A.
Foi, M. Trimeche, V. Katkovnik and K. Egiazarian, 2008) seen through the camera's tone curve, which makes it
strong in the dark and weak in the highlights, and through its demosaicing, which makes neighbours alike. The
camera's temporal denoiser makes successive frames alike.

The figures come from two filmed clips, a yard and a room, in their quiet seconds, after decoding and without
what stands out as edges: a standard deviation of 1.07 and 0.83 levels (1.2 below level 64, 0.5 above 160);
neighbours correlated by 0.38 to 0.76, those two apart by 0.16 to 0.43; chroma with a deviation of 0.4 and 0.7
and 0.7 and 0.5 of correlation. What their encoders took away can't be seen any more, so it is the noise after
our encoder that is to agree: 1.2 levels drawn are 0.93 after x264 at CRF 28 and 1.08 at a constant bitrate of
1.6 Mbit/s; 2.0 drawn, 1.24 and 1.41, are a darker day than theirs.
"""

import cv2
import numpy as np
import numpy.typing as npt
from cv2.typing import MatLike

_LEVELS = (0, 64, 112, 150, 176, 208, 255)
_RELATIVE = (1.2, 1.1, 1.0, 1.0, 0.6, 0.45, 0.4)
STRENGTH: npt.NDArray[np.float32] = np.interp(np.arange(256), _LEVELS, _RELATIVE).astype(np.float32)
"""float32, shape (256,): the deviation at each luma level, as a part of that at the middle ones."""

_MARGIN = 256
_LUMA_BLUR_PX, _CHROMA_BLUR_PX = 0.75, 1.1
_CHROMA_PART = 0.6
_REMAINS = (1.0, 0.55, 0.3)
"""How much of a frame's fresh noise the temporal denoiser leaves in it and in the next two."""


class Grain:
    """Noise for pictures of one size, the same for the same seed and tick, whatever was asked before.

    It is cut from larger fields at places that differ from frame to frame: drawing it anew would take longer
    than encoding. Since each frame adds three cuts, no frame's noise is another one's shifted, which an
    encoder would find.

    Args:
        width: pixels, even.
        height: pixels, even.
        deviation_levels: standard deviation of the luma at middle levels.
        seed: of the places.
    """

    def __init__(self, width: int, height: int, deviation_levels: float, seed: int) -> None:
        self._size, self._seed = (width, height), seed
        dice = np.random.default_rng(20)
        scale = deviation_levels / float(np.linalg.norm(_REMAINS))
        self._luma = _field(dice, width, height, _LUMA_BLUR_PX) * np.float32(scale)
        self._chroma = _field(dice, width // 2, height, _CHROMA_BLUR_PX) * np.float32(scale * _CHROMA_PART)

    def luma(self, tick: int) -> MatLike:
        """Return what is to be added at middle levels: float32, shape (height, width), new."""
        return self._mixed(self._luma, *self._size, tick, 0)

    def chroma(self, tick: int) -> MatLike:
        """Return what is to be added to both chroma planes: float32, shape (height, width / 2), new."""
        return self._mixed(self._chroma, self._size[0] // 2, self._size[1], tick, 1)

    def _mixed(self, field: MatLike, width: int, height: int, tick: int, plane: int) -> MatLike:
        cuts = []
        for age in range(len(_REMAINS)):
            y, x = np.random.default_rng((self._seed, tick - age + len(_REMAINS), plane)).integers(
                0, _MARGIN, 2
            )
            cuts.append(field[y : y + height, x : x + width])
        mixed = cv2.addWeighted(cuts[0], _REMAINS[0], cuts[1], _REMAINS[1], 0.0)
        return cv2.addWeighted(mixed, 1.0, cuts[2], _REMAINS[2], 0.0, dst=mixed)


def _field(dice: np.random.Generator, width: int, height: int, blur_px: float) -> MatLike:
    """Return correlated normal noise of deviation 1, larger than the picture by the margin."""
    white = dice.standard_normal((height + _MARGIN, width + _MARGIN), np.float32)
    field = cv2.GaussianBlur(white, (0, 0), blur_px)
    return field / np.float32(field.std())
