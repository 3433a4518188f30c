import cv2
import numpy as np
import pytest

from tests.support.back_ends import need


@pytest.mark.parametrize("size", [(64, 48), (2, 2), (416, 416)])
def test_colours_are_made_as_opencv_makes_them(size: tuple[int, int]) -> None:
    """The network sees what it sees on the processor; a level or two of 256 is rounding."""
    need("ultralytics")
    import torch  # noqa: PLC0415 - an extra

    from detectors.torch_engine import rgb  # noqa: PLC0415 - imports it

    width, height = size
    tiles = np.random.default_rng(3).integers(0, 256, (2, height * 3 // 2, width), dtype=np.uint8)
    found = rgb(torch.from_numpy(tiles)).numpy()
    assert (found.shape, found.dtype) == ((2, 3, height, width), np.float32)
    for one, tile in zip(found, tiles, strict=True):
        expected = cv2.cvtColor(tile, cv2.COLOR_YUV2RGB_I420).transpose(2, 0, 1)
        assert np.abs(one - expected).max() <= 2
