"""Where the fragments of files lie, remembered."""

from dataclasses import replace
from pathlib import Path

import pytest

from appliance.domain.footage import SegmentState
from appliance.errors import FootageUnavailable, NotFound
from appliance.recordings.playback.footage_file import FootageFile
from appliance.recordings.playback.layouts import Layouts
from tests.support.footage_files import write_footage


def test_a_file_is_read_once(tmp_path: Path) -> None:
    """Its layout is known then, even when the file is gone."""
    file, layouts = write_footage(tmp_path, "s1"), Layouts()
    first = layouts.of(file)
    file.path.unlink()
    assert layouts.of(file) is first
    assert len(first.fragments) == 6


def test_one_that_grows_is_read_as_far_as_it_is_synced(tmp_path: Path) -> None:
    """And again when more of it has been."""
    whole, layouts = write_footage(tmp_path, "s1", state=SegmentState.OPEN), Layouts()
    ends = [place.offset + place.size for place in Layouts().of(whole).fragments]
    for number, end in enumerate(ends, 1):
        part = FootageFile(replace(whole.segment, size=end), tmp_path)
        assert len(layouts.of(part).fragments) == number


def test_only_the_last_ones_are_remembered(tmp_path: Path) -> None:
    """Memory is bounded; what was forgotten is read again."""
    one, other = write_footage(tmp_path, "s1"), write_footage(tmp_path, "s2")
    layouts = Layouts(most=1)
    first = layouts.of(one)
    layouts.of(other)
    assert layouts.of(one) is not first
    assert layouts.of(one) == first


def test_a_file_that_is_not_there_is_not_found(tmp_path: Path) -> None:
    """Its disk may be gone; the message names the segment, not the path."""
    file = write_footage(tmp_path, "s1")
    file.path.unlink()
    with pytest.raises(NotFound, match="the file of the segment 's1' is not on its disk"):
        Layouts().of(file)


@pytest.mark.parametrize("path", ["../outside.mp4", "/etc/passwd", "link/outside.mp4"])
def test_no_row_leads_out_of_its_storage_path(tmp_path: Path, path: str) -> None:
    """Whoever can write a row, or a link, still reads footage only."""
    folder = tmp_path / "volume"
    folder.mkdir()
    (tmp_path / "outside.mp4").write_bytes(b"secret")
    (folder / "link").symlink_to(tmp_path)
    whole = write_footage(folder, "s1")
    with pytest.raises(NotFound, match="does not lie in its storage path"):
        FootageFile(replace(whole.segment, path=path), folder).open()


def test_a_disk_that_does_not_give_a_file_may_do_so_later(tmp_path: Path) -> None:
    """That is no missing footage, and no defect of the program."""
    file = write_footage(tmp_path, "s1")
    file.path.unlink()
    file.path.mkdir()
    with pytest.raises(FootageUnavailable, match="the segment 's1' cannot be read: Is a directory"):
        file.open()
