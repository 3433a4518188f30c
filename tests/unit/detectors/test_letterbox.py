import numpy as np
import numpy.typing as npt
import pytest

from detectors.letterbox import NO_COLOUR, PADDING_GREY, Letterbox, planes
from tests.support.pictures import boxes

SIZES = [(640, 360), (360, 640), (416, 416), (1920, 1080), (2, 2), (768, 432), (1000, 10)]
TABLE = [
    pytest.param(boxes(), id="none"),
    pytest.param(boxes((0, 0, 1, 1)), id="corner"),
    pytest.param(boxes((0.1, 0.2, 0.5, 0.9), (0.5, 0.5, 0.5, 0.5)), id="two"),
    pytest.param(boxes((0, 0, 0.01, 1)), id="narrow"),
]


@pytest.mark.parametrize("centred", [False, True])
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("unit", TABLE)
def test_a_box_comes_back_to_where_it_was(
    size: tuple[int, int], centred: bool, unit: npt.NDArray[np.float32]
) -> None:
    """Into the input and back moves no box by more than rounding of single precision."""
    fit = Letterbox.fit(size, (416, 416), centred)
    in_picture = unit * np.array([*size, *size], np.float32)
    scale = np.array([fit.inner_width / size[0], fit.inner_height / size[1]] * 2, np.float32)
    in_input = in_picture * scale + np.array([fit.left, fit.top] * 2, np.float32)
    back = fit.to_picture(in_input)
    assert back.shape == in_picture.shape
    assert back.dtype == np.float32
    np.testing.assert_allclose(back, in_picture, atol=1e-3 * max(size))


def test_boxes_beyond_the_picture_are_cut_to_it() -> None:
    """A box that reaches into the grey ends at the picture's edge."""
    fit = Letterbox.fit((640, 360), (320, 320), centred=True)
    np.testing.assert_allclose(fit.to_picture(boxes((-50, -50, 400, 400))), boxes((0, 0, 640, 360)))


@pytest.mark.parametrize(
    ("centred", "corner"), [(False, (0, 0)), (True, (0, 70))], ids=["YOLOX", "Ultralytics"]
)
def test_the_picture_lies_where_its_family_wants_it(centred: bool, corner: tuple[int, int]) -> None:
    """YOLOX has it at the top left, Ultralytics in the middle; the rest is the training's grey."""
    fit = Letterbox.fit((640, 360), (320, 320), centred)
    laid = np.empty((480, 320), np.uint8)
    fit.apply_into(np.full((540, 640), 7, np.uint8), laid)
    assert (fit.left, fit.top) == corner
    for plane, half, grey in zip(planes(laid), (1, 2, 2), (PADDING_GREY, NO_COLOUR, NO_COLOUR), strict=True):
        inside = np.s_[fit.top // half : (fit.top + 180) // half]
        assert (plane[inside] == 7).all()
        assert (np.delete(plane, inside, axis=0) == grey).all()


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("centred", [False, True])
def test_a_picture_of_any_shape_lies_on_even_pixels(size: tuple[int, int], centred: bool) -> None:
    """A pixel of colour belongs to four of brightness: they must not be torn apart."""
    fit = Letterbox.fit(size, (416, 320), centred)
    assert all(side % 2 == 0 for side in (fit.left, fit.top, fit.inner_width, fit.inner_height))
    assert 0 < fit.inner_width <= 416 - fit.left
    assert 0 < fit.inner_height <= 320 - fit.top
    laid = np.empty((480, 416), np.uint8)
    fit.apply_into(np.full((size[1] * 3 // 2, size[0]), 9, np.uint8), laid)
    assert (planes(laid)[0] == 9).sum() == fit.inner_width * fit.inner_height
