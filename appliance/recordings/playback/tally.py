"""A camera's gaps of a time → how much of it the settings wanted, how much is missing, why; the longest."""

from dataclasses import dataclass

import numpy as np

from appliance.domain.footage import Cause, Gap
from appliance.domain.ids import CameraId
from appliance.domain.time import WallUs
from appliance.recordings.playback.overview import DELIBERATE
from appliance.store.timeline_columns import CAUSES, GapColumns, Int


@dataclass(frozen=True, slots=True)
class Tally:
    """What is not recorded of a time, as far as the gaps tell.

    Attributes:
        deliberate_us: the settings wanted it so,
        missing_us: or they did not.
        cause: that of most of what is missing.
        longest: the longest time that is missing for one cause.
    """

    deliberate_us: int
    missing_us: int
    cause: Cause | None
    longest: Gap | None


NOTHING = Tally(0, 0, None, None)
"""Of a time without gaps."""


def tally(camera_id: CameraId, gaps: GapColumns, from_us: WallUs, to_us: WallUs) -> Tally:
    """Return what gaps in order, which do not overlap, take of a time."""
    start_us, end_us = np.maximum(gaps.start_us, from_us), np.minimum(gaps.end_us, to_us)
    lasts_us = np.maximum(end_us - start_us, 0)
    is_missing = (lasts_us > 0) & ~DELIBERATE[gaps.cause]
    by_cause_us = np.zeros(len(CAUSES), np.int64)
    np.add.at(by_cause_us, gaps.cause, lasts_us)
    missing_us = np.where(DELIBERATE, 0, by_cause_us)
    return Tally(
        deliberate_us=int(by_cause_us.sum() - missing_us.sum()),
        missing_us=int(missing_us.sum()),
        cause=CAUSES[int(missing_us.argmax())] if missing_us.any() else None,
        longest=_longest(camera_id, start_us[is_missing], end_us[is_missing], gaps.cause[is_missing]),
    )


def _longest(camera_id: CameraId, start_us: Int, end_us: Int, cause: Int) -> Gap | None:
    """Return the longest gap, those that follow each other for the same cause taken together."""
    if not len(start_us):
        return None
    is_same = (start_us[1:] == end_us[:-1]) & (cause[1:] == cause[:-1])
    first = np.flatnonzero(np.concatenate((np.array([True]), ~is_same)))
    last = np.concatenate((first[1:], np.array([len(start_us)]))) - 1
    which = int(np.argmax(end_us[last] - start_us[first]))
    begin = int(first[which])
    return Gap(
        camera_id,
        WallUs(int(start_us[begin])),
        WallUs(int(end_us[last[which]])),
        CAUSES[int(cause[begin])],
    )
