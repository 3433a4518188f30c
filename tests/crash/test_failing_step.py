"""Every single thing that is asked of the disk fails once; what was said stays true."""

import errno
from pathlib import Path

import pytest

from appliance.domain.ids import CameraId
from appliance.domain.time import US_PER_S
from appliance.recordings.disks.recovery import Candidate, restore
from appliance.runtime.health import Level
from tests.support.coded import BEGIN_US, CAMERA
from tests.support.disk_rig import PATH, Rig, expect_agreement
from tests.support.footage_disk import Cut
from tests.support.fragments import fragments

OTHER = CameraId("door")
SECONDS = 10
MOST_LOST_US = 6 * US_PER_S
"""Of one camera, by one failure: what was not synced, a second's pause, and up to the next keyframe."""


class Failing:
    """Fails the n-th thing that is asked, and counts them all."""

    def __init__(self, rig: Rig, number: int, at: int) -> None:
        self.asked = 0
        self.failed = ""
        self._number = number
        self._at = at
        rig.disk.fault = self

    def __call__(self, kind: str, path: Path) -> OSError | None:
        """Return the error, when it is the turn."""
        self.asked += 1
        if self.asked != self._at:
            return None
        self.failed = f"{kind} {path}"
        return OSError(self._number, "no")


def told(number: int, at: int) -> tuple[Rig, Failing]:
    """Record two cameras for a while, in files of six seconds, while one thing fails."""
    rig = Rig()
    rig.sources = {CAMERA: fragments(segment_s=6), OTHER: fragments(OTHER, segment_s=6)}
    failing = Failing(rig, number, at)
    rig.record(SECONDS, CAMERA, OTHER)
    return rig, failing


@pytest.mark.parametrize("number", [errno.EIO, errno.ENOSPC], ids=["EIO", "ENOSPC"])
def test_one_failure_costs_little_and_makes_no_word_untrue(number: int) -> None:
    """Whatever it was that failed: every file is what was said of it, every moment recorded or lost."""
    whole, counted = told(number, 0)
    assert whole.reports.losses == []
    for at in range(1, counted.asked + 1):
        rig, failing = told(number, at)
        rig.writer.close()
        rig.clock.wait(rig.writer._wake, 5.0)
        rig.writer.run_once()  # a file that could not be closed at last is mended by the next check
        assert rig.part() == (Level.OK, ""), failing.failed
        expect_agreement(rig)
        for camera_id in (CAMERA, OTHER):
            rig.reports.expect_whole(camera_id)
            assert rig.reports.times(camera_id)[-1][1] == BEGIN_US + SECONDS * US_PER_S, failing.failed
            lost = [x.end_us - x.start_us for x in rig.reports.losses if x.camera_id == camera_id]
            assert sum(lost) <= MOST_LOST_US, failing.failed
            assert not rig.writer.pending(camera_id)


@pytest.mark.parametrize("cut", [Cut.PRESENT, Cut.ABSENT, Cut.TORN])
def test_a_power_cut_after_a_failure_finds_what_was_said(cut: Cut) -> None:
    """A disk often fails before the power does: what had been said to be there is there."""
    _, counted = told(errno.EIO, 0)
    for at in range(1, counted.asked + 1, 3):
        rig, failing = told(errno.EIO, at)
        disk = rig.disk.after(len(rig.disk.steps), cut)
        for row in rig.reports.segments.values():
            found = restore(disk, PATH, row.volume_id, Candidate(row.path, row, row.size))
            assert found is not None, failing.failed
            assert found.end_us >= row.end_us, failing.failed
