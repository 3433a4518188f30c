"""An owner gives up the footage of a disk that never comes back; what can be played is not given up."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance.cli import main
from appliance.domain.footage import Cause, Place, Volume
from appliance.domain.ids import SegmentId, VolumeId
from appliance.recordings.keeping.check import check_footage
from appliance.store import footage
from appliance.store.engine import Store
from appliance.store.settings import StoreSettings
from tests.support.clock import SimulatedClock
from tests.support.footage_rows import FRONT, HOT, gap, minute, segment

GONE = VolumeId("gone")
FORGET = ["forget-volume", GONE, "--data"]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """Footage on a disk that is not there, some of it in every state."""
    on_it = [segment(number, volume_id=GONE) for number in (1, 2, 3)]
    protected = segment(4, volume_id=GONE, is_protected=True)
    moved = segment(5, id=SegmentId("moved"))
    with Store(tmp_path, SimulatedClock(), StoreSettings()) as opened:
        with opened.writer.begin() as connection:
            footage.save_volume(connection, Volume(GONE, str(tmp_path / "mnt"), minute(0)))
            footage.save_segments(connection, [*on_it, protected, moved])
            footage.mark_deleting(connection, [on_it[0].id])
            footage.move_segment(connection, moved.id, Place(GONE, "front/moved.mp4"))
            footage.intend_move(connection, Place(GONE, "front/x.mp4"))
        yield opened


def test_its_time_is_lost_and_the_rest_adds_up(
    store: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Protected footage too; what was deleted before is not called lost, what was moved last is back."""
    store.__exit__()
    assert main([*FORGET, str(tmp_path)]) == 0
    assert capsys.readouterr().out == "gone: forgotten; 3 segments given up\n"
    with Store(tmp_path, SimulatedClock(), StoreSettings()) as again, again.writer.begin() as connection:
        gaps = footage.gaps_in(connection, FRONT, minute(0), minute(9))
        (left,) = footage.segments_in(connection, FRONT, minute(0), minute(9))
        assert gaps == [gap(1, 2, Cause.EXPIRED), gap(2, 5, Cause.LOST)]
        assert (left.id, left.volume_id, left.path) == ("moved", HOT, segment(5).path)
        assert (footage.volumes(connection), footage.intended_moves(connection)) == ([], [])
    assert not any("gone" in finding for finding in check_footage(tmp_path, SimulatedClock()))
    store.__enter__()


def test_a_disk_that_is_there_is_not_forgotten(
    store: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nor anything while the service runs, nor what nobody knows."""
    assert main([*FORGET, str(tmp_path)]) == 1
    assert "another Nightjar is running" in capsys.readouterr().err
    store.__exit__()
    (tmp_path / "mnt").mkdir()
    (tmp_path / "mnt/nightjar-volume.json").write_text(json.dumps({"id": GONE, "created_us": 1}))
    assert main([*FORGET, str(tmp_path)]) == 1
    assert "is there" in capsys.readouterr().err
    assert main(["forget-volume", "other", "--data", str(tmp_path)]) == 2
    assert "expected one of the volumes gone, got 'other'" in capsys.readouterr().err
    store.__enter__()
    with store.writer.begin() as connection:
        assert len(footage.segments_in(connection, FRONT, minute(0), minute(9))) == 4


def test_without_a_database_nothing_is_made(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A wrong folder is told."""
    assert main([*FORGET, str(tmp_path / "no")]) == 2
    assert "found none" in capsys.readouterr().err
    assert not (tmp_path / "no").exists()
