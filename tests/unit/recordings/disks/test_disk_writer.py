"""Fragments → files: what is said to be on a disk is there, and what fails costs whole GOPs."""

import errno
from itertools import islice
from pathlib import Path

import pytest

from appliance.domain.footage import Cause, SegmentState
from appliance.domain.ids import CameraId
from appliance.domain.time import US_PER_S
from appliance.recordings.disks.volume import Condition
from appliance.recordings.settings import Settings
from appliance.runtime.health import Level
from tests.support.coded import BEGIN_US, CAMERA
from tests.support.disk_rig import PATH, Rig, expect_agreement
from tests.support.fragments import fragments

OTHER = CameraId("door")


def test_a_segment_is_said_only_once_it_is_synced() -> None:
    """At the cadence, with the folders that lead to a new file; until then it is pending."""
    rig = Rig()
    rig.record(1)
    assert rig.reports.segments == {}
    assert rig.writer.pending(CAMERA)
    rig.record(2)
    (segment,) = rig.reports.segments.values()
    assert segment.state is SegmentState.OPEN
    assert segment.path.startswith("yard/2026-09-2")
    kinds = [step.kind for step in rig.disk.steps]
    assert kinds.index("sync_folder", kinds.index("append", kinds.index("rename"))) > kinds.index("sync")
    assert segment.size == rig.disk.size(PATH / segment.path)


def test_what_was_written_plays_and_is_what_was_said() -> None:
    """Two cameras, two files each: hash, size, times and every picture."""
    rig = Rig()
    rig.sources = {CAMERA: fragments(segment_s=4), OTHER: fragments(OTHER, segment_s=4)}
    rig.record(8, CAMERA, OTHER)
    rig.writer.close()
    assert len(rig.reports.segments) == 4
    assert rig.reports.losses == []
    assert not rig.writer.pending(CAMERA)
    assert rig.disk.open_files == 0
    expect_agreement(rig)
    rig.reports.expect_whole()


def test_a_camera_that_is_down_has_its_file_closed() -> None:
    """So that it can be played and counted, without waiting for the camera to come back."""
    rig = Rig()
    rig.record(2)
    rig.writer.finish(CAMERA)
    rig.writer.run_once()
    (segment,) = rig.reports.segments.values()
    assert segment.state is SegmentState.CLOSED
    expect_agreement(rig)


FAILURES = [
    pytest.param(errno.ENOSPC, Cause.DISK_FULL, Condition.FULL, id="full"),
    pytest.param(errno.EIO, Cause.DISK_UNAVAILABLE, Condition.FAILING, id="failing"),
    pytest.param(errno.EROFS, Cause.DISK_UNAVAILABLE, Condition.READ_ONLY, id="read-only"),
]


@pytest.mark.parametrize("kind", ["append", "sync", "cut", "open"])
@pytest.mark.parametrize(("number", "cause", "condition"), FAILURES)
def test_a_failing_disk_costs_whole_gops_and_is_used_again_by_itself(
    number: int, cause: Cause, condition: Condition, kind: str
) -> None:
    """Wherever it fails: the alarm comes at once, nothing is said that is not so, and it goes on after."""
    rig = Rig()
    rig.sources = {CAMERA: fragments(segment_s=6), OTHER: fragments(OTHER, segment_s=6)}
    rig.record(5, CAMERA, OTHER)
    broken = {"append", kind} if kind == "cut" else {kind}
    rig.disk.fault = lambda k, p: OSError(number, "no") if k in broken and p.suffix == ".mp4" else None
    rig.record(4, CAMERA, OTHER)
    assert rig.volume.state.condition in {condition, Condition.OK}
    rig.disk.fault = lambda _kind, _path: None
    rig.record(8, CAMERA, OTHER)
    assert rig.part()[0] is Level.OK
    rig.writer.close()
    assert rig.reports.causes() == {cause}
    assert rig.disk.open_files == 0
    expect_agreement(rig)
    for camera_id in (CAMERA, OTHER):
        rig.reports.expect_whole(camera_id)
        assert rig.reports.times(camera_id)[-1][1] == BEGIN_US + 17 * US_PER_S
        lost = sum(x.end_us - x.start_us for x in rig.reports.losses if x.camera_id == camera_id)
        assert lost <= 9 * US_PER_S


def test_a_full_disk_keeps_what_fitted_and_says_so() -> None:
    """A write that ends in the middle is cut off again; there is room, and it goes on."""
    rig = Rig()
    rig.record(3)
    rig.disk.room = rig.disk.used + 700
    rig.record(3)
    assert rig.volume.state.condition is Condition.FULL
    assert rig.part() == (Level.FAILED, f"{PATH} is full: {rig.volume.state.reason.split(': ')[1]}")
    rig.disk.room = None
    rig.record(5)
    rig.writer.close()
    assert rig.reports.causes() == {Cause.DISK_FULL}
    assert len(rig.reports.segments) == 2
    expect_agreement(rig)
    rig.reports.expect_whole()


def test_after_a_failed_sync_no_second_one_is_believed() -> None:
    """The system tells of lost pages once: what was written since the last good sync is given up."""
    rig = Rig()
    rig.record(5)
    (said,) = rig.reports.segments.values()
    faults = iter([OSError(errno.EIO, "no")])
    rig.disk.fault = lambda kind, path: (
        next(faults, None) if (kind, path.suffix) == ("sync", ".mp4") else None
    )
    rig.record(1)
    rig.record(3)
    segment = rig.reports.segments[said.id]
    assert (segment.state, segment.size, segment.end_us) == (SegmentState.CLOSED, said.size, said.end_us)
    rig.writer.close()
    expect_agreement(rig)
    rig.reports.expect_whole()


def test_a_stalled_disk_costs_the_oldest_gops_and_blocks_nobody() -> None:
    """The queue is bounded in bytes; what is kept begins with a keyframe; the disk is said to be slow."""
    size = sum(fragment.size for fragment in islice(fragments(), 8))
    rig = Rig(Settings(queue_bytes=size))
    source = fragments()
    rig.writer.run_once()
    for fragment in islice(source, 21):
        rig.writer.submit(fragment)
        assert rig.writer.waiting_bytes <= size
    assert rig.part()[0] is Level.DEGRADED
    assert rig.reports.causes() == {Cause.DISK_SLOW}
    assert rig.writer.pending(CAMERA)
    rig.sources[CAMERA] = source
    rig.record(3)
    rig.writer.close()
    expect_agreement(rig)
    rig.reports.expect_whole()
    assert rig.reports.losses[0].start_us == BEGIN_US
    assert all((x.end_us - BEGIN_US) % (2 * US_PER_S) == 0 for x in rig.reports.losses)


def test_the_disk_is_well_again_once_it_keeps_up() -> None:
    """The alarm goes by itself."""
    rig = Rig(Settings(queue_bytes=1))
    rig.writer.run_once()
    for fragment in islice(fragments(), 3):
        rig.writer.submit(fragment)
    assert rig.part()[0] is Level.DEGRADED
    rig.record(12)
    assert rig.part() == (Level.OK, "")


def test_a_stream_that_no_file_holds_costs_the_other_cameras_nothing() -> None:
    """It is a cause of its own."""
    rig = Rig()
    bad = next(fragments(OTHER))
    stream = type(bad.stream)("vp8", b"", 160, 96, bad.stream.time_base, 10.0)
    packets = tuple(
        type(p)(OTHER, stream, p.data, p.media, p.dts, p.wall_us, p.arrived_ns, p.is_keyframe)
        for p in bad.packets
    )
    rig.record(2)
    rig.writer.submit(
        type(bad)(OTHER, bad.segment_id, stream, packets, (), bad.start_us, bad.end_us, True, False, bad.size)
    )
    rig.record(2)
    assert rig.reports.causes() == {Cause.NOT_RECORDABLE}
    assert {loss.camera_id for loss in rig.reports.losses} == {OTHER}
    rig.writer.close()
    expect_agreement(rig)


def test_at_the_end_what_waits_is_written_as_long_as_there_is_time() -> None:
    """And what is not is said to be lost."""
    rig = Rig()
    rig.record(2)
    rig.writer.submit(next(rig.sources[CAMERA]))
    rig.writer.stop(rig.clock.monotonic_ns())
    rig.writer.close()
    (segment,) = rig.reports.segments.values()
    assert segment.end_us == BEGIN_US + 3 * US_PER_S
    expect_agreement(rig)


def test_a_folder_that_is_removed_as_a_file_begins_is_made_again() -> None:
    """Retention removes empty folders; that costs nothing."""
    rig = Rig()

    def remove_it(kind: str, path: Path) -> None:
        if kind == "open" and path.suffix == ".mp4":
            rig.disk.fault = lambda _kind, _path: None
            rig.disk.remove_folder(path.parent)

    rig.disk.fault = remove_it
    rig.record(3)
    rig.writer.close()
    assert rig.reports.losses == []
    expect_agreement(rig)
