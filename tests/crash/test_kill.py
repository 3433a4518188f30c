"""A server that is killed at random moments, and what its client and its database know afterwards."""

import asyncio
import logging
import os
import random
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import pytest

from appliance.runtime.clock import SystemClock
from appliance.store.check import check
from appliance.store.engine import DATABASE, Store
from appliance.store.migrate import newest_revision
from appliance.store.settings import StoreSettings
from appliance.store.tables import Base
from tests.support.kills import Campaign
from tests.support.old_database import EPOCH
from tests.support.source import ROOT

TABLES = {*Base.metadata.tables, "alembic_version"}

log = logging.getLogger(__name__)

NEWEST = newest_revision()
FORMER = [f"{number:04}" for number in range(2, int(NEWEST or 0))]
LATER = [pytest.param(revision, marks=pytest.mark.system) for revision in FORMER]
"""Schemas between the first and the newest; each has hundreds of statements to be killed at."""

SEED = int(os.environ.get("NIGHTJAR_SEED", "0")) or random.SystemRandom().randrange(1, 1 << 30)
"""Of the moments of the kills; printed with a failure, so that a run can be had again as far as that goes."""


async def campaign(data_dir: Path, kills: int) -> Campaign:
    """Kill a server that often and compare all that can be compared."""
    log.warning("NIGHTJAR_SEED=%d", SEED)
    done = Campaign(data_dir, random.Random(SEED))
    await done.run(kills)
    log.warning("%d kills, %d units acknowledged, %d heard", kills, len(done.acks), done.heard.cursor)
    assert done.acks
    return done


async def test_ten_kills_lose_nothing_and_say_nothing_twice(tmp_path: Path) -> None:
    """What was acknowledged is stored, what is stored is heard once, what is heard is stored."""
    await campaign(tmp_path, 10)


@pytest.mark.system
@pytest.mark.timeout(400)
async def test_fifty_kills_lose_nothing_and_say_nothing_twice(tmp_path: Path) -> None:
    """The same, with a longer log and more luck for the kill."""
    await campaign(tmp_path, 50)


async def test_a_start_that_is_killed_leaves_the_old_schema_or_the_new(tmp_path: Path) -> None:
    """Whatever the kill left is opened by the next start and is whole; here at every eleventh statement."""
    await starts(tmp_path, 11)


@pytest.mark.system
async def test_a_start_that_is_killed_at_any_statement_leaves_the_old_schema_or_the_new(
    tmp_path: Path,
) -> None:
    """No statement of a first start is left out."""
    await starts(tmp_path, 1)


@pytest.mark.parametrize("revision", ["0001", *LATER])
@pytest.mark.timeout(300)
async def test_an_upgrade_that_is_killed_at_any_statement_leaves_the_old_schema_or_the_new(
    tmp_path: Path, revision: str
) -> None:
    """No statement of a start on a database of a former schema is left out; the next start completes it."""
    *killed, last = await asyncio.to_thread(killed_starts, revision, tmp_path, 1)
    assert last == "whole"
    old = form(tmp_path / "former" / DATABASE)
    left = []
    for number, how in enumerate(killed):
        data_dir = tmp_path / str(number)
        assert how == "killed"
        left.append(form(data_dir / DATABASE))
        # Whoever wants to go back needs the copy from the moment on at which the file is not the old one.
        assert left[-1] == old or form(data_dir / f"{DATABASE}.before-{revision}") == old
    assert {one.revision for one in left} == {revision, NEWEST}, "the kills came all before or all after it"
    assert {one.columns for one in left} == {old.columns, left[-1].columns}, "a kill left a schema between"
    whole = left[-1]
    for number, one in enumerate(left):
        if one != whole or number == len(left) - 1:
            completed(tmp_path / str(number), old)


def completed(data_dir: Path, old: "Form") -> None:
    """Start on what a kill has left: nothing is moved aside, no row is missing, and all of it is sound."""
    with Store(data_dir, SystemClock(), StoreSettings()) as store:
        assert store.opening.moved_aside is None
        assert store.opening.lost == ""
        assert store.opening.epoch == EPOCH
    now = form(data_dir / DATABASE)
    assert now.revision == NEWEST
    assert {table: now.rows[table] for table in old.rows if table != "outbox"} == {
        table: count for table, count in old.rows.items() if table != "outbox"
    }
    assert check(data_dir) == []


async def starts(root: Path, step: int) -> None:
    """Kill starts at every so many statements, and start again on what each has left."""
    *killed, last = await asyncio.to_thread(killed_starts, "new", root, step)
    assert last == "whole"
    assert len(killed) > 50 // step
    for number, how in enumerate(killed):
        data_dir = root / str(number * step)
        assert how == "killed"
        assert tables(data_dir) in (set(), TABLES)
        with Store(data_dir, SystemClock(), StoreSettings()) as store:
            assert store.opening.moved_aside is None
        assert check(data_dir) == []


class Form(NamedTuple):
    """What a database is like.

    Attributes:
        columns: every column of every table.
        rows: how many rows each table has.
    """

    revision: str
    columns: frozenset[tuple[str, str]]
    rows: dict[str, int]


def form(path: Path) -> Form:
    """Return what a database at rest is like."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        (revision,) = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        names = sorted(table for table in TABLES if has(connection, table))
        columns = {
            (table, row[1]) for table in names for row in connection.execute(f"PRAGMA table_info({table})")
        }
        counted = [table for table in names if table not in {"meta", "alembic_version"}]
        rows = {table: connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in counted}
    return Form(revision, frozenset(columns), rows)


def has(connection: sqlite3.Connection, table: str) -> bool:
    """Return whether there is a table."""
    query = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?"
    return connection.execute(query, (table,)).fetchone() is not None


def killed_starts(before: str, root: Path, step: int) -> list[str]:
    """Open databases, each killed so many statements later than the one before; return how each ended.

    Each starts with none, for ``new``, or with one of a former schema, such as ``0001``.
    """
    command = [sys.executable, "-m", "tests.support.killed_starts", before, str(root), str(step)]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True, timeout=280)
    return done.stdout.split()


def tables(data_dir: Path) -> set[str]:
    """Return the names of our tables in a database that nobody has open; none if there is no file."""
    path = data_dir / DATABASE
    if not path.exists():
        return set()
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        named = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        return {name for (name,) in named} - {"sqlite_sequence"}
