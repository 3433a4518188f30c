"""The one writer: groups, failures that stay alone, and a disk that comes back."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection

from appliance.commit.committer import Committer, Row
from appliance.commit.settings import CommitSettings
from appliance.errors import Overloaded, StoreUnavailable
from appliance.runtime.allowance import Allowance
from appliance.runtime.clock import SystemClock
from appliance.runtime.health import Health, Level
from appliance.runtime.metrics import Metrics
from appliance.runtime.supervisor import Supervisor
from appliance.store.engine import Store
from appliance.store.settings import StoreSettings
from tests.support.fire import write_lock

INSERT = "INSERT INTO meta (key, value) VALUES (?, ?)"


class Rig:
    """A committer on a real file; started by ``running``."""

    def __init__(self, store: Store, settings: CommitSettings) -> None:
        self.health = Health()
        self.metrics = Metrics()
        self.commits = 0
        self.on_commit: Callable[[], None] = lambda: None
        self.store = store
        self.committer = Committer(
            store.writer, SystemClock(), self.health, self.metrics, settings, self._count
        )

    def _count(self) -> None:
        self.commits += 1
        self.on_commit()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Run the committer."""
        async with Supervisor(SystemClock(), Health()) as parts:
            parts.start("committer", self.committer.run)
            yield
            await self.committer.drain()

    def keys(self) -> list[str]:
        """Return what is stored, in the order of storing."""
        with self.store.writer.connect() as connection:
            found = connection.exec_driver_sql(
                "SELECT key FROM meta WHERE key NOT IN ('epoch', 'sealed') ORDER BY rowid"
            )
            return [str(key) for key in found.scalars()]


@pytest.fixture
async def rig(tmp_path: Path) -> AsyncIterator[Callable[..., Rig]]:
    """Makes a rig with these settings."""
    with Store(tmp_path, SystemClock(), StoreSettings()) as store:
        made: list[Rig] = []

        def make(**settings: Any) -> Rig:
            made.append(Rig(store, CommitSettings(retry_first_s=0.01, retry_longest_s=0.02, **settings)))
            return made[-1]

        yield make
        for one in made:
            await one.committer.__aexit__()


def put(key: str, value: str = "") -> Callable[[Connection], str]:
    """Return a unit that stores a key and returns it."""

    def unit(connection: Connection) -> str:
        connection.exec_driver_sql(INSERT, (key, value))
        return key

    return unit


async def test_units_that_wait_together_share_a_commit_in_their_order(rig: Callable[..., Rig]) -> None:
    """Ten units that were there before the writer are one commit."""
    one = rig()
    for i in range(10):
        one.committer.post(put(f"k{i}"))
    async with one.running():
        assert await one.committer.commit(put("last")) == "last"
    assert (one.keys(), one.commits) == ([*(f"k{i}" for i in range(10)), "last"], 1)


async def test_a_failing_unit_fails_alone(rig: Callable[..., Rig]) -> None:
    """Its neighbours in the group are stored once, and only its caller hears of it."""
    one = rig()

    def fails(connection: Connection) -> None:
        connection.exec_driver_sql(INSERT, ("half", ""))
        raise LookupError("on purpose")

    units = [put("before"), fails, put("epoch"), put("after")]
    waiting = [asyncio.ensure_future(one.committer.commit(unit)) for unit in units]
    async with one.running():
        outcomes = await asyncio.gather(*waiting, return_exceptions=True)
    assert (outcomes[0], outcomes[3]) == ("before", "after")
    assert isinstance(outcomes[1], LookupError)
    assert "UNIQUE" in str(outcomes[2])
    assert one.keys() == ["before", "after"]


async def test_rows_of_a_kind_go_together_and_a_bad_one_fails_alone(rig: Callable[..., Rig]) -> None:
    """Rows next to each other are added by one call; one that is refused takes no other along."""
    one, calls = rig(), []

    def add(connection: Connection, rows: Any) -> None:
        calls.append(len(rows))
        connection.exec_driver_sql(INSERT, [(row, "") for row in rows])

    for key in ("a", "b", "c"):
        one.committer.post_relaxed(Row(add, key))
    async with one.running():
        await one.committer.drain()
        assert (one.keys(), calls) == (["a", "b", "c"], [3])
        for key in ("d", "epoch", "e"):
            one.committer.post_relaxed(Row(add, key))
    assert one.keys() == ["a", "b", "c", "d", "e"]


async def test_a_full_disk_costs_nothing_but_time(rig: Callable[..., Rig]) -> None:
    """Units wait while the database cannot grow, health says why, and all are stored when it can again."""
    one = rig()
    full = asyncio.Event()
    one.health.on_change(full.set)
    with one.store.writer.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
    waiting = [asyncio.ensure_future(one.committer.commit(put(f"k{i:02d}", "x" * 4000))) for i in range(20)]
    async with one.running():
        await asyncio.wait_for(full.wait(), 10)
        (part,) = one.health.parts()
        assert (part.part, part.level) == ("database", Level.FAILED)
        assert "full" in part.reason
        assert one.committer.waiting == 20
        await asyncio.get_running_loop().run_in_executor(one.committer._thread, _lift_limit, one.store)
        assert await asyncio.gather(*waiting) == [f"k{i:02d}" for i in range(20)]
    assert one.keys() == [f"k{i:02d}" for i in range(20)]
    assert one.health.level() is Level.OK


def _lift_limit(store: Store) -> None:
    with store.writer.connect() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count = 1000000")


async def test_the_queue_is_bounded_and_says_so(rig: Callable[..., Rig]) -> None:
    """One more than may wait is refused; nothing that waits is lost."""
    one = rig(queue_units=2)
    one.committer.post(put("a"))
    one.committer.post(put("b"))
    with pytest.raises(Overloaded, match="2 changes wait"):
        one.committer.post(put("c"))
    async with one.running():
        pass
    assert one.keys() == ["a", "b"]


async def test_of_analysed_frames_the_oldest_are_dropped_and_counted(rig: Callable[..., Rig]) -> None:
    """They are many and replaceable; events are not."""
    one = rig(queue_relaxed_units=2)
    for key in ("old", "newer", "newest"):
        one.committer.post_relaxed(put(key))
    async with one.running():
        pass
    assert one.keys() == ["newer", "newest"]
    assert one.metrics.counter("nightjar_commit_dropped_total", "").value() == 1


async def test_a_caller_that_goes_does_not_take_its_unit_along(rig: Callable[..., Rig]) -> None:
    """A request whose client hung up is carried out all the same."""
    one = rig()
    gone = asyncio.ensure_future(one.committer.commit(put("kept")))
    await asyncio.sleep(0)
    gone.cancel()
    async with one.running():
        await one.committer.commit(put("next"))
    assert one.keys() == ["kept", "next"]


async def test_a_stop_on_a_full_disk_gives_up_in_time_and_says_how_much_waits(
    rig: Callable[..., Rig],
) -> None:
    """The service ends all the same: its writer can be cancelled between two attempts, and during one."""
    one = rig()
    full = asyncio.Event()
    one.health.on_change(full.set)
    with one.store.writer.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
    for number in range(3):
        one.committer.post(put(f"k{number}", "x" * 40_000))
    writing = asyncio.create_task(one.committer.run())
    await asyncio.wait_for(full.wait(), 10)
    assert not await Allowance(SystemClock(), 0.05).wait_for(one.committer.drain())
    writing.cancel()
    await asyncio.wait({writing}, timeout=10)
    assert writing.cancelled()
    assert one.committer.waiting == 3


async def test_what_was_interrupted_is_written_by_the_next_run(rig: Callable[..., Rig]) -> None:
    """A writer that is started again goes on with the group that its forerunner could not commit."""
    one = rig()
    full = asyncio.Event()
    one.health.on_change(full.set)
    with one.store.writer.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
    one.committer.post(put("kept", "x" * 40_000))
    writing = asyncio.create_task(one.committer.run())
    await asyncio.wait_for(full.wait(), 10)
    writing.cancel()
    await asyncio.wait({writing}, timeout=10)
    await asyncio.get_running_loop().run_in_executor(one.committer._thread, _lift_limit, one.store)
    async with one.running():
        pass
    assert one.keys() == ["kept"]


async def test_a_change_that_a_client_asks_for_is_withdrawn_when_it_waits_too_long(
    rig: Callable[..., Rig],
) -> None:
    """Tried in vain or still in the queue: the answer says that nothing was changed, and that stays true."""
    one = rig(request_s=0.2, group_units=1)
    async with one.running():
        with write_lock(one.store.data_dir):
            one.committer.post(put("an event"))
            asked = [one.committer.request(put(f"asked {i}")) for i in range(2)]
            outcomes = await asyncio.gather(*asked, return_exceptions=True)
            assert one.committer.waiting == 1
        assert [type(outcome) for outcome in outcomes] == [StoreUnavailable] * 2
        assert str(outcomes[0]) == "the database could not be written within 0.2 s; nothing was changed"
        assert await one.committer.request(put("asked later")) == "asked later"
    assert one.keys() == ["an event", "asked later"]


async def test_it_is_known_that_the_database_works_again_though_all_was_withdrawn(
    rig: Callable[..., Rig],
) -> None:
    """The only change that waited was tried in vain and taken back; health is well again all the same."""
    one = rig(request_s=0.1)
    async with one.running():
        with write_lock(one.store.data_dir):
            with pytest.raises(StoreUnavailable):
                await one.committer.request(put("asked"))
            assert one.health.level() is Level.FAILED
        changed = asyncio.Event()
        one.health.on_change(changed.set)
        await asyncio.wait_for(changed.wait(), 10)
        assert one.health.level() is Level.OK
    assert one.keys() == []


async def test_a_caller_who_gives_up_takes_a_change_along(rig: Callable[..., Rig]) -> None:
    """Whoever looks every second whether the database can be written fills no queue meanwhile."""
    one = rig()
    async with one.running():
        with write_lock(one.store.data_dir):
            for _ in range(3):
                with pytest.raises(TimeoutError):
                    await asyncio.wait_for(one.committer.request(put("looked")), 0.05)
            one.committer.post(put("an event"))
            await asyncio.sleep(0)
            assert one.committer.waiting <= 2
    assert one.keys()[-1:] == ["an event"]


@pytest.mark.parametrize("where", ["before", "behind", "telling"])
async def test_a_fault_of_the_writer_costs_no_change_and_doubles_none(
    rig: Callable[..., Rig], monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    """Before a group is written, behind its commit, and when others are told: it is stored once, and told."""
    one = rig()
    faults, write = [RuntimeError("on purpose")], one.committer._write

    def fail_once() -> None:
        if faults:
            raise faults.pop()

    def faulty(group: Any) -> list[Any]:
        if where == "before":
            fail_once()
        outcomes = write(group)
        if where == "behind":
            fail_once()
        return outcomes

    monkeypatch.setattr(one.committer, "_write", faulty)
    if where == "telling":
        one.on_commit = fail_once
    one.committer.post(put("posted"))
    async with one.running():
        assert await one.committer.commit(put("first")) == "first"
        assert await one.committer.commit(put("second")) == "second"
    assert faults == []
    assert one.keys() == ["posted", "first", "second"]


async def test_an_error_that_nobody_waits_for_is_logged(
    rig: Callable[..., Rig], caplog: pytest.LogCaptureFixture
) -> None:
    """Of a posted unit, and of one whose caller has gone."""
    one = rig()
    one.committer.post(put("epoch"))
    gone = asyncio.ensure_future(one.committer.commit(put("epoch")))
    await asyncio.sleep(0)
    gone.cancel()
    async with one.running():
        pass
    assert [record.getMessage()[:29] for record in caplog.records] == ["a change could not be stored:"] * 2
