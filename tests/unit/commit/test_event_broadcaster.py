"""The publisher puts every committed message on the bus, once and in the order of the commits."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

import pytest

from appliance.bus.bus import Bus
from appliance.bus.filter import Filter
from appliance.bus.subscription import Subscription
from appliance.commit.event_broadcaster import EventBroadcaster
from appliance.commit.message_log import MessageLog
from appliance.commit.settings import CommitSettings
from appliance.runtime.health import Health
from appliance.runtime.supervisor import Supervisor
from appliance.store.engine import Store
from appliance.store.reader import Reader
from appliance.store.settings import StoreSettings
from tests.support.clock import SimulatedClock


class Rig:
    """A publisher on a real file, on a clock that stands still, and one who hears all that it says."""

    def __init__(self, store: Store, reader: Reader) -> None:
        self.clock = SimulatedClock()
        self.bus = Bus()
        self.heard = self.bus.subscribe(Filter())
        self.path = store.path
        # Three rows to a look, so that a few messages already take several.
        settings = CommitSettings(look_every_s=0.5, publish_rows=3)
        self.publisher = EventBroadcaster(MessageLog(reader), self.bus, self.clock, settings)

    def commit(self, *camera_ids: str) -> None:
        """Add cameras in one commit, as the sqlite3 program would: nobody is told of it."""
        with closing(sqlite3.connect(self.path)) as connection:
            for camera_id in camera_ids:
                connection.execute("INSERT INTO cameras (id, name, url) VALUES (?, '', '')", (camera_id,))
            connection.commit()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Run the publisher, once it has had its first look."""
        await self.publisher.run_once()
        async with Supervisor(self.clock, Health()) as parts:
            parts.start("publisher", self.publisher.run)
            yield


@pytest.fixture
async def rig(tmp_path: Path) -> AsyncIterator[Rig]:
    """A publisher of a new database."""
    with Store(tmp_path, SimulatedClock(), StoreSettings()) as store:
        async with Reader(store.path, StoreSettings()) as reader:
            yield Rig(store, reader)


async def next_cameras(heard: Subscription) -> list[str | None]:
    """Wait for messages and return the cameras that they speak of."""
    async with asyncio.timeout(10):
        await heard.wait()
    return [message.camera_id for message in heard.take()]


async def test_what_was_said_before_the_start_is_not_said_again(rig: Rig) -> None:
    """Who was not here then resumes from the outbox; the first new message follows on it."""
    rig.commit("a", "b")
    await rig.publisher.run_once()
    assert (rig.heard.take(), rig.bus.last_cursor) == ([], 2)
    rig.commit("c")
    await rig.publisher.run_once()
    assert [(m.cursor, m.camera_id) for m in rig.heard.take()] == [(3, "c")]


async def test_more_than_one_look_can_take_are_said_in_order_and_once(rig: Rig) -> None:
    """Also a number of messages that fills the last look exactly."""
    await rig.publisher.run_once()
    names = [f"camera-{i}" for i in range(9)]
    rig.commit(*names[:7])
    rig.commit(*names[7:])
    await rig.publisher.run_once()
    await rig.publisher.run_once()
    assert [(m.cursor, m.camera_id) for m in rig.heard.take()] == list(enumerate(names, 1))
    assert rig.bus.last_cursor == 9


async def test_the_cursors_go_on_behind_messages_that_were_rolled_back(rig: Rig) -> None:
    """A change that never was leaves no gap."""
    await rig.publisher.run_once()
    with closing(sqlite3.connect(rig.path)) as connection:
        connection.execute("INSERT INTO cameras (id, name, url) VALUES ('never', '', '')")
        connection.rollback()
    rig.commit("a")
    await rig.publisher.run_once()
    assert [(m.cursor, m.camera_id) for m in rig.heard.take()] == [(1, "a")]


async def test_a_commit_of_which_it_is_told_is_said_at_once(rig: Rig) -> None:
    """The clock stands still: only the wake can have been the cause."""
    async with rig.running():
        rig.commit("a")
        rig.publisher.wake()
        assert await next_cameras(rig.heard) == ["a"]
    assert rig.clock.monotonic_ns() == 0


async def test_another_program_s_commit_is_found_within_half_a_second(rig: Rig) -> None:
    """Nobody wakes the publisher for it; it looks by itself, again and again."""
    async with rig.running():
        for name in ("a", "b"):
            rig.commit(name)
            heard = asyncio.ensure_future(next_cameras(rig.heard))
            while not heard.done():
                # Its first look may still be on its way: its timer starts after that.
                await rig.clock.advance(0.5)
            assert heard.result() == [name]


async def test_retention_that_empties_the_log_hides_nothing_new(rig: Rig) -> None:
    """Cursors are never given out twice, also when no old message is left."""
    rig.commit("a")
    await rig.publisher.run_once()
    with closing(sqlite3.connect(rig.path)) as connection:
        connection.execute("DELETE FROM outbox")
        connection.commit()
    rig.commit("b")
    await rig.publisher.run_once()
    assert [(m.cursor, m.camera_id) for m in rig.heard.take()] == [(2, "b")]
