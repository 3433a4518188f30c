"""What a camera's gaps of a time tell altogether."""

import numpy as np
import pytest

from appliance.domain.footage import Cause, Gap
from appliance.recordings.playback.tally import Tally, tally
from appliance.store.timeline_columns import CAUSES, GapColumns
from tests.support.footage_rows import FRONT, MINUTE_US, gap, minute

DOWN, IDLE, FULL = Cause.CAMERA_DOWN, Cause.IDLE, Cause.DISK_FULL


def columns(gaps: list[Gap]) -> GapColumns:
    """Return gaps as columns."""
    return GapColumns(
        np.array([one.start_us for one in gaps], np.int64),
        np.array([one.end_us for one in gaps], np.int64),
        np.array([CAUSES.index(one.cause) for one in gaps], np.int64),
    )


@pytest.mark.parametrize(
    ("gaps", "deliberate", "missing", "cause", "longest"),
    [
        ([], 0, 0, None, None),
        ([gap(1, 4, IDLE), gap(5, 6, Cause.EXPIRED)], 4, 0, None, None),
        ([gap(-5, 2, DOWN), gap(9, 30, IDLE)], 1, 2, DOWN, gap(0, 2, DOWN)),
        ([gap(-5, -1, DOWN), gap(10, 12, DOWN)], 0, 0, None, None),
        ([gap(1, 4, FULL), gap(5, 7, DOWN), gap(8, 10, DOWN)], 0, 7, DOWN, gap(1, 4, FULL)),
        ([gap(1, 3, DOWN), gap(3, 6, DOWN), gap(6, 10, FULL)], 0, 9, DOWN, gap(1, 6, DOWN)),
        ([gap(1, 3, DOWN), gap(4, 6, DOWN)], 0, 4, DOWN, gap(1, 3, DOWN)),
    ],
)
def test_the_settings_wanted_some_of_it_and_the_rest_is_missing(
    gaps: list[Gap], deliberate: int, missing: int, cause: Cause | None, longest: Gap | None
) -> None:
    """Of ten minutes; what reaches beyond them is cut, and what follows at once is one gap."""
    found = tally(FRONT, columns(gaps), minute(0), minute(10))
    assert found == Tally(deliberate * MINUTE_US, missing * MINUTE_US, cause, longest)
