"""Old footage goes, in two phases and never because a clock stepped; some of it moves before."""

import functools
from pathlib import Path

import pytest

from appliance.domain.footage import Cause, Segment, Volume
from appliance.domain.ids import CameraId, SegmentId
from appliance.domain.time import US_PER_S
from appliance.recordings.disks.identity import Identity, write_identity
from appliance.recordings.disks.volume import Register
from appliance.recordings.disks.volume import Volume as RealVolume
from appliance.recordings.settings import Settings, StoragePath
from appliance.runtime.health import Level, PartHealth
from appliance.store import footage
from tests.support.footage_disk import Cut
from tests.support.footage_keeping import BYTES, COLD, Box, Crash, CrashingWriter, footage_box, shelf
from tests.support.footage_rows import FRONT, HOT, MINUTE_US, gap, minute, segment

DAY = 1440
SIZE = len(BYTES)
moving_hot = functools.partial(shelf, "hot", move_after_days=2.0)
STEPS_S = {
    "an hour ahead": 3600,
    "an hour back": -3600,
    "to 1970": -minute(0) / US_PER_S,
    "to 2099": 4_070_908_800 - minute(0) / US_PER_S,
}


def ids(*numbers: int) -> list[str]:
    """Return the ids of the segments of these minutes."""
    return [segment(number).id for number in numbers]


def old(number: int, **changes: object) -> Segment:
    """Return the segment of a minute, in a folder of its day."""
    day = f"2026-09-{21 + number // DAY:02d}"
    return segment(number, **{"path": f"front/{day}/{number:06d}.mp4", **changes})


async def gaps_of(box: Box, camera_id: CameraId = FRONT) -> list[object]:
    """Return all gaps of a camera."""
    async with box.spine.reader.read() as connection:
        return list(await connection.run_sync(footage.gaps_in, camera_id, minute(-9999), minute(99 * DAY)))


def complaint(box: Box) -> PartHealth:
    """Return what the keeper says of itself."""
    return next(part for part in box.health.parts() if part.part == "footage kept")


async def test_footage_that_is_over_goes_and_leaves_a_gap(tmp_path: Path) -> None:
    """Files, rows and empty folders; what is protected, written or not over stays."""
    async with footage_box(tmp_path, minute(7 * DAY + 3)) as box:
        await box.add(old(0), old(1), old(2, is_protected=True), old(3 * DAY))
        await box.keeper().run_once()
        assert await box.kept() == ids(2, 3 * DAY)
        assert await gaps_of(box) == [gap(0, 2)]
        assert complaint(box).level is Level.OK
        await box.spine.committer.commit(lambda c: footage.protect(c, FRONT, minute(2), minute(3), False))
        await box.keeper().run_once()
        assert await box.kept() == ids(3 * DAY)
        assert await gaps_of(box) == [gap(0, 3)]
        folders = box.disk.names(Path("/hot/front"))
        assert folders == ["2026-09-24"]


async def test_the_class_of_a_segment_decides_how_long_it_is_kept(tmp_path: Path) -> None:
    """With motion it outlives the continuous footage beside it."""
    async with footage_box(tmp_path, minute(8 * DAY)) as box:
        await box.add(old(0), old(1, has_motion=True))
        await box.keeper().run_once()
        assert await box.kept() == ids(1)
        await box.clock.sleep(7 * 86_400)
        await box.keeper().run_once()
        assert await box.kept() == []


@pytest.mark.parametrize("step_s", STEPS_S.values(), ids=STEPS_S.keys())
@pytest.mark.parametrize("is_synchronised", [True, False])
async def test_no_step_of_a_clock_deletes_anything(
    tmp_path: Path, step_s: float, is_synchronised: bool
) -> None:
    """Neither at the step, nor afterwards, nor on the way back; what was recorded meanwhile stays, too."""
    async with footage_box(tmp_path, minute(6 * DAY)) as box:
        await box.add(old(0), old(5 * DAY))
        keeper = box.keeper()
        await keeper.run_once()
        box.clock.step_wall(step_s)
        box.is_synchronised = is_synchronised
        await keeper.run_once()
        meanwhile = box.clock.wall_us()
        await box.add(
            segment(
                6 * DAY,
                id=SegmentId("meanwhile"),
                path="front/meanwhile.mp4",
                start_us=meanwhile,
                end_us=meanwhile + MINUTE_US,
            )
        )
        await box.clock.sleep(600)
        await keeper.run_once()
        box.clock.step_wall(-step_s)
        await box.clock.sleep(600)
        await keeper.run_once()
        await box.clock.sleep(600)
        await keeper.run_once()
        assert await box.kept() == sorted(["meanwhile", *ids(0, 5 * DAY)])
        await box.clock.sleep(86_400)
        await keeper.run_once()
        assert await box.kept() == sorted(["meanwhile", *ids(5 * DAY)])


@pytest.mark.parametrize("step_s", STEPS_S.values(), ids=STEPS_S.keys())
async def test_a_start_with_a_clock_that_nobody_keeps_right_deletes_nothing(
    tmp_path: Path, step_s: float
) -> None:
    """Age goes on from the last run; once the clock is right, by it."""
    async with footage_box(tmp_path, minute(6 * DAY)) as box:
        await box.add(old(0), old(5 * DAY))
        await box.keeper().run_once()
        box.clock.step_wall(step_s)
        box.is_synchronised = False
        keeper = box.keeper()
        await keeper.run_once()
        assert await box.kept() == ids(0, 5 * DAY)
        box.clock.step_wall(-step_s + 2 * 86_400)
        box.is_synchronised = True
        await keeper.run_once()
        assert await box.kept() == ids(5 * DAY)


@pytest.mark.parametrize("ran_before", [False, True])
async def test_a_clock_that_is_set_right_late_makes_nothing_of_this_run_old(
    tmp_path: Path, ran_before: bool
) -> None:
    """A box without a battery records for days before it learns the date: that footage is as old as it is."""
    async with footage_box(tmp_path, minute(5)) as box:
        if ran_before:
            await box.add(old(0))
            await box.keeper().run_once()
        box.is_synchronised = False
        box.clock.step_wall(STEPS_S["to 1970"])
        began_us = box.clock.wall_us()
        keeper = box.keeper()
        await keeper.run_once()
        for day in range(3):
            await box.clock.sleep(86_400)
            start_us = began_us + day * DAY * MINUTE_US
            times = {"start_us": start_us, "end_us": start_us + MINUTE_US}
            await box.add(segment(day, id=SegmentId(f"day {day}"), path=f"front/day{day}.mp4", **times))
            await keeper.run_once()
        box.clock.step_wall(-STEPS_S["to 1970"] + 60 * 86_400)
        box.is_synchronised = True
        await keeper.run_once()
        assert await box.kept() == ["day 0", "day 1", "day 2"]
        await box.clock.sleep(4.5 * 86_400)
        await keeper.run_once()
        kept = await box.kept()
        assert ("day 0" in kept, "day 2" in kept) == (False, True)


@pytest.mark.parametrize("step_s", STEPS_S.values(), ids=STEPS_S.keys())
async def test_a_step_of_a_clock_does_not_change_what_goes_first(tmp_path: Path, step_s: float) -> None:
    """Where room is needed: that of which most of the time is used up, not what is kept for the longest."""
    async with footage_box(tmp_path, minute(3 * DAY), shelf("hot")) as box:
        await box.add(old(0), old(1, has_motion=True))
        keeper = box.keeper()
        await keeper.run_once()
        box.clock.step_wall(step_s)
        await keeper.run_once()
        box.disk.room = box.disk.used
        box.shelves[0].reserved = SIZE
        await keeper.make_room()
        assert await box.kept() == ids(1)


async def test_footage_on_a_disk_that_is_not_there_counts_for_no_limit(tmp_path: Path) -> None:
    """Else what is left would have to make room for what nobody can see."""
    settings = Settings(most_bytes=2 * SIZE)
    async with footage_box(tmp_path, minute(100), shelf("hot"), shelf("cold"), settings=settings) as box:
        await box.add(*(old(n, volume_id=COLD) for n in range(2)), *(old(n) for n in range(2, 4)))
        box.shelves[1].is_usable = False
        await box.keeper().run_once()
        assert await box.kept() == ids(0, 1, 2, 3)
        box.shelves[1].is_usable = True
        await box.keeper().run_once()
        assert await box.kept() == ids(2, 3)


async def test_limits_in_bytes_are_kept(tmp_path: Path) -> None:
    """Of a camera and of all; what has used up most of its time goes first."""
    settings = Settings(most_bytes=4 * SIZE)
    async with footage_box(tmp_path, minute(5 * DAY), settings=settings) as box:
        yard = [
            old(n, id=SegmentId(f"yard-{n}"), camera_id=CameraId("yard"), path=f"yard/2026-09-21/{n}.mp4")
            for n in range(3)
        ]
        await box.add(old(0), old(1, has_motion=True), old(2), *yard)
        await box.spine.committer.commit(
            lambda c: c.exec_driver_sql(
                "INSERT INTO cameras (id, name, url, recording) VALUES ('yard', 'y', 'demo:', ?)",
                (f'{{"most_bytes": {2 * SIZE}}}',),
            )
        )
        await box.keeper().run_once()
        assert await box.kept() == sorted([*ids(1, 2), "yard-1", "yard-2"])


async def test_a_limit_that_only_protected_footage_exceeds_is_an_alarm(tmp_path: Path) -> None:
    """It outlives everything; the sentence says what helps."""
    async with footage_box(tmp_path, minute(99 * DAY), settings=Settings(most_bytes=SIZE)) as box:
        await box.add(*(old(n, is_protected=True) for n in range(3)))
        await box.keeper().run_once()
        assert await box.kept() == ids(0, 1, 2)
        assert complaint(box).level is Level.DEGRADED
        assert complaint(box).reason.startswith("all footage: 0.0 MB more than allowed, and all that is left")


async def test_a_reserve_of_free_space_is_kept(tmp_path: Path) -> None:
    """As much goes as is missing, and no more; a disk's call is enough."""
    async with footage_box(tmp_path, minute(100), shelf("hot")) as box:
        await box.add(*(old(n) for n in range(10)))
        keeper = box.keeper()
        await keeper.run_once()
        box.disk.room = box.disk.used + SIZE
        box.shelves[0].reserved = 3 * SIZE
        await keeper.make_room()
        assert await box.kept() == ids(*range(2, 10))
        await keeper.make_room()
        assert len(await box.kept()) == 8


async def test_a_disk_that_is_not_there_loses_nothing(tmp_path: Path) -> None:
    """Its footage waits, as does what was marked when it went away in the midst."""
    async with footage_box(tmp_path, minute(9 * DAY)) as box:
        await box.add(old(0))
        box.shelves[0].is_usable = False
        await box.keeper().run_once()
        assert await box.kept() == ids(0)
        box.shelves[0].is_usable = True
        box.shelves[0].fails = OSError("another file system is mounted there")
        keeper = box.keeper()
        await keeper.run_once()
        assert await box.kept() == ids(0)
        box.shelves[0].fails = None
        await keeper.run_once()
        assert await box.kept() == []
        assert await gaps_of(box) == [gap(0, 1)]


async def test_gaps_older_than_the_footage_go_as_well(tmp_path: Path) -> None:
    """Once their own time is over."""
    async with footage_box(tmp_path, minute(400 * DAY)) as box:
        await box.spine.committer.commit(lambda c: footage.add_gaps(c, [gap(0, 5), gap(5, 6, Cause.IDLE)]))
        await box.add(segment(399 * DAY))
        await box.keeper().run_once()
        assert await gaps_of(box) == []


async def test_footage_moves_to_the_cold_disk_when_it_is_old_enough(tmp_path: Path) -> None:
    """Its bytes are the same there, and the hot disk has nothing of it any more."""
    async with footage_box(tmp_path, minute(3 * DAY), moving_hot(), shelf("cold")) as box:
        await box.add(old(0), old(1), old(2 * DAY))
        await box.keeper().run_once()
        assert await box.kept() == ids(0, 1, 2 * DAY)
        moved = [path for path in box.disk.videos() if path.is_relative_to("/cold")]
        assert [path.name for path in moved] == ["000000.mp4", "000001.mp4"]
        assert {box.disk.videos()[path] for path in moved} == {BYTES}
        async with box.spine.reader.read() as connection:
            assert await connection.run_sync(footage.moving_segments) == []
            assert await connection.run_sync(footage.intended_moves) == []


async def test_a_hot_disk_in_need_moves_before_it_deletes(tmp_path: Path) -> None:
    """And deletes when the cold one is full, or the need is too great."""
    async with footage_box(tmp_path, minute(100), shelf("hot"), shelf("cold", most_bytes=2 * SIZE)) as box:
        await box.add(*(old(n) for n in range(6)))
        keeper = box.keeper()
        await keeper.run_once()
        box.disk.room = box.disk.used + 3 * SIZE
        box.shelves[0].reserved = 4 * SIZE
        await keeper.make_room()
        assert await box.kept() == ids(*range(6))
        assert len([path for path in box.disk.videos() if path.is_relative_to("/cold")]) == 1
        box.disk.room = box.disk.used
        await keeper.make_room()
        assert await box.kept() == ids(0, 5)


async def test_protected_footage_moves_like_any_other(tmp_path: Path) -> None:
    """For its age and for room: it is kept, not kept where it is."""
    async with footage_box(tmp_path, minute(3 * DAY), moving_hot(), shelf("cold")) as box:
        await box.add(old(0, is_protected=True), old(2 * DAY, is_protected=True))
        keeper = box.keeper()
        await keeper.run_once()
        assert [path.name for path in box.disk.videos()] == ["000000.mp4", "002880.mp4"]
        assert [path.parts[1] for path in box.disk.videos()] == ["cold", "hot"]
        box.disk.room = box.disk.used
        box.shelves[0].reserved = SIZE
        await keeper.make_room()
        assert [path.parts[1] for path in box.disk.videos()] == ["cold", "hot"]
        assert complaint(box).reason.startswith("the reserve of /hot: 0.0 MB more than allowed, and all that")
        box.disk.room = box.disk.used + 2 * SIZE
        box.shelves[0].reserved = 8 * SIZE
        await keeper.make_room()
        assert [path.parts[1] for path in box.disk.videos()] == ["cold", "cold"]
        assert complaint(box).level is Level.OK


async def test_damaged_footage_is_not_moved(tmp_path: Path) -> None:
    """It stays where it is, and nothing of the copy is left."""
    async with footage_box(tmp_path, minute(3 * DAY), moving_hot(), shelf("cold")) as box:
        await box.add(old(0))
        box.disk.open(Path("/hot/front/2026-09-21/000000.mp4")).cut(5)
        await box.keeper().run_once()
        assert await box.kept() == ids(0)
        assert list(box.disk.videos()) == [Path("/hot/front/2026-09-21/000000.mp4")]


async def test_what_lies_under_the_name_of_a_copy_is_no_part_of_it(tmp_path: Path) -> None:
    """Such as the rest of a copy that an older database knew of."""
    async with footage_box(tmp_path, minute(3 * DAY), moving_hot(), shelf("cold")) as box:
        await box.add(old(0))
        folder = Path("/cold/front/2026-09-21")
        box.disk.make_folder(folder)
        box.disk.open(folder / "000000.mp4.part").append(b"rest")
        await box.keeper().run_once()
        assert await box.kept() == ids(0)
        assert box.disk.videos() == {folder / "000000.mp4": BYTES}


async def run_until_crash(box: Box, steps: int) -> bool:
    """Let a keeper look, and let the process die before the change number ``steps`` of a disk."""
    left = steps

    def fault(kind: str, _path: Path) -> None:
        nonlocal left
        if kind not in {"read", "size", "names", "space", "device"}:
            left -= 1
            if left == 0:
                raise Crash

    box.disk.fault = fault
    try:
        await box.keeper().run_once()
    except Crash:
        return True
    finally:
        box.disk.fault = lambda _kind, _path: None
    return False


async def check_after(box: Box, cut: Cut) -> None:
    """Let the power go, start anew, and expect that all was completed."""
    box.disk = box.disk.after(len(box.disk.steps), cut)
    box.writer = None
    keeper = box.keeper()
    await keeper.run_once()
    await keeper.run_once()
    assert await box.kept() == ids(2, 3 * DAY, 7 * DAY)
    assert await gaps_of(box) == [gap(0, 2)]
    async with box.spine.reader.read() as connection:
        assert await connection.run_sync(footage.moving_segments) == []
        assert await connection.run_sync(footage.intended_moves) == []
        moved = await connection.run_sync(footage.segments_of_volume, COLD)
    assert [one.id for one in moved] == ids(2, 3 * DAY)
    assert set(box.disk.videos().values()) == {BYTES}


def crash_box(tmp_path: Path):  # type: ignore[no-untyped-def]
    """Return a box in which two segments are to be deleted, beside one that stays, and one is to be moved."""
    return footage_box(tmp_path, minute(7 * DAY + 60), moving_hot(), shelf("cold"))


@pytest.mark.parametrize("cut", [Cut.PRESENT, Cut.ABSENT, Cut.TORN])
async def test_a_power_cut_at_any_step_of_a_disk_is_made_good(tmp_path: Path, cut: Cut) -> None:
    """Deletions are completed, moves undone or completed; no file is unknown, and no row without its file."""
    for steps in range(1, 100):
        async with crash_box(tmp_path / str(steps)) as box:
            await box.add(old(0), old(1), old(2, is_protected=True), old(3 * DAY), old(7 * DAY))
            has_crashed = await run_until_crash(box, steps)
            await check_after(box, cut)
        if not has_crashed:
            break
    assert 10 < steps < 99


async def test_a_copy_that_was_begun_is_undone_when_there_is_nothing_to_move_any_more(tmp_path: Path) -> None:
    """Its segment is over by the next start: neither name of the copy is left."""
    has_left = {".part": False, ".mp4": False}
    for steps in range(1, 100):
        async with footage_box(tmp_path / str(steps), minute(3 * DAY), moving_hot(), shelf("cold")) as box:
            await box.add(old(0))
            has_crashed = await run_until_crash(box, steps)
            names = [path.suffix for path in box.disk.tree.names if path.is_relative_to("/cold")]
            has_left.update(dict.fromkeys(names, True))
            await box.clock.sleep(7 * 86_400)
            await box.keeper().run_once()
            assert await box.kept() == []
        if not has_crashed:
            break
    assert has_left == {".part": True, ".mp4": True}


@pytest.mark.parametrize("is_before", [True, False])
async def test_a_crash_at_any_commit_is_made_good(tmp_path: Path, is_before: bool) -> None:
    """Right before and right after each of them."""
    for commits in range(1, 100):
        async with crash_box(tmp_path / str(commits)) as box:
            await box.add(old(0), old(1), old(2, is_protected=True), old(3 * DAY), old(7 * DAY))
            box.writer = CrashingWriter(box.spine.committer, commits, is_before)
            has_crashed = False
            try:
                await box.keeper().run_once()
            except Crash:
                has_crashed = True
            await check_after(box, Cut.ABSENT)
        if not has_crashed:
            break
    assert 10 < commits < 99


async def test_a_disks_call_wakes_the_keeper(tmp_path: Path) -> None:
    """It does not wait for the minute to be over."""
    async with footage_box(tmp_path, minute(100)) as box:
        keeper = box.keeper()
        keeper.needs_room(HOT, 5)
        assert await keeper._is_called_within(0)
        assert not await keeper._is_called_within(0)


async def test_a_volume_that_runs_low_calls_and_is_relieved(tmp_path: Path) -> None:
    """The real one: its look finds less than the reserve, the keeper makes up for it."""
    async with footage_box(tmp_path, minute(100), shelf("hot")) as box:
        calls: list[int] = []
        register = Register([Volume(HOT, "/hot", minute(0))], lambda _volume: None)
        settings = Settings(reserve_ratio=0.2, least_free_bytes=0)
        write_identity(box.disk, Path("/hot"), Identity(HOT, minute(0)))
        volume = RealVolume(
            *(StoragePath(Path("/hot")), register, box.disk, box.clock, box.health, settings),
            lambda volume_id, missing: calls.append(missing) if volume_id == HOT else None,
        )
        await box.add(*(old(number) for number in range(20)))
        box.shelves = [volume]  # type: ignore[list-item] # it is what the fake stands for
        assert volume.check()
        await box.keeper().run_once()
        assert calls == []
        box.disk.room = box.disk.used + 2 * SIZE
        assert volume.check()
        assert len(calls) == 1
        await box.keeper().run_once()
        calls.clear()
        assert volume.check()
        assert calls == []
        assert len(box.disk.videos()) < 20
