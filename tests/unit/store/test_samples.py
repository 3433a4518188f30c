"""Samples and the figures of the database, on a real file."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance.domain.time import WallUs
from appliance.store import figures, samples
from appliance.store.engine import Store
from appliance.store.samples import FIGURES, Bucket, Sample
from appliance.store.settings import StoreSettings
from appliance.store.tables import Sample as SampleRow
from tests.support.clock import SimulatedClock
from tests.support.rows import NOON_US

MINUTE_US = 60_000_000


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A new database."""
    with Store(tmp_path, SimulatedClock(), StoreSettings()) as made:
        yield made


def at(minute: int) -> WallUs:
    """Return the wall time so many minutes after noon."""
    return WallUs(NOON_US + minute * MINUTE_US)


def test_each_part_of_the_time_has_least_mean_and_most(store: Store) -> None:
    """Where nothing was known there is no part; the end does not count."""
    with store.writer.begin() as connection:
        for minute, cpu in enumerate([10.0, 30.0, None, None, 50.0, 99.0]):
            samples.add(connection, Sample(at(minute), cpu_percent=cpu))
        found = samples.buckets(connection, at(0), at(5), 2 * MINUTE_US)
    assert found["cpu_percent"] == [Bucket(0, 10.0, 20.0, 30.0), Bucket(2, 50.0, 50.0, 50.0)]
    assert found["gpu_percent"] == []
    assert set(found) == set(FIGURES)


def test_every_figure_comes_back_as_itself(store: Store) -> None:
    """The columns are those of the table, in the same order."""
    values = [float(number) for number in range(1, len(FIGURES) + 1)]
    with store.writer.begin() as connection:
        samples.add(connection, Sample(at(0), *values))  # type: ignore[arg-type]
        found = samples.buckets(connection, at(0), at(1), MINUTE_US)
    assert [found[name][0].mean for name in FIGURES] == values
    assert tuple(column.name for column in SampleRow.__table__.columns) == Sample._fields


def test_a_second_sample_of_the_same_moment_is_left_out(store: Store) -> None:
    """After the clock went back."""
    with store.writer.begin() as connection:
        samples.add(connection, Sample(at(0), cpu_percent=1.0))
        samples.add(connection, Sample(at(0), cpu_percent=2.0))
        assert samples.buckets(connection, at(0), at(1), MINUTE_US)["cpu_percent"][0].most == 1.0


def test_the_oldest_go_in_portions(store: Store) -> None:
    """And what is young enough stays."""
    with store.writer.begin() as connection:
        for minute in range(6):
            samples.add(connection, Sample(at(minute)))
        assert [samples.forget(connection, at(5), 3) for _ in range(3)] == [3, 2, 0]
        assert connection.exec_driver_sql("SELECT at_us FROM samples").fetchall() == [(at(5),)]


def test_small_tables_are_counted_and_large_ones_are_not(store: Store) -> None:
    """What a large one costs does not grow with its rows; about how many there are is told as such."""
    with store.writer.begin() as connection:
        connection.exec_driver_sql(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 8000) "
            "INSERT INTO gaps (camera_id, start_us, end_us, cause) SELECT 'front', i, i, 'off' FROM n"
        )
        connection.exec_driver_sql("DELETE FROM gaps WHERE id <= 1000")
        for minute in range(6000):
            samples.add(connection, Sample(at(minute)))
        rows = {row.table: (row.number, row.is_estimate) for row in figures.rows(connection)}
    assert rows["gaps"] == (7000, True)
    assert rows["cameras"] == (0, False)
    assert rows["samples"][1]
    assert abs(rows["samples"][0] - 6000) <= 1


def test_a_log_without_messages_has_no_ends(store: Store) -> None:
    """Of one with some the oldest and the newest are told."""
    with store.writer.begin() as connection:
        assert figures.log_ends(connection) is None
        for name in ("a", "b"):
            connection.exec_driver_sql(
                "INSERT INTO cameras (id, name, url) VALUES (?, 'Front', 'demo:')", (name,)
            )
        ends = figures.log_ends(connection)
        assert ends is not None
        assert [end.cursor for end in ends] == [1, 2]
        pages = figures.pages(connection)
        assert pages.size * pages.total > 0
