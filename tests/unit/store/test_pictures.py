"""The files of events' pictures."""

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from appliance.store.pictures import Pictures

NAME = "0190a-18c2.jpg"


@contextmanager
def files_of_at_most(size_bytes: int) -> Iterator[None]:
    """Let no file of this process grow beyond a size, as a full disk does."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size_bytes, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_picture_is_read_as_it_was_written(tmp_path: Path) -> None:
    """Until it is deleted, which may be asked for twice."""
    pictures = Pictures(tmp_path)
    pictures.write(NAME, b"jpeg")
    assert (pictures.read(NAME), pictures.names()) == (b"jpeg", {NAME})
    pictures.delete(NAME)
    pictures.delete(NAME)
    assert (pictures.read(NAME), pictures.names()) == (None, set())


def test_a_picture_that_cannot_be_written_leaves_nothing_behind(tmp_path: Path) -> None:
    """A part of it would take the room that is lacking, and be a file that no row names."""
    pictures = Pictures(tmp_path)
    with files_of_at_most(1000), pytest.raises(OSError, match="File too large"):
        pictures.write(NAME, bytes(5000))
    assert pictures.names() == set()
