"""Python and SQLite write the same time in the same way."""

import sqlite3
from contextlib import closing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.store.resources import time_json
from appliance.store.times import iso_of_us, us_of_iso


@given(st.integers(0, 4_000_000_000_000_000))
def test_a_time_is_written_as_sqlite_writes_it(wall_us: int) -> None:
    """What REST makes in Python equals what the triggers make, to the millisecond."""
    with closing(sqlite3.connect(":memory:")) as connection:
        (written,) = connection.execute(f"SELECT {time_json('?1')}", (wall_us,)).fetchone()
    assert iso_of_us(wall_us) == written


@pytest.mark.parametrize(
    ("text", "wall_us"),
    [
        ("1970-01-01T00:00:00Z", 0),
        ("2026-11-23T16:04:05.123456+01:00", 1_795_446_245_123_456),
        ("2026-11-23T15:04:05.123Z", 1_795_446_245_123_000),
    ],
)
def test_a_time_with_its_zone_is_understood(text: str, wall_us: int) -> None:
    """Any zone, and fractions of a second."""
    assert us_of_iso(text) == wall_us


@pytest.mark.parametrize("text", ["2026-11-23T15:04:05", "yesterday", ""])
def test_a_time_that_could_be_anywhere_is_refused(text: str) -> None:
    """Without a zone nobody knows which instant is meant."""
    with pytest.raises(ValueError, match=r"."):
        us_of_iso(text)
