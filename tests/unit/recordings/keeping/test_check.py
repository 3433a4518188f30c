"""``nightjar check`` names every file of footage that is not what the database says of it."""

import hashlib
import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from appliance.domain.footage import Cause, Export, ExportState, Segment, SegmentState, Volume
from appliance.domain.ids import CameraId, ExportId, SegmentId
from appliance.recordings.keeping.check import Progress, check_footage, is_running
from appliance.store import footage
from appliance.store.engine import DATABASE, Store
from appliance.store.settings import StoreSettings
from tests.support.clock import SimulatedClock
from tests.support.footage_rows import FRONT, HOT, gap, minute, segment

BYTES = b"moof mdat " * 10
SHA256 = hashlib.sha256(BYTES).hexdigest()
CLOCK = SimulatedClock(4_000_000_000_000_000)
"""Every file was changed long before."""


def whole(number: int, **changes: object) -> Segment:
    """Return the segment of a minute with the size and hash of its file."""
    return segment(number, **{"size": len(BYTES), "sha256": SHA256, **changes})


def path_of(folder: Path, number: int) -> Path:
    """Return the file of a minute's segment."""
    return folder / "footage" / segment(number).path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A sound data directory: segments of every state, gaps, an export, and their files."""
    root = tmp_path / "footage"
    (root / "front/2026-09-21").mkdir(parents=True)
    (root / "lost+found").mkdir()
    (root / "nightjar-volume.json").write_text(json.dumps({"id": HOT, "created_us": 1}))
    (tmp_path / "exports").mkdir()
    (tmp_path / "exports/e1.mp4").write_bytes(b"12345")
    deleting = whole(9, id=SegmentId("deleting"), path="front/2026-09-21/gone.mp4")
    opened = whole(4, state=SegmentState.OPEN, sha256=None, size=7)
    with Store(tmp_path, SimulatedClock(), StoreSettings()) as store, store.writer.begin() as connection:
        footage.save_volume(connection, Volume(HOT, str(root), minute(0)))
        footage.save_segments(connection, [whole(1), whole(2), opened, deleting])
        footage.mark_deleting(connection, [deleting.id])
        footage.add_gaps(connection, [gap(0, 1, Cause.SERVICE_DOWN), gap(3, 4), gap(5, 9, Cause.OFF)])
        done = Export(ExportId("e1"), FRONT, minute(1), minute(2), False, minute(3), ExportState.DONE, size=5)
        footage.save_export(connection, done)
        footage.save_export(connection, Export(ExportId("e2"), FRONT, minute(1), minute(2), False, minute(3)))
    for number in (1, 2, 4):
        path_of(tmp_path, number).write_bytes(BYTES)
    return tmp_path


def findings(folder: Path, reads_bytes: bool = True) -> list[str]:
    """Return what the check finds, with paths relative to the data directory."""
    return [text.replace(f"{folder}/", "") for text in check_footage(folder, CLOCK, reads_bytes)]


def tamper(folder: Path, statement: str) -> None:
    """Change a row behind the service's back."""
    with closing(sqlite3.connect(folder / DATABASE)) as connection:
        connection.execute(statement)
        connection.commit()


def test_a_sound_directory_has_no_difference(folder: Path) -> None:
    """An open file may be longer than what was synced, and one that is being deleted may be gone."""
    assert findings(folder) == []


@pytest.mark.parametrize(
    ("number", "data", "finding"),
    [
        (1, None, "is not there"),
        (4, None, "is not there"),
        (1, BYTES[:-1], "has 99 bytes; expected 100"),
        (1, BYTES + b"x", "has 101 bytes; expected 100"),
        (4, b"123456", "has 6 bytes; 7 were synced"),
    ],
)
@pytest.mark.parametrize("reads_bytes", [True, False])
def test_a_file_that_is_missing_or_has_another_size_is_named(
    folder: Path, number: int, data: bytes | None, finding: str, reads_bytes: bool
) -> None:
    """Whether or not files are read."""
    path = path_of(folder, number)
    path.unlink() if data is None else path.write_bytes(data)
    assert findings(folder, reads_bytes) == [f"S8 files: footage/{segment(number).path} {finding}"]


def test_a_flipped_bit_is_found_by_the_hash_alone(folder: Path) -> None:
    """Which takes reading every byte; whoever does not want that does not see it."""
    path_of(folder, 1).write_bytes(BYTES[:-1] + b"!")
    assert findings(folder, reads_bytes=False) == []
    other = hashlib.sha256(BYTES[:-1] + b"!").hexdigest()
    assert findings(folder) == [
        f"S8 files: footage/{segment(1).path} has the hash {other}; expected {SHA256}"
    ]


def test_a_closed_segment_has_a_hash(folder: Path) -> None:
    """It is part of closing it."""
    tamper(folder, "UPDATE segments SET sha256 = NULL WHERE id LIKE '%1'")
    assert findings(folder) == [f"S8 files: footage/{segment(1).path} is closed and has no hash"]


def test_unknown_files_are_named_in_the_folders_of_cameras_only(folder: Path) -> None:
    """What else lies on the disk is its owner's; the rest of a deletion is known until its row goes."""
    (folder / "footage/notes.txt").write_text("mine")
    (folder / "footage/front/2026-09-21/gone.mp4").write_bytes(BYTES)
    (folder / "footage/front/2026-09-21/x.mp4.part").write_bytes(BYTES)
    assert findings(folder) == [
        "S9 unknown files: footage/front/2026-09-21/x.mp4.part is there and no segment names it"
    ]
    tamper(folder, "DELETE FROM segments WHERE state = 'deleting'")
    assert len(findings(folder)) == 2


def test_what_a_move_may_leave_is_known(folder: Path) -> None:
    """The copy that was begun, and the former file."""
    tamper(folder, "INSERT INTO meta VALUES ('moving to hot', 'front/2026-09-21/copy.mp4')")
    tamper(folder, f"UPDATE segments SET former_volume_id = '{HOT}', former_path = 'front/old.mp4'")
    for name in ("front/2026-09-21/copy.mp4", "front/2026-09-21/copy.mp4.part", "front/old.mp4"):
        (folder / "footage" / name).write_bytes(BYTES)
    assert findings(folder) == []


@pytest.mark.parametrize(
    ("statement", "finding"),
    [
        (
            "DELETE FROM gaps WHERE start_us = (SELECT min(start_us) + 180000000 FROM gaps)",
            "a hole of 60.000 s at {2}, between segment segment-000002 and segment segment-000004",
        ),
        (
            "UPDATE segments SET end_us = end_us + 1500000 WHERE id = 'segment-000001'",
            "an overlap of 1.500 s at {1}, between segment segment-000001 and segment segment-000002",
        ),
        (
            "UPDATE gaps SET start_us = start_us + 1000000 WHERE cause = 'off'",
            "a hole of 1.000 s at {4}, between segment segment-000004 and off gap",
        ),
    ],
)
def test_the_ledger_of_a_camera_adds_up(folder: Path, statement: str, finding: str) -> None:
    """From its first known moment on there is neither a hole nor an overlap."""
    tamper(folder, statement)
    found = findings(folder)
    assert len(found) == 1
    assert found[0].startswith(
        f"S10 ledger: camera front: {finding.split(' at ', maxsplit=1)[0]} at 2026-09-21T"
    )
    assert found[0].endswith(finding.split("}, ")[1])


def test_cameras_are_told_apart(folder: Path) -> None:
    """One may begin while another one was recorded already."""
    with Store(folder, SimulatedClock(), StoreSettings()) as store, store.writer.begin() as connection:
        footage.add_gap(connection, gap(2.5, 3.5, camera_id=CameraId("yard")))
    assert findings(folder) == []


@pytest.mark.parametrize(
    ("text", "finding"),
    [
        (None, "holds no identity file: its disk is not mounted"),
        ('{"id": "other", "created_us": 1}', "holds another disk, the volume other"),
    ],
)
def test_a_disk_that_is_not_the_right_one_is_said_once(folder: Path, text: str | None, finding: str) -> None:
    """Not for each file that it should hold."""
    identity = folder / "footage/nightjar-volume.json"
    identity.unlink() if text is None else identity.write_text(text)
    assert findings(folder) == [
        f"S7 storage paths: footage {finding}; 4 segments of the volume hot cannot be looked at; "
        "if it never comes back: nightjar forget-volume hot"
    ]


def test_segments_of_a_volume_that_nobody_knows_are_said(folder: Path) -> None:
    """Its row is gone, or never came."""
    tamper(folder, "DELETE FROM volumes")
    assert findings(folder) == [
        "S7 storage paths: 4 segments lie in the volume hot, which nobody knows",
    ]


def test_exports_are_files_and_nothing_else_is_there(folder: Path) -> None:
    """Of those that are done."""
    (folder / "exports/e2.mp4").write_bytes(b"left")
    (folder / "exports/e1.mp4").write_bytes(b"1234")
    assert findings(folder) == [
        "S11 exports: exports/e1.mp4 has 4 bytes; expected 5",
        "S11 exports: exports/e2.mp4 is there and no export that is done names it",
    ]
    (folder / "exports/e1.mp4").unlink()
    assert findings(folder)[0] == "S11 exports: exports/e1.mp4 is not there"


def test_beside_a_running_service_what_is_new_is_let_pass(folder: Path) -> None:
    """A file is there a moment before its row."""
    new = folder / "footage/front/2026-09-21/new.mp4"
    new.write_bytes(BYTES)
    now = SimulatedClock(int(new.stat().st_mtime * 1e6) + 1_000_000)
    assert not is_running(folder)
    assert len(check_footage(folder, now)) == 1
    with Store(folder, SimulatedClock(), StoreSettings()):
        assert is_running(folder)
        assert check_footage(folder, now) == []
        assert len(check_footage(folder, CLOCK)) == 1


def test_progress_is_told_after_each_file(folder: Path) -> None:
    """How many of how many, and their bytes."""
    said: list[Progress] = []
    check_footage(folder, CLOCK, say=said.append)
    assert [progress.files for progress in said] == [1, 2, 3, 4]
    assert said[-1] == Progress(4, 4, 307)


def test_without_a_database_there_is_nothing_to_check(tmp_path: Path) -> None:
    """That there is none is said by the check of the database."""
    assert check_footage(tmp_path, CLOCK) == []
    (tmp_path / DATABASE).write_text("no database")
    assert check_footage(tmp_path, CLOCK) == []
