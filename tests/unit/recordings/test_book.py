"""The book: what disks and recorders say becomes rows, once a second, whatever the database does."""

import asyncio
import dataclasses
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from itertools import pairwise
from pathlib import Path

import pytest
from sqlalchemy import Connection

from appliance.domain.footage import Cause, Gap, Segment, SegmentState
from appliance.domain.ids import CameraId, SegmentId, VolumeId
from appliance.domain.time import US_PER_S, WallUs
from appliance.errors import Overloaded
from appliance.recordings import book as book_module
from appliance.recordings.book import Book
from appliance.recordings.reports import Dropped
from appliance.runtime.allowance import Allowance
from appliance.store import footage, footage_book
from appliance.store.engine import Store
from appliance.store.settings import StoreSettings
from tests.support.clock import SimulatedClock

FRONT, YARD = CameraId("front"), CameraId("yard")
Told = list[tuple[float, float, str]]


class Recorder:
    """Says why nothing is recorded, as it is told to."""

    def __init__(self, cause: Cause | None = Cause.CAMERA_DOWN) -> None:
        self.now = cause

    def cause(self, _at_us: WallUs) -> Cause | None:
        """Return what it was told."""
        return self.now


class Writer:
    """Commits to a real database, unless that is locked or its queue is full."""

    def __init__(self, store: Store) -> None:
        self.free = asyncio.Event()
        self.free.set()
        self.is_full = False
        self.units = 0
        self._store = store

    async def commit(self, unit: Callable[[Connection], None]) -> None:
        """Run the unit in a transaction of its own."""
        if self.is_full:
            raise Overloaded("it is full")
        await self.free.wait()
        self.units += 1
        with self._store.writer.begin() as connection:
            unit(connection)


class Rig:
    """A book on a real database, under a clock that tests move."""

    def __init__(self, store: Store, clock: SimulatedClock) -> None:
        self.clock = clock
        self.began_us = clock.wall_us()
        self.writer = Writer(store)
        self.pending = False
        self.book = Book(self.writer, clock, lambda _camera_id: self.pending)
        self.recorders: dict[CameraId, Recorder] = {FRONT: Recorder()}
        self._store = store

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Rig"]:
        """Keep it."""
        tasks = [asyncio.create_task(self.book.keep()), asyncio.create_task(self.book.run())]
        await asyncio.sleep(0)
        try:
            yield self
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def watch(self) -> "Rig":
        """Let it hear of the cameras."""
        self.book.watch(self.recorders)
        return self

    def resume(self) -> "Rig":
        """Let it know what the rows tell."""
        with self._store.writer.connect() as connection:
            self.book.resume(footage.accounted_until(connection))
        return self

    def segment(self, start: float, end: float, name: str = "a", camera_id: CameraId = FRONT) -> Segment:
        """Return a segment of that time, in seconds since the book was made."""
        return Segment(
            *(SegmentId(name), camera_id, VolumeId("v"), f"{name}.mp4", self.at(start), self.at(end)),
            *(100, None, "avc1.64000a", 160, 96),
            state=SegmentState.OPEN,
        )

    def at(self, seconds: float) -> WallUs:
        """Return that moment."""
        return WallUs(self.began_us + round(seconds * US_PER_S))

    def told(self, camera_id: CameraId = FRONT) -> Told:
        """Return what the database tells of a camera, in order."""
        ever = WallUs(0), WallUs(1 << 60)
        with self._store.writer.connect() as connection:
            segments = footage.segments_in(connection, camera_id, *ever)
            gaps = footage.gaps_in(connection, camera_id, *ever)
        told = [(one.start_us, one.end_us, "recorded") for one in segments]
        told += [(one.start_us, one.end_us, one.cause.value) for one in gaps]
        assert all(a[1] == b[0] for a, b in pairwise(sorted(told)))
        return [
            ((start - self.began_us) / US_PER_S, (end - self.began_us) / US_PER_S, word)
            for start, end, word in sorted(told)
        ]


@pytest.fixture
def clock() -> SimulatedClock:
    """A clock in November 2026."""
    return SimulatedClock(1_795_000_000 * US_PER_S)


@pytest.fixture
def store(tmp_path: Path, clock: SimulatedClock) -> Iterator[Store]:
    """A new database."""
    with Store(tmp_path, clock, StoreSettings()) as opened:
        yield opened


@pytest.fixture
def rig(store: Store, clock: SimulatedClock) -> Rig:
    """A book on it."""
    return Rig(store, clock)


async def test_segments_and_gaps_become_rows_within_two_seconds(rig: Rig) -> None:
    """In one transaction, so that they always add up."""
    async with rig.watch().resume().running():
        await rig.clock.advance(3)
        rig.recorders[FRONT].now = None
        rig.book.synced(rig.segment(2.5, 4))
        await rig.clock.advance(2)
    assert rig.told() == [(0, 2.5, "camera_down"), (2.5, 4, "recorded")]


async def test_a_quiet_book_writes_nothing(rig: Rig) -> None:
    """A recording costs a row when a disk was synced, not each second."""
    rig.recorders[FRONT].now = None
    async with rig.watch().resume().running():
        rig.book.synced(rig.segment(0, 4))
        await rig.clock.advance(2)
        before = rig.writer.units
        await rig.clock.advance(10)
    assert rig.writer.units == before


async def test_a_gap_that_goes_on_is_brought_up_to_date_now_and_then(rig: Rig) -> None:
    """A box whose cameras record motion alone writes little while nothing moves."""
    rig.recorders[FRONT].now = Cause.IDLE
    async with rig.watch().resume().running():
        await rig.clock.advance(2)
        before = rig.writer.units
        await rig.clock.advance(60)
        assert rig.writer.units == before + 12
    (told,) = rig.told()
    assert told[1] >= 57


async def test_footage_that_was_deleted_at_once_stays_so(rig: Rig, store: Store) -> None:
    """What becomes of footage later is not the ledger's: it neither covers that gap nor takes it away."""
    rig.recorders[FRONT].now = None
    async with rig.watch().resume().running():
        rig.book.synced(dataclasses.replace(rig.segment(0, 10), state=SegmentState.CLOSED))
        await rig.clock.advance(12)
        with store.writer.begin() as connection:
            footage.mark_deleting(connection, [SegmentId("a")])
            footage.forget_segments(connection, [SegmentId("a")])
        rig.recorders[FRONT].now = Cause.OFF
        await rig.clock.advance(12)
    assert [(start, word) for start, _, word in rig.told()] == [(0, "expired"), (10, "off")]


async def test_a_locked_database_costs_nothing(rig: Rig) -> None:
    """For a minute no row can be written; then all is there, in one transaction."""
    rig.recorders[FRONT].now = None
    async with rig.watch().resume().running():
        await rig.clock.advance(1)
        rig.writer.free.clear()
        for second in range(1, 61):
            rig.book.synced(rig.segment(0, second))
            await rig.clock.advance(1)
        rig.book.synced(rig.segment(60, 61, "b"))
        rig.book.dropped(Dropped(FRONT, rig.at(61), rig.at(63), Cause.DISK_SLOW))
        rig.writer.free.set()
        before = rig.writer.units
        await rig.clock.advance(3)
        assert rig.writer.units <= before + 2
    assert rig.told() == [(0, 60, "recorded"), (60, 61, "recorded"), (61, 63, "disk_slow")]


async def test_what_was_too_much_to_hold_is_looked_for_at_the_next_start(
    rig: Rig, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The database was locked for a day: files without rows lie before the newest row by then."""
    monkeypatch.setattr(book_module, "MOST_WAITING", 2)
    with store.writer.begin() as connection:
        footage.save_looked_through(connection, VolumeId("v"), 1)
    async with rig.watch().resume().running():
        for second, name in enumerate("abc"):
            rig.book.synced(rig.segment(second, second + 1, name))
        await rig.clock.advance(2)
    with store.writer.connect() as connection:
        assert footage.known_segments(connection, [SegmentId(name) for name in "abc"]) == {"a", "b"}
        assert footage.looked_through(connection, 1) == set()


async def test_a_full_queue_of_the_database_is_tried_again(rig: Rig) -> None:
    """The book keeps what could not be handed over."""
    rig.recorders[FRONT].now = None
    async with rig.watch().resume().running():
        rig.writer.is_full = True
        rig.book.synced(rig.segment(0, 4))
        await rig.clock.advance(3)
        assert rig.told() == []
        rig.writer.is_full = False
        await rig.clock.advance(2)
    assert rig.told() == [(0, 4, "recorded")]


async def test_the_time_since_a_former_run_is_the_service_s(rig: Rig, store: Store) -> None:
    """From the last moment that was accounted for to the start."""
    with store.writer.begin() as connection:
        footage.save_segments(connection, [rig.segment(-60, -10, "old")])
    async with rig.watch().resume().running():
        await rig.clock.advance(5)
    assert rig.told() == [(-60, -10, "recorded"), (-10, 0, "service_down"), (0, 5, "camera_down")]


async def test_what_recovery_finds_takes_its_time_back_from_the_gap(rig: Rig, store: Store) -> None:
    """A crash left four seconds of which no row spoke."""
    with store.writer.begin() as connection:
        footage.save_segments(connection, [rig.segment(-60, -10, "old")])
    async with rig.watch().resume().running():
        await rig.clock.advance(2)
        found = rig.segment(-60, -6, "old")
        with store.writer.begin() as connection:
            footage.save_segments(connection, [found])
            footage.cut_gaps(connection, FRONT, found.start_us, found.end_us)
        rig.book.restored(found)
        await rig.clock.advance(3)
    assert rig.told() == [(-60, -6, "recorded"), (-6, 0, "service_down"), (0, 5, "camera_down")]


async def test_what_recovery_found_while_a_page_waited_stays_found(rig: Rig, store: Store) -> None:
    """The page knows nothing of it, and a kill right after it would leave nobody who does."""
    with store.writer.begin() as connection:
        footage.save_segments(connection, [rig.segment(-60, -20, "old")])
    async with rig.watch().resume().running():
        rig.writer.free.clear()
        await rig.clock.advance(2)
        found = rig.segment(-15, -6, "found")
        with store.writer.begin() as connection:
            footage.save_segments(connection, [found])
            footage.fill_around(connection, found, Cause.SERVICE_DOWN)
        rig.writer.free.set()
        await rig.clock.advance(0.1)
    assert rig.told()[:4] == [
        (-60, -20, "recorded"),
        (-20, -15, "service_down"),
        (-15, -6, "recorded"),
        (-6, 0, "service_down"),
    ]


async def test_a_file_that_ends_elsewhere_on_a_second_look_leaves_no_gap(rig: Rig, store: Store) -> None:
    """Its own times are rounded; where the next one begins is known once that is found as well."""
    with store.writer.begin() as connection:
        footage.save_segments(connection, [rig.segment(-60, -20, "first")])
    async with rig.watch().resume().running():
        first, second = rig.segment(-60, -10.000001, "first"), rig.segment(-10, -5, "second")
        joined = dataclasses.replace(first, end_us=second.start_us)
        for found in (first, second, joined):
            with store.writer.begin() as connection:
                footage.save_segments(connection, [found])
                footage.cut_gaps(connection, FRONT, found.start_us, found.end_us)
            rig.book.restored(found)
            await rig.clock.advance(2)
    assert rig.told()[:3] == [(-60, -10, "recorded"), (-10, -5, "recorded"), (-5, 0, "service_down")]


async def test_what_recovery_says_of_the_time_before_a_file_is_told_once(rig: Rig, store: Store) -> None:
    """The book goes on from the end of the last gap, as recovery did."""
    with store.writer.begin() as connection:
        footage.save_segments(connection, [rig.segment(-60, -20, "old")])
        footage.add_gap(connection, Gap(FRONT, rig.at(-20), rig.at(-10), Cause.SERVICE_DOWN))
    async with rig.watch().resume().running():
        found = rig.segment(-9, -5, "new")
        with store.writer.begin() as connection:
            footage.save_segments(connection, [found])
            footage.fill_around(connection, found, Cause.SERVICE_DOWN)
        assert rig.told()[2:] == [(-10, -9, "service_down"), (-9, -5, "recorded")]
        rig.book.restored(found)
        await rig.clock.advance(5)
    assert rig.told() == [
        (-60, -20, "recorded"),
        (-20, -10, "service_down"),
        (-10, -9, "service_down"),
        (-9, -5, "recorded"),
        (-5, 0, "service_down"),
        (0, 5, "camera_down"),
    ]


async def test_files_of_a_run_that_was_killed_before_its_first_row_are_accounted_for(
    rig: Rig, store: Store
) -> None:
    """The newest is found first; between the files and up to the start Nightjar did not run."""
    async with rig.watch().resume().running():
        await rig.clock.advance(2)
        for found in (rig.segment(-20, -10, "newer"), rig.segment(-40, -30, "older")):
            with store.writer.begin() as connection:
                footage.save_segments(connection, [found])
            rig.book.restored(found)
            await rig.clock.advance(4)
    assert rig.told() == [
        (-40, -30, "recorded"),
        (-30, -20, "service_down"),
        (-20, -10, "recorded"),
        (-10, 0, "service_down"),
        (0, 10, "camera_down"),
    ]


async def test_a_camera_that_comes_back_was_not_wanted_meanwhile(rig: Rig) -> None:
    """It was deleted and added again: nobody wanted that time recorded."""
    async with rig.watch().resume().running():
        await rig.clock.advance(5)
        camera = rig.recorders.pop(FRONT)
        rig.watch()
        await rig.clock.advance(10)
        rig.recorders[FRONT] = camera
        rig.watch()
        await rig.clock.advance(2)
    assert [word for _, _, word in rig.told()] == ["camera_down", "off", "camera_down"]


async def test_what_is_left_of_a_camera_that_is_deleted_is_written(rig: Rig) -> None:
    """Its last fragments are synced after that, and what a disk drops of it is told; no time is left over."""
    rig.recorders[FRONT].now = None
    async with rig.watch().resume().running():
        await rig.clock.advance(5)
        rig.book.synced(rig.segment(0, 4))
        rig.pending = True
        rig.watch()
        camera = rig.recorders.pop(FRONT)
        rig.watch()
        await rig.clock.advance(3)
        rig.book.synced(rig.segment(0, 4.5))
        rig.book.dropped(Dropped(FRONT, rig.at(4.5), rig.at(4.9), Cause.DISK_SLOW))
        rig.pending = False
        await rig.clock.advance(7)
        assert rig.told() == [(0, 4.5, "recorded"), (4.5, 4.9, "disk_slow")]
        camera.now = Cause.CAMERA_DOWN
        rig.recorders[FRONT] = camera
        rig.watch()
        await rig.clock.advance(6)
    assert rig.told() == [
        (0, 4.5, "recorded"),
        (4.5, 4.9, "disk_slow"),
        (4.9, 15, "off"),
        (15, 20, "camera_down"),
    ]


async def test_what_a_disk_says_after_it_hung_for_long_is_put_right(rig: Rig) -> None:
    """Another one was written to meanwhile, and the time of the first was told as missing long ago."""
    rig.recorders[FRONT].now = None
    async with rig.watch().resume().running():
        rig.book.synced(rig.segment(0, 10, "first"))
        for minute in range(12):
            rig.book.synced(rig.segment(30 + minute * 60, 90 + minute * 60, f"other{minute:02d}"))
            await rig.clock.advance(2)
        assert rig.told()[:2] == [(0, 10, "recorded"), (10, 30, "camera_down")]
        rig.book.synced(rig.segment(0, 18, "first"))
        rig.book.dropped(Dropped(FRONT, rig.at(18), rig.at(30), Cause.DISK_SLOW))
        await rig.clock.advance(2)
        assert rig.told()[:2] == [(0, 18, "recorded"), (18, 30, "disk_slow")]
        await rig.clock.advance(10)
    assert len(rig.told()) == 14


async def test_a_camera_that_is_new_has_no_past(rig: Rig) -> None:
    """It is accounted for from the moment on in which it was added."""
    async with rig.watch().resume().running():
        await rig.clock.advance(5)
        rig.recorders[YARD] = Recorder(Cause.IDLE)
        rig.watch()
        await rig.clock.advance(5)
    assert rig.told(YARD) == [(5, 10, "idle")]


async def test_nothing_is_written_before_the_past_is_known(rig: Rig) -> None:
    """Rows of now would hide where those of the former run ended."""
    async with rig.watch().running():
        rig.book.synced(rig.segment(0, 4))
        await rig.clock.advance(3)
        assert rig.writer.units == 0


async def test_a_clock_that_is_set_back_loses_no_time(rig: Rig) -> None:
    """The time goes on from where it was."""
    async with rig.watch().resume().running():
        await rig.clock.advance(5)
        rig.clock.step_wall(-3600)
        await rig.clock.advance(5)
    assert rig.told() == [(0, 10, "camera_down")]


async def test_it_is_known_up_to_when_there_is_footage_of_a_camera(rig: Rig, store: Store) -> None:
    """Its next picture is stamped after that, even where the clock was set back meanwhile."""
    with store.writer.begin() as connection:
        footage.save_segments(connection, [rig.segment(3600, 3660, "ahead")])
    rig.recorders[YARD] = Recorder()
    rig.watch().resume()
    assert (rig.book.reached_us(FRONT), rig.book.reached_us(YARD)) == (rig.at(3660), None)
    rig.book.synced(rig.segment(0, 9, "b", YARD))
    rig.book.tick()
    assert rig.book.reached_us(YARD) == rig.at(9)


async def test_rows_of_a_clock_that_was_wrong_are_not_gone_on_from(rig: Rig, store: Store) -> None:
    """The last run thought that it was 2035; this one begins anew."""
    years = 9 * 365 * 86_400.0
    with store.writer.begin() as connection:
        footage.save_segments(connection, [rig.segment(years, years + 10, "future")])
    async with rig.watch().resume().running():
        await rig.clock.advance(3)
    with store.writer.connect() as connection:
        gaps = footage.gaps_in(connection, FRONT, rig.at(0), rig.at(10))
    assert [gap.cause for gap in gaps] == [Cause.CAMERA_DOWN]


def test_holes_between_footage_that_was_found_again_are_lost_time(rig: Rig, store: Store) -> None:
    """The database was lost with what it knew of them; now the ledger adds up again, and once is enough."""
    with store.writer.begin() as connection:
        found = [
            rig.segment(0, 10, "a"),
            rig.segment(10, 20, "b"),
            rig.segment(12, 14, "within"),
            rig.segment(25, 30, "c"),
            rig.segment(50, 60, "d", YARD),
        ]
        footage.save_segments(connection, found)
        footage.add_gap(connection, Gap(FRONT, rig.at(32), rig.at(40), Cause.IDLE))
        footage_book.fill_holes(connection, {})
        footage_book.fill_holes(connection, {})
        gaps = footage.gaps_in(connection, FRONT, rig.at(0), rig.at(99))
    assert [(gap.start_us, gap.end_us, gap.cause) for gap in gaps] == [
        (rig.at(20), rig.at(25), Cause.LOST),
        (rig.at(30), rig.at(32), Cause.LOST),
        (rig.at(32), rig.at(40), Cause.IDLE),
    ]


def test_holes_later_than_what_was_known_are_not_lost_time(rig: Rig, store: Store) -> None:
    """Of those the book of this run tells, and it would tell them a second time."""
    with store.writer.begin() as connection:
        found = [rig.segment(0, 10, "a"), rig.segment(20, 30, "b"), rig.segment(40, 50, "c")]
        footage.save_segments(connection, found)
        footage_book.fill_holes(connection, {FRONT: rig.at(20), YARD: rig.at(99)})
        gaps = footage.gaps_in(connection, FRONT, rig.at(0), rig.at(99))
    assert [(gap.start_us, gap.end_us) for gap in gaps] == [(rig.at(10), rig.at(20))]


async def test_the_end_writes_what_is_left(rig: Rig) -> None:
    """Nothing that is on a disk is left without its row by an orderly stop."""
    async with rig.watch().resume().running():
        await rig.clock.advance(2.5)
    rig.book.synced(rig.segment(2, 2.5))
    await rig.book.close(Allowance(rig.clock, 1.0))
    assert rig.told() == [(0, 2, "camera_down"), (2, 2.5, "recorded")]


async def test_an_end_waits_for_a_locked_database_once_and_not_each_time(
    rig: Rig, caplog: pytest.LogCaptureFixture
) -> None:
    """The footage is closed in two steps, and a box must stop in time: the second has what the first left."""
    rig.watch().resume()
    await rig.clock.advance(2.5)
    rig.writer.free.clear()
    patience = Allowance(rig.clock, 2.0)
    first = asyncio.create_task(rig.book.close(patience))
    await rig.clock.advance(0.0)
    await rig.clock.advance(2.0)
    assert first.done()
    second = asyncio.create_task(rig.book.close(patience))
    await rig.clock.advance(0.0)
    await rig.clock.advance(0.0)
    assert second.done()
    assert caplog.text.count("could not be written in time") == 2
    assert rig.told() == []
