"""From masks to boxes."""

import numpy as np
import numpy.typing as npt
import pytest

from appliance.motion.regions import moving_regions
from appliance.motion.settings import Settings

HEIGHT, WIDTH = 180, 320
Box = tuple[int, int, int, int]


def mask(*boxes: Box) -> npt.NDArray[np.uint8]:
    """Return a mask with these boxes (xyxy) set."""
    drawn = np.zeros((HEIGHT, WIDTH), np.uint8)
    for left, top, right, bottom in boxes:
        drawn[top:bottom, left:right] = 255
    return drawn


@pytest.mark.parametrize(
    ("different", "changed", "expected"),
    [
        ([], [], []),
        ([(10, 10, 40, 60)], [], []),
        ([(10, 10, 40, 60)], [(10, 10, 40, 60)], [(10, 10, 40, 60)]),
        ([(10, 10, 40, 60)], [(200, 100, 230, 150)], []),
        ([(10, 10, 40, 60)], [(10, 10, 40, 14)], [(10, 10, 40, 60)]),
        ([(10, 10, 14, 14)], [(0, 0, 320, 180)], []),
        ([(10, 10, 40, 50), (12, 54, 38, 100)], [(0, 0, 320, 180)], [(10, 10, 40, 100)]),
        (
            [(10, 10, 40, 60), (100, 10, 130, 60)],
            [(0, 0, 320, 180)],
            [(10, 10, 40, 60), (100, 10, 130, 60)],
        ),
        ([(10, 10, 40, 60), (100, 10, 130, 60)], [(100, 10, 130, 60)], [(100, 10, 130, 60)]),
        (
            [(20, 20, 90, 150), (90, 60, 110, 150), (110, 40, 180, 170)],
            [(20, 20, 90, 150), (110, 40, 180, 170)],
            [(20, 20, 90, 150), (110, 40, 180, 170)],
        ),
        ([(20, 20, 180, 150)], [(20, 20, 180, 150)], [(20, 20, 180, 150)]),
    ],
    ids=[
        "nothing",
        "at rest",
        "moves",
        "something else changed",
        "moves a little",
        "too small",
        "cut by a belt",
        "two",
        "one of two",
        "two cars joined by a shadow",
        "one wide thing",
    ],
)
def test_regions_that_changed_become_boxes(
    different: list[Box], changed: list[Box], expected: list[Box]
) -> None:
    """One box for each thing that moves."""
    regions = moving_regions(mask(*different), mask(*changed), Settings())
    assert sorted(map(tuple, regions.boxes.round().astype(int).tolist())) == sorted(expected)
    assert regions.boxes.dtype == np.float32
    assert bool(regions.mask.any()) == bool(expected)
