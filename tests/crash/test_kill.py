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

OLD = ("0001", False, False, 1, 1)
NEW = (newest_revision(), True, True, 1, 2)
"""What ``form`` finds before and after the upgrade, which says the one camera a second time."""

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


async def test_an_upgrade_that_is_killed_at_any_statement_leaves_the_old_schema_or_the_new(
    tmp_path: Path,
) -> None:
    """No statement of a start on a database of the first schema is left out; the next start completes it."""
    *killed, last = await asyncio.to_thread(killed_starts, "0001", tmp_path, 1)
    assert last == "whole"
    left = []
    for number, how in enumerate(killed):
        data_dir = tmp_path / str(number)
        assert how == "killed"
        left.append(form(data_dir / DATABASE))
        # Whoever wants to go back needs the copy from the moment on at which the file is not the old one.
        assert left[-1] == OLD or form(data_dir / f"{DATABASE}.before-0001") == OLD
        with Store(data_dir, SystemClock(), StoreSettings()) as store:
            assert store.opening.moved_aside is None
            assert store.opening.epoch == EPOCH
        assert form(data_dir / DATABASE) == NEW
        assert check(data_dir) == []
    assert set(left) == {OLD, NEW}, "the kills came all before or all after the upgrade"


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


def form(path: Path) -> tuple[str | None, bool, bool, int, int]:
    """Return a database's revision, whether it has each new column, and how many cameras and messages."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        columns = {row[1] for row in connection.execute("PRAGMA table_info(cameras)")}
        (revision,) = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        (cameras,) = connection.execute("SELECT count(*) FROM cameras").fetchone()
        (said,) = connection.execute("SELECT count(*) FROM outbox").fetchone()
    return revision, "decode" in columns, "live_url" in columns, cameras, said


def killed_starts(before: str, root: Path, step: int) -> list[str]:
    """Open databases, each killed so many statements later than the one before; return how each ended.

    Each starts with none, for ``new``, or with one of the first schema, for ``0001``.
    """
    command = [sys.executable, "-m", "tests.support.killed_starts", before, str(root), str(step)]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True, timeout=100)
    return done.stdout.split()


def tables(data_dir: Path) -> set[str]:
    """Return the names of our tables in a database that nobody has open; none if there is no file."""
    path = data_dir / DATABASE
    if not path.exists():
        return set()
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        named = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        return {name for (name,) in named} - {"sqlite_sequence"}
