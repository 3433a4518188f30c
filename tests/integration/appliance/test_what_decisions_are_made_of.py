"""What is stored of a camera is enough to decide everything again: frames, journal and snapshots."""

from pathlib import Path

import pytest

from appliance.store import journal
from tests.support.deciding import SETUP
from tests.support.living import DOOR, an_evening, living
from tests.support.sightings import person


async def test_frames_and_journal_make_the_same_changes_again(tmp_path: Path) -> None:
    """From the first snapshot everything, from a later one everything that came after it; in one order."""
    async with living(tmp_path) as live:
        await an_evening(live)
        first, midnight = await live.kept()
        assert len(live.writer.changes) > 20
        assert await live.again(first) == live.writer.changes
        later = await live.again(midnight)
        assert 0 < len(later) < len(live.writer.changes)
        assert later == live.writer.changes[-len(later) :]


async def test_the_journal_has_only_what_changed_something(tmp_path: Path) -> None:
    """Of twelve hours in which nothing happens nothing is written, but for a snapshot after midnight."""
    async with living(tmp_path) as live:
        await an_evening(live)
        kinds = [entry.kind.value for entry in await live.entries()]
        assert kinds == ["setup", "setup", "tick", "close", "tick"]
        assert len(await live.kept()) == 2


async def test_what_changed_nothing_is_not_written(tmp_path: Path) -> None:
    """The same settings again are none."""
    async with living(tmp_path) as live:
        live.watch.configure(DOOR, SETUP.house)
        await live.pass_time(300)
        assert await live.entries() == []


async def test_a_snapshot_follows_what_was_lost(tmp_path: Path) -> None:
    """Once nothing more is lost, a replay can begin anew; not while it goes on."""
    async with living(tmp_path) as live:
        for lost in (1, 5, 9):
            live.writer.lost = lost
            await live.pass_time(1)
        assert len(await live.kept()) == 1
        await live.pass_time(5)
        assert len(await live.kept()) == 2


@pytest.mark.parametrize("kind", ["journal", "snapshots"])
async def test_they_go_with_the_frames(tmp_path: Path, kind: str) -> None:
    """What is older than the frames that are kept tells nothing any more."""
    forget = {"journal": journal.forget_entries, "snapshots": journal.forget_snapshots}[kind]
    async with living(tmp_path) as live:
        await an_evening(live)
        kept, entries = await live.kept(), await live.entries()
        after = kept[-1].snapshot.at_us
        await live.trunk.committer.commit(lambda connection: forget(connection, after, 100))
        young = [entry for entry in entries if entry.at_us >= after]
        assert 0 < len(young) < len(entries)
        left = (await live.kept(), await live.entries())
        assert left == ((kept, young) if kind == "journal" else (kept[-1:], entries))


async def test_frames_stay_in_order_where_a_run_begins_behind_the_one_before(tmp_path: Path) -> None:
    """Each is stored behind the last, and decided on with the time that is stored."""
    async with living(tmp_path) as live:
        await live.see(2, person())
        live.clock.step_wall(-1.5)
        await live.see(4, person())
        frames = await live.frames()
        times = [tracked.detections.wall_us for tracked in frames]
        assert len(frames) == 30
        assert times == sorted(set(times))
        (first,) = await live.kept()
        assert await live.again(first) == live.writer.changes
