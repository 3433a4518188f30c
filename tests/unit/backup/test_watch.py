"""Whether backups can be relied on is told before they are needed, and no louder than it should be."""

from pathlib import Path

import pytest

from appliance.backup.record import Made, Record, Rehearsed, note_backup, note_rehearsal, read_record
from appliance.backup.settings import Settings
from appliance.backup.watch import BackupWatch, judge
from appliance.domain.time import US_PER_S, WallUs
from appliance.runtime.health import Health, Level
from appliance.store.times import iso_of_us
from tests.support.clock import SimulatedClock
from tests.support.rows import NOON_US

DAY_US = 86_400 * US_PER_S


def days_ago(days: float) -> str:
    """Return a time as the notes have it."""
    return iso_of_us(WallUs(NOON_US - round(days * DAY_US)))


def made(days: float) -> Made:
    """Return a backup of so many days ago."""
    return Made(days_ago(days), "/b.tar", 5)


def tried(days: float, trouble: str = "") -> Rehearsed:
    """Return a rehearsal of so many days ago."""
    return Rehearsed(days_ago(days), "/b.tar", days_ago(days), trouble)


@pytest.mark.parametrize(
    ("record", "words"),
    [
        (Record(made(1), tried(1)), ""),
        (Record(made(2.9)), ""),
        (Record(made(3.1), tried(3.1)), "3 days old"),
        (Record(made(1), tried(0.9, "torn")), "/b.tar could not be restored: torn"),
        (Record(made(0.5), tried(0.9, "torn")), ""),
        (Record(None, tried(1, "torn")), "could not be restored"),
        (Record(), "no backup was made yet"),
    ],
)
def test_a_backup_is_judged_by_its_age_and_its_rehearsal(record: Record, words: str) -> None:
    """A newer backup makes the trouble of an older one a thing of the past."""
    said = judge(record, WallUs(NOON_US), stale_days=3)
    assert words in said
    assert bool(words) is bool(said)


@pytest.mark.parametrize(
    ("settings", "record", "level"),
    [
        (Settings(), None, None),
        (Settings(), made(1), Level.OK),
        (Settings(), made(9), Level.DEGRADED),
        (Settings(folder=Path("/backups")), None, Level.DEGRADED),
    ],
)
async def test_nobody_is_alarmed_who_never_wanted_a_backup(
    tmp_path: Path, settings: Settings, record: Made | None, level: Level | None
) -> None:
    """A part of the health from the first backup on, or where the settings name a folder for them."""
    health = Health()
    if record is not None:
        note_backup(tmp_path, record)
    await BackupWatch(tmp_path, settings, SimulatedClock(NOON_US), health).run_once()
    assert [(part.part, part.level) for part in health.parts()] == ([("backup", level)] if level else [])


def test_each_command_notes_its_part(tmp_path: Path) -> None:
    """One does not wipe out what the other said; who runs the service can read it, and nobody else."""
    note_backup(tmp_path, made(1))
    note_rehearsal(tmp_path, tried(1))
    note_backup(tmp_path, made(0))
    assert read_record(tmp_path) == Record(made(0), tried(1))
    assert (tmp_path / "backup.json").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["backup.json"]


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"made": 5}'])
def test_a_note_that_cannot_be_read_is_none(tmp_path: Path, content: bytes) -> None:
    """A torn file keeps no service from telling everything else."""
    (tmp_path / "backup.json").write_bytes(content)
    assert read_record(tmp_path) == Record()
