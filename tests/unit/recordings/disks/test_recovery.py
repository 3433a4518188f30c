"""What the last run left is made whole, and the database learns of it."""

import asyncio
import hashlib
import random
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import replace
from itertools import islice
from pathlib import Path

import pytest
from sqlalchemy import Connection

from appliance.commit.committer import Committer
from appliance.commit.settings import CommitSettings
from appliance.domain.footage import Cause, Gap, Segment, SegmentState
from appliance.domain.ids import CameraId, SegmentId, VolumeId
from appliance.domain.time import US_PER_S, WallUs
from appliance.packets.fmp4 import layout_of
from appliance.recordings.disks.os_files import SystemFiles
from appliance.recordings.disks.recovery import MOST_TORN_BYTES, Candidate, Recovery, remembered, restore
from appliance.recordings.disks.segment_file import path_of, start_of
from appliance.runtime.clock import SystemClock
from appliance.runtime.health import Health
from appliance.runtime.metrics import Metrics
from appliance.runtime.supervisor import Supervisor
from appliance.store import footage
from appliance.store.engine import Store
from appliance.store.settings import StoreSettings
from tests.support.clock import SimulatedClock
from tests.support.coded import BEGIN_US, CAMERA, pictures_of, tone
from tests.support.disk_rig import PATH, Rig
from tests.support.fragments import fragments

VOLUME = VolumeId("v")
CLOSED = SegmentState.CLOSED
NEVER = frozenset[SegmentId]()


class Crash(Exception):
    """The process dies here."""


class Box:
    """A recording of some seconds in memory, and a database on a real file."""

    def __init__(self, store: Store, committer: Committer) -> None:
        self.rig = Rig()
        self.disk = self.rig.disk
        self._store = store
        self.committer = committer

    def record(self, seconds: int, segment_s: int = 60) -> list[Segment]:
        """Record, close nothing, and return what was said."""
        self.rig.sources = {CAMERA: fragments(segment_s=segment_s)}
        self.rig.record(seconds)
        return sorted(self.rig.reports.segments.values(), key=lambda segment: segment.start_us)

    def record_days(self, days: int) -> None:
        """Record three files on each of some days, and tell nobody."""
        for day in range(days):
            rig = Rig(disk=self.disk)
            rig.sources = {CAMERA: fragments(begin_us=BEGIN_US + day * 86_400 * US_PER_S, segment_s=2)}
            rig.record(6)
            rig.writer.close()

    def record_later(self, seconds: float) -> None:
        """Record a file of two seconds, so long after the first, and tell nobody."""
        rig = Rig(disk=self.disk)
        rig.sources = {CAMERA: fragments(begin_us=BEGIN_US + round(seconds * US_PER_S), segment_s=2)}
        rig.record(2)
        rig.writer.close()

    def save(self, segments: Iterable[Segment], gaps: Iterable[Gap] = ()) -> None:
        """Write rows, as the book does."""
        with self._store.writer.begin() as connection:
            footage.save_segments(connection, segments)
            footage.add_gaps(connection, gaps)

    async def recover(
        self,
        writing: frozenset[SegmentId] = NEVER,
        on_restored: Callable[[Segment], None] = lambda _segment: None,
    ) -> list[Segment]:
        """Start anew, and return what the database knows then."""
        past = await self.committer.commit(remembered)
        rig = Rig(disk=self.disk)
        assert rig.volume.check()
        recovery = Recovery(
            *([rig.volume], past, writing.__contains__, self.disk, self.committer, SystemClock()),
            on_restored,
        )
        await asyncio.wait_for(recovery.run(), 20)
        return await self.committer.commit(every_segment)

    async def gaps(self) -> list[Gap]:
        """Return the camera's gaps."""
        return await self.committer.commit(
            lambda connection: footage.gaps_in(connection, CAMERA, WallUs(0), WallUs(1 << 60))
        )


def every_segment(connection: Connection) -> list[Segment]:
    """Return the camera's segments."""
    return footage.segments_in(connection, CAMERA, WallUs(0), WallUs(1 << 60))


@asynccontextmanager
async def a_box(folder: Path) -> AsyncIterator[Box]:
    """Run a committer."""
    clock, health = SystemClock(), Health()
    with Store(folder, clock, StoreSettings()) as store:
        committer = Committer(store.writer, clock, health, Metrics(), CommitSettings(), lambda: None)
        async with Supervisor(clock, health) as parts:
            parts.start("committer", committer.run)
            yield Box(store, committer)
            await committer.drain()


@pytest.fixture
async def box(tmp_path: Path) -> AsyncIterator[Box]:
    """One box for each test."""
    async with a_box(tmp_path) as made:
        yield made


async def test_an_open_row_learns_what_its_file_holds(box: Box) -> None:
    """More than was said before the death of the process; a gap that was told over it goes."""
    (said,) = box.record(6)
    box.save([said], [Gap(CAMERA, said.end_us, WallUs(BEGIN_US + 20 * US_PER_S), Cause.SERVICE_DOWN)])
    box.rig.writer.submit(next(box.rig.sources[CAMERA]))
    box.rig.writer.run_once()
    (found,) = await box.recover()
    data = box.disk.read(PATH / found.path, 0, 1 << 30)
    assert (found.state, found.end_us) == (SegmentState.CLOSED, BEGIN_US + 7 * US_PER_S)
    assert (found.size, found.sha256) == (len(data), hashlib.sha256(data).hexdigest())
    (gap,) = await box.gaps()
    assert (gap.start_us, gap.cause) == (found.end_us, Cause.SERVICE_DOWN)


async def test_a_file_without_a_row_gets_one(box: Box) -> None:
    """The last run died before the database heard of it; codecs and size of the picture are in the file."""
    first, second = box.record(8, segment_s=4)
    box.save([first])
    found = await box.recover()
    assert [replace(segment, sha256=None) for segment in found[1:]] == [
        replace(second, state=SegmentState.CLOSED, sha256=None, end_us=found[1].end_us, size=found[1].size)
    ]
    assert found[1].end_us >= second.end_us


@pytest.mark.parametrize("apart_us", [-11, 11])
async def test_files_that_follow_each_other_meet_in_the_ledger(box: Box, apart_us: int) -> None:
    """A file's own times are rounded: no gap and no overlap of some microseconds comes of that."""
    first, second = box.record(8, segment_s=4)
    start_us = WallUs(second.start_us + apart_us)
    other = path_of(second.camera_id, second.id, start_us)
    box.disk.rename(PATH / second.path, PATH / other)
    box.save([], [Gap(CAMERA, first.start_us, WallUs(second.end_us + US_PER_S), Cause.SERVICE_DOWN)])
    told: dict[SegmentId, Segment] = {}
    found = await box.recover(on_restored=lambda segment: told.update({segment.id: segment}))
    assert [segment.start_us for segment in found] == [first.start_us, start_us]
    assert found[0].end_us == start_us
    assert told == {segment.id: segment for segment in found}, "the book would see a gap there again"
    (gap,) = await box.gaps()
    assert gap.start_us == found[1].end_us


async def test_what_was_told_before_meets_the_file_in_the_ledger(box: Box) -> None:
    """In the same transaction: killed right after it, no later run would know of the time between."""
    await box.recover()
    (first,) = box.record(4)
    told_us = WallUs(first.start_us - 162_339)
    box.save([], [Gap(CAMERA, WallUs(told_us - US_PER_S), told_us, Cause.SERVICE_DOWN)])

    def die(_segment: Segment) -> None:
        raise Crash

    with pytest.raises(Crash):
        await box.recover(on_restored=die)
    before, between = await box.gaps()
    assert (before.start_us, before.end_us) == (told_us - US_PER_S, told_us)
    assert (between.start_us, between.end_us) == (told_us, first.start_us)


async def test_nothing_is_lost_by_a_start_that_was_killed(box: Box) -> None:
    """It had not come to the volume, so all is gone through: what the last run left is still its own."""
    await box.recover()
    said = replace(box.record(4)[0], state=CLOSED)
    box.save([said])
    box.record_later(60)
    await box.committer.commit(lambda connection: footage.save_recovery_run(connection, 2))
    first, second = await box.recover()
    (gap,) = await box.gaps()
    assert (gap.start_us, gap.end_us, gap.cause) == (first.end_us, second.start_us, Cause.SERVICE_DOWN)


async def test_a_service_that_ends_soon_does_not_wait_for_the_next_look(box: Box) -> None:
    """The volume was not usable at the first look: its files are gone through when that is asked for."""
    box.record_days(1)
    rig = Rig(disk=box.disk)
    past = await box.committer.commit(remembered)
    clock = SimulatedClock()
    recovery = Recovery([rig.volume], past, NEVER.__contains__, box.disk, box.committer, clock)
    running = asyncio.create_task(recovery.run())
    await recovery.go_through()
    assert await box.committer.commit(every_segment) == []
    assert rig.volume.check()
    going = asyncio.create_task(recovery.go_through())
    while not going.done():
        await clock.advance(0.1)
    await going
    assert len(await box.committer.commit(every_segment)) == 3
    running.cancel()


async def test_a_camera_s_first_file_has_no_time_before_it(box: Box) -> None:
    """Nothing is missing of a time of which nothing was ever told."""
    await box.recover()
    box.record(4)
    assert len(await box.recover()) == 1
    assert await box.gaps() == []


async def test_a_file_that_is_gone_leaves_a_gap(box: Box) -> None:
    """Its row is not kept as if it could be played."""
    (said,) = box.record(5)
    box.save([said])
    box.disk.remove(PATH / said.path)
    assert await box.recover() == []
    assert await box.gaps() == [Gap(CAMERA, said.start_us, said.end_us, Cause.LOST)]


async def test_a_file_that_is_shorter_than_was_said_leaves_a_gap(box: Box) -> None:
    """The rest of it is lost."""
    (said,) = box.record(5)
    box.save([said])
    file = box.disk.open(PATH / said.path)
    file.cut(said.size - 10)
    (found,) = await box.recover()
    assert found.end_us < said.end_us
    assert await box.gaps() == [Gap(CAMERA, found.end_us, said.end_us, Cause.LOST)]


async def test_a_file_without_a_whole_fragment_is_removed(box: Box) -> None:
    """Nothing can be played of it, and nothing was said of it."""
    box.record(3)
    (path,) = box.disk.videos()
    box.disk.open(path).cut(900)
    assert await box.recover() == []
    assert box.disk.videos() == {}


async def test_what_is_being_written_is_let_alone(box: Box) -> None:
    """The recording began before the recovery looked."""
    (said,) = box.record(3)
    (path,) = box.disk.videos()
    box.disk.open(path).cut(900)
    assert await box.recover(frozenset({said.id})) == []
    assert [len(data) for data in box.disk.videos().values()] == [900]


async def test_a_new_database_learns_of_every_file(box: Box) -> None:
    """F21: days of them; what is no footage is not touched."""
    box.record_days(3)
    others = [PATH / "yard/notes.txt", PATH / "yard/2026-09-21/holiday.mp4", PATH / "yard/2026-09-21/x-1.mp4"]
    for other in others:
        box.disk.open(other).append(b"mine")
    found = await box.recover()
    assert len(found) == 9
    assert {segment.sha256 for segment in found} == {
        hashlib.sha256(data).hexdigest() for path, data in box.disk.videos().items() if path not in others
    }
    assert [box.disk.read(other, 0, 9) for other in others] == [b"mine"] * 3
    assert await box.recover() == found


async def test_a_new_database_learns_of_the_rest_after_a_crash_meanwhile(box: Box) -> None:
    """Else what it had not come to would lie on the disk for ever, unknown to everybody."""
    box.record_days(3)

    def die(_segment: Segment) -> None:
        raise Crash

    with pytest.raises(Crash):
        await box.recover(on_restored=die)
    assert len(await box.committer.commit(every_segment)) == 1
    assert len(await box.recover()) == 9


async def test_a_disk_that_was_away_is_looked_through_when_it_is_back(box: Box) -> None:
    """Other disks have newer footage meanwhile; the time in between that nobody explains is lost."""
    await box.recover()
    box.record_days(2)
    newest = replace(box.record(2)[0], id=SegmentId("other"), volume_id=VolumeId("other"), state=CLOSED)
    start_us = WallUs(BEGIN_US + 9 * 86_400 * US_PER_S)
    box.save([replace(newest, start_us=start_us, end_us=WallUs(start_us + US_PER_S))])
    await box.committer.commit(lambda connection: footage.save_recovery_run(connection, 5))
    found = await box.recover()
    gaps = await box.gaps()
    assert len(found) == 1 + len(box.disk.videos())
    assert {gap.cause for gap in gaps} == {Cause.LOST}
    assert gaps[-1].end_us == start_us


async def test_a_disk_that_fails_meanwhile_is_gone_through_later(box: Box) -> None:
    """What could not be read stays as it is, and the other files are restored."""
    box.record(8, segment_s=4)
    first, second = box.disk.videos()
    box.disk.fault = lambda kind, path: OSError(5, "no") if (kind, path) == ("read", second) else None
    assert [segment.path for segment in await box.recover()] == [str(first.relative_to(PATH))]
    box.disk.fault = lambda _kind, _path: None
    assert len(await box.recover()) == 2


def test_a_page_that_was_never_written_ends_a_file() -> None:
    """A file system may have made a file longer before its pages were on the disk; their zeros are mud."""
    rig = Rig()
    rig.record(3)
    (path,) = rig.disk.videos()
    data = rig.disk.videos()[path]
    layout = layout_of(lambda at, size: data[at : at + size], len(data))
    place = layout.fragments[1]
    grown = data[: place.offset + 800] + bytes(8192) + data[place.offset + 800 : place.offset + place.size]
    mdat = grown.find(b"mdat", place.offset) - 4
    length = len(grown) - mdat
    grown = grown[:mdat] + length.to_bytes(4, "big") + grown[mdat + 4 :]
    file = rig.disk.open(path)
    file.cut(0)
    file.append(grown)
    name = str(path.relative_to(PATH))
    found = restore(rig.disk, PATH, VOLUME, Candidate(name))
    assert found is not None
    assert found.size == place.offset
    assert rig.disk.size(path) == place.offset


def test_a_large_file_that_cannot_be_read_is_not_removed() -> None:
    """No crash leaves such a thing: it is somebody's footage on a disk that fails."""
    rig = Rig()
    rig.record(1)
    (path,) = rig.disk.videos()
    file = rig.disk.open(path)
    file.cut(0)
    file.append(bytes(MOST_TORN_BYTES + 1))
    assert restore(rig.disk, PATH, VOLUME, Candidate(str(path.relative_to(PATH)))) is None
    assert rig.disk.size(path) == MOST_TORN_BYTES + 1


def test_codecs_and_size_are_read_from_the_file() -> None:
    """Of video and sound, as the writer named them."""
    rig = Rig()
    first = next(fragments())
    sounds = tuple(tone(1.0))
    rig.writer.submit(replace(first, sounds=sounds, sound=sounds[0].stream))
    rig.writer.run_once()
    rig.writer.close()
    (said,) = rig.reports.segments.values()
    assert said.codecs.endswith(",mp4a.40.2")
    found = restore(rig.disk, PATH, said.volume_id, Candidate(said.path))
    assert found == said


PATHS = [
    ("yard/2026-09-21/141320.000001-01a0c4506c00000079617264.mp4", True),
    ("yard/2026-09-21/141320.000001-.mp4", False),
    ("yard/2026-09-21/141320-01a0.mp4", False),
    ("yard/2026-13-21/141320.000001-01a0.mp4", False),
    ("yard/2026-09-21/141320.000001-01a0.txt", False),
    ("nightjar-volume.json", False),
    ("", False),
]


@pytest.mark.parametrize(("path", "is_footage"), PATHS)
def test_a_path_tells_id_and_start_or_is_no_footage(path: str, is_footage: bool) -> None:
    """To the microsecond, and back to the same path."""
    found = start_of(path)
    assert (found is not None) is is_footage
    if found is not None:
        assert path_of(CameraId("yard"), *found) == path


def test_no_cut_and_no_damage_of_a_file_stops_a_start(tmp_path: Path) -> None:
    """Real files: what is kept is whole and plays, or nothing is kept; a second start finds the same."""
    rig = Rig()
    for fragment in islice(fragments(), 6):
        rig.writer.submit(fragment)
    rig.writer.run_once()
    rig.writer.close()
    ((path, whole),) = rig.disk.videos().items()
    name, files, rng = str(path.relative_to(PATH)), SystemFiles(), random.Random(20)
    (tmp_path / name).parent.mkdir(parents=True)
    ends = [BEGIN_US + second * US_PER_S for second in range(1, 7)]
    restored_whole = 0
    for _ in range(400):
        data = damaged(whole, rng)
        (tmp_path / name).write_bytes(data)
        found = restore(files, tmp_path, VOLUME, Candidate(name))
        assert (tmp_path / name).exists() is (found is not None)
        if found is None:
            continue
        kept = (tmp_path / name).read_bytes()
        assert (len(kept), hashlib.sha256(kept).hexdigest()) == (found.size, found.sha256)
        assert restore(files, tmp_path, VOLUME, Candidate(name)) == found
        if data == whole[: len(data)]:
            restored_whole += 1
            assert found.end_us in ends
            assert kept == whole[: found.size]
            assert len(pictures_of(kept)) == (found.end_us - BEGIN_US) // 100_000
    assert restored_whole > 100


def damaged(whole: bytes, rng: random.Random) -> bytes:
    """Return a file cut anywhere, and half of the time with bytes that are not what they were."""
    data = bytearray(whole[: rng.randrange(len(whole) + 1)])
    if rng.random() < 0.5:
        for _ in range(rng.choice([1, 4, 64])):
            if data:
                data[rng.randrange(len(data))] = rng.randrange(256)
    return bytes(data)


async def test_a_restored_database_forgets_files_that_are_gone_and_learns_where_they_moved(box: Box) -> None:
    """What was deleted since is lost, what was recorded since is found, what is protected stays so."""
    box.record_days(2)
    known = await box.recover()
    gone, moved, *_ = known
    box.disk.remove(PATH / gone.path)
    here = moved.volume_id
    with box._store.writer.begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO volumes (id, path, created_us) VALUES ('cold', '/cold', 1), (?, ?, 1) "
            "ON CONFLICT (id) DO NOTHING",
            (here, str(PATH)),
        )
        connection.exec_driver_sql(
            "UPDATE segments SET volume_id = 'cold', path = 'old', is_protected = 1 WHERE id = ?", (moved.id,)
        )
        footage.doubt_volumes(connection)
    rows = {row.id: row for row in await box.recover()}
    assert gone.id not in rows
    assert (rows[moved.id].volume_id, rows[moved.id].path) == (here, moved.path)
    assert rows[moved.id].is_protected
    assert Gap(CAMERA, gone.start_us, gone.end_us, Cause.LOST) in await box.gaps()
    assert set(rows) == {row.id for row in known} - {gone.id}
    doubted = await box.committer.commit(footage.doubted_volumes)
    assert doubted == {VolumeId("cold")}, "what was not there is compared when it is"


async def test_a_database_that_was_not_restored_keeps_the_rows_of_files_that_are_gone(box: Box) -> None:
    """Somebody may put them back; the check names them."""
    box.record_days(1)
    gone, *_ = await box.recover()
    box.disk.remove(PATH / gone.path)
    with box._store.writer.begin() as connection:
        footage.forget_looked_through(connection)
    assert gone.id in {row.id for row in await box.recover()}
