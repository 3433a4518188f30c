"""What the judges of footage see: a picture that is missing, damaged, or counted twice in the ledger."""

import itertools
import shutil
from pathlib import Path

import pytest

from tests.support.camera_simulator.clip import read_clip
from tests.support.camera_simulator.faults import SentPicture
from tests.support.clips import walking_square, write_clip
from tests.support.footage import Piece, complaints, digests_of, missing, play, unaccounted


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    """Write thirty pictures, each another one."""
    return write_clip(tmp_path / "clip.mp4", walking_square(30))


def test_a_file_holds_the_pictures_that_a_camera_sends_of_it(clip: Path) -> None:
    """Each has the checksum that the simulator notes, in the same order."""
    sent = [picture.digest for picture in read_clip(clip).pictures]
    assert digests_of(clip) == sent
    assert len(set(sent)) == 30
    assert play(clip) == 30


def test_what_was_sent_and_is_not_stored_is_missing(clip: Path) -> None:
    """And nothing else."""
    sent = [SentPicture(float(i), digest, i % 10 == 0) for i, digest in enumerate(digests_of(clip))]
    stored = [picture.digest for picture in sent if picture.at_s not in {3.0, 29.0}]
    assert missing(sent, stored) == [sent[3], sent[29]]
    assert missing(sent, itertools.chain(stored, (sent[3].digest, sent[29].digest))) == []


def test_a_damaged_picture_is_seen_by_who_plays_the_file(clip: Path) -> None:
    """So that a file that only opens does not pass."""
    data = bytearray(clip.read_bytes())
    at = data.index(b"mdat") + 4 + len(data) // 4
    data[at : at + 60] = bytes(byte ^ 0x5A for byte in data[at : at + 60])
    clip.write_bytes(data)
    with pytest.raises((AssertionError, OSError)):
        play(clip)


@pytest.mark.skipif(shutil.which("ffprobe") is None, reason="there is no ffprobe: apt install ffmpeg")
def test_ffprobe_says_nothing_of_a_good_file_and_something_of_a_broken_one(clip: Path) -> None:
    """It looks at every packet."""
    assert complaints(clip) == ""
    clip.write_bytes(clip.read_bytes()[:200])
    assert complaints(clip) != ""


def test_a_hole_and_an_overlap_in_the_ledger_are_named() -> None:
    """By a microsecond too; neighbours that meet are not."""

    def piece(start_us: int, end_us: int) -> Piece:
        return Piece("front", start_us, end_us, "", None, "closed")

    pieces = [piece(0, 10), piece(10, 20), piece(21, 30), piece(29, 40)]
    found = unaccounted(pieces)
    assert [line.split(" s ")[0] for line in found] == ["front: +0.000001", "front: -0.000001"]
