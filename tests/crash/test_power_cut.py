"""F20: the power goes at every single step of a recording; whatever was not synced is there, gone or torn."""

from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pytest

from appliance.domain.footage import Segment
from appliance.domain.ids import CameraId, SegmentId, VolumeId
from appliance.domain.time import US_PER_S
from appliance.packets.fmp4 import layout_of
from appliance.recordings.disks.identity import read_identity
from appliance.recordings.disks.recovery import Candidate, restore
from appliance.recordings.disks.segment_file import start_of
from tests.support.coded import CAMERA
from tests.support.disk_rig import PATH, Rig, pictures_in
from tests.support.footage_disk import Cut, FootageDisk
from tests.support.fragments import fragments

OTHER = CameraId("door")
VOLUME = VolumeId("v")
LOST_US = 5 * US_PER_S
"""What a power cut costs at most, as declared."""


@dataclass(frozen=True, slots=True)
class Moment:
    """What was the case after so many steps.

    Attributes:
        said: what the database could know, at the most.
        written_us: where what was handed to the writer ends.
    """

    steps: int
    said: dict[SegmentId, Segment]
    written_us: int


@pytest.fixture(scope="module")
def story() -> tuple[Rig, list[Moment]]:
    """Ten seconds of two cameras, in files of four, on a disk that is a volume since then."""
    rig = Rig()
    rig.sources = {CAMERA: fragments(segment_s=4), OTHER: fragments(OTHER, segment_s=4)}
    moments: list[Moment] = []

    def watch(_kind: str, _path: Path) -> None:
        moments.append(Moment(len(rig.disk.steps), dict(rig.reports.segments), rig.clock.wall_us()))

    rig.disk.fault = watch
    rig.record(10, CAMERA, OTHER)
    rig.writer.close()
    watch("end", PATH)
    assert len(rig.reports.segments) == 6
    return rig, [later for earlier, later in pairwise(moments) if earlier != later]


def test_the_story_has_every_kind_of_step(story: tuple[Rig, list[Moment]]) -> None:
    """So that the cuts below prove something."""
    rig, moments = story
    kinds = {step.kind for step in rig.disk.steps}
    assert kinds == {"make_folder", "create", "append", "sync", "rename", "sync_folder"}
    assert {moment.steps for moment in moments} >= set(range(1, len(rig.disk.steps) + 1))


@pytest.mark.parametrize("is_known", [True, False], ids=["rows", "no-rows"])
@pytest.mark.parametrize("cut", list(Cut))
def test_every_start_needs_no_help_and_every_file_plays(
    story: tuple[Rig, list[Moment]], cut: Cut, is_known: bool
) -> None:
    """With a database that knows all that was said, or none of it; at most the declared time is lost."""
    rig, moments = story
    for moment in moments:
        disk = rig.disk.after(moment.steps, cut)
        expect_a_start(disk)
        found = restored(disk, moment.said if is_known else {})
        expect_playable(disk, found)
        expect_nothing_lost(moment, found)


def expect_a_start(disk: FootageDisk) -> None:
    """Assert that the volume is taken as it is, or made anew, with nobody's help."""
    before = read_identity(disk, PATH)
    after = Rig(disk=disk)
    assert after.volume.check(), after.volume.state
    assert before is None or after.volume.id == before.id


def restored(disk: FootageDisk, rows: dict[SegmentId, Segment]) -> dict[SegmentId, Segment]:
    """Return the segments after a start: those that have rows, and those that only the disk knows."""
    candidates = {row.path: Candidate(row.path, row, row.size) for row in rows.values()}
    for path in disk.videos():
        name = str(path.relative_to(PATH))
        candidates.setdefault(name, Candidate(name))
    found = [restore(disk, PATH, VOLUME, candidate) for candidate in candidates.values()]
    return {segment.id: segment for segment in found if segment is not None}


def expect_playable(disk: FootageDisk, found: dict[SegmentId, Segment]) -> None:
    """Assert that every file that is there is whole, has a row, and shows every picture of its time."""
    videos = disk.videos()
    assert {PATH / segment.path for segment in found.values()} == set(videos)
    for path, data in videos.items():
        facts = start_of(str(path.relative_to(PATH)))
        assert facts is not None
        segment = found[facts[0]]
        layout = layout_of(lambda at, size, data=data: data[at : at + size], len(data))  # type: ignore[misc]
        assert layout.whole_size == segment.size == len(data)
        assert pictures_in(data) == (segment.end_us - segment.start_us) // 100_000


def expect_nothing_lost(moment: Moment, found: dict[SegmentId, Segment]) -> None:
    """Assert that what was said is there, and all but the last seconds of what was written."""
    for segment in moment.said.values():
        assert found[segment.id].end_us >= segment.end_us
        assert found[segment.id].size >= segment.size
    for camera_id in (CAMERA, OTHER):
        ends = [s.end_us for s in found.values() if s.camera_id == camera_id]
        begin = min(s.start_us for s in moment.said.values()) if moment.said else moment.written_us
        assert moment.written_us - max(ends, default=begin) <= LOST_US
