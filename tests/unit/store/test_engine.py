"""One history to a database, one connection that writes, and nothing lost of a damaged file."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from appliance.errors import StoreUnavailable
from appliance.store.engine import DATABASE, Store
from appliance.store.reader import Reader, cursor_of, newest_cursor
from appliance.store.settings import StoreSettings
from tests.support.clock import SimulatedClock


def opened(folder: Path) -> Store:
    """Return the database of a folder, to be entered."""
    return Store(folder, SimulatedClock(), StoreSettings())


def epoch_of(folder: Path) -> str:
    """Start and stop on a folder and return the history that was served."""
    with opened(folder) as store:
        return store.opening.epoch


def test_each_new_database_has_a_history_of_its_own(tmp_path: Path) -> None:
    """A cursor of one means nothing in another."""
    assert epoch_of(tmp_path / "one") != epoch_of(tmp_path / "other")


def test_a_database_that_was_moved_aside_takes_its_history_along(tmp_path: Path) -> None:
    """The new one's clients must be told that their cursors are void."""
    before = epoch_of(tmp_path)
    (tmp_path / DATABASE).write_bytes(b"spoilt" * 1000)
    assert epoch_of(tmp_path) != before


@pytest.mark.parametrize("spoil", [lambda _: b"spoilt" * 1000, lambda old: b"x" * 100 + old[100:]])
def test_what_the_log_of_a_damaged_database_holds_goes_aside_with_it(
    tmp_path: Path, spoil: Callable[[bytes], bytes]
) -> None:
    """A commit that was not moved into the file yet can be rescued, and is never played into the new one."""
    epoch_of(tmp_path / "live")
    (tmp_path / "dead").mkdir()
    with closing(sqlite3.connect(tmp_path / "live" / DATABASE)) as connection:
        connection.execute("INSERT INTO cameras (id, name, url) VALUES ('kept', 'needle', '')")
        connection.commit()
        for name in (DATABASE, f"{DATABASE}-wal"):
            (tmp_path / "dead" / name).write_bytes((tmp_path / "live" / name).read_bytes())
    damaged = tmp_path / "dead" / DATABASE
    damaged.write_bytes(spoil(damaged.read_bytes()))
    with opened(tmp_path / "dead") as store, store.writer.connect() as connected:
        assert connected.exec_driver_sql("SELECT count(*) FROM cameras").scalar_one() == 0
    # SQLite has moved the log into the damaged file if that has the size of one, else left it beside.
    aside = [path.read_bytes() for path in (tmp_path / "dead").glob(f"{DATABASE}.corrupt.*")]
    assert any(b"needle" in content for content in aside)


def test_nothing_was_moved_aside_from_an_empty_folder(tmp_path: Path) -> None:
    """An empty file, too, is a new database and no damage."""
    (tmp_path / DATABASE).touch()
    with opened(tmp_path) as store:
        assert store.opening.moved_aside is None
    assert list(tmp_path.glob("*.corrupt.*")) == []


def test_a_database_of_a_newer_version_is_not_touched(tmp_path: Path) -> None:
    """Whoever goes back to an older program can go forward again."""
    with opened(tmp_path) as store, store.writer.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    before = (tmp_path / DATABASE).read_bytes()
    with pytest.raises(StoreUnavailable, match="newer"), opened(tmp_path):
        pass
    assert (tmp_path / DATABASE).read_bytes() == before


def test_only_one_connection_can_write(tmp_path: Path) -> None:
    """A second one is not made, however long somebody asks."""
    with opened(tmp_path) as store:
        pool = store.writer.pool
        pool._timeout = 0  # type: ignore[attr-defined]  # the default is half a minute
        with store.writer.connect(), pytest.raises(PoolTimeout):
            store.writer.connect()


async def test_a_reader_cannot_write(tmp_path: Path) -> None:
    """Neither rows nor the schema."""
    with opened(tmp_path) as store:
        async with Reader(store.path, StoreSettings()) as reader:
            for statement in ("INSERT INTO meta VALUES ('a', 'b')", "DROP TABLE meta"):
                with pytest.raises((OperationalError, StoreUnavailable), match="readonly"):
                    async with reader.read() as connection:
                        await connection.execute(text(statement))


async def test_a_reader_sees_one_commit_for_as_long_as_it_reads(tmp_path: Path) -> None:
    """A list and the cursor that goes with it are of the same instant."""
    with opened(tmp_path) as store:
        async with Reader(store.path, StoreSettings()) as reader:
            async with reader.read() as connection:
                assert await newest_cursor(connection) == 0
                with store.writer.begin() as writing:
                    writing.exec_driver_sql("INSERT INTO cameras (id, name, url) VALUES ('a', '', '')")
                found = await connection.execute(text("SELECT count(*) FROM cameras"))
                assert (found.scalar_one(), await newest_cursor(connection)) == (0, 0)
            async with reader.read() as connection:
                assert await newest_cursor(connection) == 1


async def test_a_question_on_a_thread_sees_one_snapshot_and_cannot_write(tmp_path: Path) -> None:
    """Its statements see the same commit, and errors of its own come back as they are."""
    with Store(tmp_path, SimulatedClock(), StoreSettings()) as store:
        async with Reader(store.path, StoreSettings()) as reader:

            def twice(connection: Connection) -> tuple[int, int]:
                before = connection.exec_driver_sql("SELECT count(*) FROM meta").scalar_one()
                with store.writer.begin() as writing:
                    writing.exec_driver_sql("INSERT INTO meta VALUES ('another', '1')")
                return before, connection.exec_driver_sql("SELECT count(*) FROM meta").scalar_one()

            before, after = await reader.ask(twice)
            assert before == after
            assert await reader.ask(cursor_of) == 0
            for refused, error in (("DELETE FROM meta", StoreUnavailable), ("nonsense", OperationalError)):
                with pytest.raises(error):
                    await reader.ask(partial(Connection.exec_driver_sql, statement=refused))
