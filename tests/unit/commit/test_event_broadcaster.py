"""The publisher: what is committed is published once, in order, whoever committed it."""

import asyncio
import json
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Connection

from appliance.bus.bus import Bus
from appliance.bus.filter import Filter
from appliance.bus.subscription import Subscription
from appliance.commit.event_broadcaster import EventBroadcaster
from appliance.commit.message_log import MessageLog
from appliance.commit.settings import CommitSettings
from appliance.domain.ids import Cursor
from appliance.runtime.health import Health
from appliance.runtime.supervisor import Supervisor
from appliance.store.engine import Store
from appliance.store.reader import Reader
from appliance.store.settings import StoreSettings
from tests.support.clock import SimulatedClock


class Rig:
    """A publisher on a real file, with one subscriber who wants everything."""

    def __init__(self, store: Store, reader: Reader) -> None:
        self.store = store
        self.clock = SimulatedClock()
        self.bus = Bus()
        self.log = MessageLog(reader)
        self.publisher = EventBroadcaster(self.log, self.bus, self.clock, CommitSettings(publish_rows=3))
        self.heard: Subscription = self.bus.subscribe(Filter(), capacity=1000)

    def commit(self, *names: str) -> None:
        """Commit one camera for each name, all at once."""

        def unit(connection: Connection) -> None:
            for name in names:
                connection.exec_driver_sql(ADD_CAMERA, (name,))

        with self.store.writer.begin() as connection:
            unit(connection)

    def said(self) -> list[tuple[int | None, str]]:
        """Take what was published: cursors and cameras."""
        taken = self.heard.take()
        assert all(json.loads(message.text)["cursor"] == message.cursor for message in taken)
        return [(message.cursor, str(message.camera_id)) for message in taken]


ADD_CAMERA = "INSERT INTO cameras (id, name, url) VALUES (?, '', 'demo:')"


@pytest.fixture
async def rig(tmp_path: Path) -> AsyncIterator[Rig]:
    """A publisher that has not looked yet."""
    with Store(tmp_path, SimulatedClock(), StoreSettings()) as store:
        async with Reader(store.path, StoreSettings()) as reader:
            yield Rig(store, reader)


async def test_a_first_look_publishes_nothing_old(rig: Rig) -> None:
    """Who was not here before the start resumes from the outbox; the bus says only what is new."""
    rig.commit("old")
    await rig.publisher.run_once()
    assert rig.said() == []
    assert rig.bus.last_cursor == 1
    rig.commit("new")
    await rig.publisher.run_once()
    assert rig.said() == [(2, "new")]


async def test_more_than_one_portion_comes_whole_and_in_order(rig: Rig) -> None:
    """Ten rows are read three at a time, and none is left for later or said again."""
    await rig.publisher.run_once()
    names = [f"camera-{number}" for number in range(10)]
    rig.commit(*names)
    await rig.publisher.run_once()
    await rig.publisher.run_once()
    assert rig.said() == [(number + 1, name) for number, name in enumerate(names)]


async def test_what_is_rolled_back_is_never_said_and_leaves_no_gap(rig: Rig) -> None:
    """The next commit has the cursor that the undone one would have had."""
    await rig.publisher.run_once()
    with rig.store.writer.connect() as connection, connection.begin() as undone:
        connection.exec_driver_sql(ADD_CAMERA, ("undone",))
        undone.rollback()
    rig.commit("done")
    await rig.publisher.run_once()
    assert rig.said() == [(1, "done")]


async def test_a_wake_is_enough_and_so_is_half_a_second(rig: Rig) -> None:
    """Our own commits are said at once; those of another program when the publisher looks next."""
    async with Supervisor(rig.clock, Health()) as parts:
        await rig.publisher.run_once()
        parts.start("publisher", rig.publisher.run)
        rig.commit("ours")
        rig.publisher.wake()
        await asyncio.wait_for(rig.heard.wait(), 10)
        assert rig.said() == [(1, "ours")]
        with closing(sqlite3.connect(rig.store.path, isolation_level=None)) as other:
            other.execute(ADD_CAMERA, ("theirs",))
        while not rig.heard._arrived.is_set():
            await rig.clock.advance(0.5)
            await rig.log.bounds()
        assert rig.said() == [(2, "theirs")]


async def test_a_row_that_somebody_spoilt_stops_nobody(rig: Rig) -> None:
    """A detection whose boxes cannot be read is said without them, and what follows is said as well."""
    await rig.publisher.run_once()
    with rig.store.writer.begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO detections (camera_id, at_us, width, height, labels, boxes) "
            "VALUES ('front', 0, 1, 1, '[]', x'00')"
        )
    rig.commit("after")
    await rig.publisher.run_once()
    spoilt, after = rig.heard.take()
    assert (json.loads(spoilt.text)["data"], after.camera_id) == (None, "after")


@pytest.mark.parametrize(
    ("deleted", "after", "reaches"),
    [(0, 0, True), (0, 3, True), (0, 4, False), (2, 1, False), (2, 2, True), (3, 2, False), (3, 3, True)],
)
async def test_the_log_knows_how_far_back_it_reaches(
    rig: Rig, deleted: int, after: int, reaches: bool
) -> None:
    """Of three rows the oldest may be gone, even all of them: whoever heard those can still go on."""
    rig.commit("a", "b", "c")
    with rig.store.writer.begin() as connection:
        connection.exec_driver_sql("DELETE FROM outbox WHERE cursor <= ?", (deleted,))
    bounds = await rig.log.bounds()
    assert (bounds.oldest, bounds.newest) == (deleted + 1, 3)
    assert bounds.reaches(Cursor(after)) is reaches
