"""A model's second look through a real local server: asked once, bounded, and waited for by nobody."""

import asyncio
import logging
import sqlite3
import zoneinfo
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, update
from sqlalchemy.orm import Session

from appliance.bus.filter import Filter
from appliance.commit.settings import CommitSettings
from appliance.commit.spine import Spine, spine
from appliance.decisions.changes import AlertMade
from appliance.domain.ids import CameraId, EventId
from appliance.domain.second_look import Opinion
from appliance.domain.time import WallUs
from appliance.events.changes import EventSaved
from appliance.replay.archive import Archive
from appliance.replay.repeat import repeat
from appliance.replay.verdict import Verdict, judge
from appliance.runtime.clock import SystemClock
from appliance.runtime.health import Health, Level
from appliance.runtime.metrics import Metrics
from appliance.second_look.asker import WAITING, Asker
from appliance.second_look.settings import Least, Settings
from appliance.store.check import check
from appliance.store.engine import DATABASE
from appliance.store.pictures import Pictures
from appliance.store.reader import cursor_of
from appliance.store.settings import StoreSettings
from appliance.store.tables import Base, Event
from tests.support.chat_server import ChatServer, chatting, completion, said
from tests.support.living import Live, living
from tests.support.rows import batch_row, camera_row, event_row
from tests.support.sightings import CAMERA, NOON_US, person

KEY = "canary-key-8271"
BERLIN = zoneinfo.ZoneInfo("Europe/Berlin")
EVER = WallUs(2**62)

Said = tuple[str, str, str, Opinion, str]


@pytest.fixture
async def server() -> AsyncIterator[ChatServer]:
    """Run a model's server."""
    async with chatting() as running:
        yield running


@pytest.fixture
async def trunk(tmp_path: Path) -> AsyncIterator[Spine]:
    """Open a database with a camera and a batch."""
    async with spine(tmp_path, SystemClock(), Health(), Metrics(), StoreSettings(), CommitSettings()) as one:
        await add(one, camera_row(), batch_row())
        yield one


class Asking:
    """An asker at work, and what it was answered.

    Attributes:
        answers: in their order.
    """

    def __init__(
        self, trunk: Spine, folder: Path, settings: Settings, take: Callable[..., bool] | None = None
    ) -> None:
        self.answers: list[Said] = []
        self.health = Health()
        self.metrics = Metrics()
        self._take = take
        self.asker = Asker(
            *(trunk.reader, trunk.bus, Pictures(folder), SystemClock(), self.health, self.metrics),
            *(settings, BERLIN, self._answered),
        )

    async def until(self, probe: Callable[[], bool], within_s: float = 15) -> None:
        """Wait until something is so."""
        async with asyncio.timeout(within_s):
            while not probe():  # noqa: ASYNC110 - nothing tells of it
                await asyncio.sleep(0.01)

    @property
    def failures(self) -> int:
        """How many questions brought no answer."""
        return round(self.metrics.counter("nightjar_second_look_failures_total", "").value())

    def _answered(
        self, camera_id: CameraId, event_id: EventId, model: str, opinion: Opinion, summary: str
    ) -> bool:
        self.answers.append((camera_id, event_id, model, opinion, summary))
        return self._take is None or self._take(event_id, model, opinion, summary)


def settings_of(server: ChatServer, **more: Any) -> Settings:
    """Return settings that ask about every event at once, without its picture."""
    usual: dict[str, Any] = {
        "address": server.address,
        "model": "qwen2.5vl",
        "key": KEY,
        "with_picture": False,
        "min_severity": Least.LOW,
        "ask_after_s": 0.0,
        "timeout_s": 5.0,
    }
    return Settings(**(usual | more))


@asynccontextmanager
async def asking(
    trunk: Spine, folder: Path, settings: Settings, take: Callable[..., bool] | None = None
) -> AsyncIterator[Asking]:
    """Run an asker until the block ends."""
    one = Asking(trunk, folder, settings, take)
    task = asyncio.create_task(one.asker.run())
    await asyncio.sleep(0)
    try:
        yield one
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def add(trunk: Spine, *rows: Base) -> None:
    """Insert rows, as another program may."""

    def insert(connection: Connection) -> None:
        with Session(connection) as session:
            session.add_all(rows)
            session.flush()

    await trunk.committer.commit(insert)


async def change(trunk: Spine, event_id: str, **values: object) -> None:
    """Change an event's row."""
    await trunk.committer.commit(
        lambda connection: connection.execute(update(Event).where(Event.id == event_id).values(**values))
    )


async def test_an_event_is_asked_about_once(trunk: Spine, tmp_path: Path, server: ChatServer) -> None:
    """However often it changes, and when it ends; the key goes along, and the answer is handed on."""
    async with asking(trunk, tmp_path, settings_of(server)) as one:
        await add(trunk, event_row())
        await one.until(lambda: bool(one.answers))
        for score in (36, 37):
            await change(trunk, "event-1", risk_score=score)
        await change(trunk, "event-1", state="ended", ended_us=1)
        await change(trunk, "event-1", note="the postman")
        await add(trunk, event_row("event-2"))
        await one.until(lambda: len(one.answers) == 2)
    assert one.answers == [
        ("front", event_id, "qwen2.5vl", Opinion.HARMLESS, "Somebody brings a parcel.")
        for event_id in ("event-1", "event-2")
    ]
    assert server.paths == ["/v1/chat/completions"] * 2
    assert {headers["Authorization"] for headers in server.headers} == {f"Bearer {KEY}"}
    assert "Camera: Front door" in server.asked[0]["messages"][1]["content"]


async def test_it_is_asked_at_the_end_or_after_a_while(
    trunk: Spine, tmp_path: Path, server: ChatServer
) -> None:
    """Whichever comes first, and not before it is grave enough."""
    settings = settings_of(server, ask_after_s=0.4, min_severity=Least.MEDIUM)
    async with asking(trunk, tmp_path, settings) as one:
        await add(trunk, event_row("short"), event_row("long"), event_row("grows", severity=0))
        await change(trunk, "short", state="ended", ended_us=1)
        await server.until(2)
        await one.until(lambda: len(one.answers) == 2)
        await change(trunk, "grows", severity=1)
        await one.until(lambda: len(one.answers) == 3)
        await add(trunk, event_row("light", severity=0))
        await change(trunk, "light", state="ended", ended_us=1)
        await asyncio.sleep(0.1)
    assert [said[1] for said in one.answers] == ["short", "long", "grows"]


async def test_what_was_answered_is_not_asked_about_again(
    trunk: Spine, tmp_path: Path, server: ChatServer
) -> None:
    """After a restart: neither what still goes on, nor what is over and only marked."""
    look = {"model": "m", "verdict": "unclear", "summary": "x", "points": 0, "at_us": 1}
    await add(trunk, event_row("open", second_look=look), event_row("over", state="ended", ended_us=1))
    with trunk.bus.subscribe(Filter()) as heard:
        while trunk.bus.last_cursor < await trunk.reader.ask(cursor_of):
            await heard.wait()
            heard.take()
    async with asking(trunk, tmp_path, settings_of(server)) as one:
        await change(trunk, "open", risk_score=40)
        await change(trunk, "over", reviewed=1)
        await add(trunk, event_row("new"))
        await one.until(lambda: bool(one.answers))
    assert [said[1] for said in one.answers] == ["new"]
    assert len(server.asked) == 1


async def test_the_picture_is_waited_for_and_shown(trunk: Spine, tmp_path: Path, server: ChatServer) -> None:
    """It is written a moment after its event; without one it is asked all the same."""
    settings = settings_of(server, with_picture=True, picture_wait_s=1.0)
    pictures = Pictures(tmp_path)
    async with asking(trunk, tmp_path, settings) as one:
        await add(trunk, event_row())
        name = pictures.name_for(EventId("event-1"), WallUs(1))
        pictures.write(name, b"a picture")
        await change(trunk, "event-1", picture=name)
        await one.until(lambda: bool(one.answers))
        await add(trunk, event_row("event-2"))
        await one.until(lambda: len(one.answers) == 2)
    with_it, without = (question["messages"][1]["content"] for question in server.asked)
    assert with_it[1]["image_url"]["url"] == "data:image/jpeg;base64,YSBwaWN0dXJl"
    assert isinstance(without, str)


async def test_a_server_that_knows_no_format_is_asked_without(
    trunk: Spine, tmp_path: Path, server: ChatServer
) -> None:
    """Once more, and from then on at once."""
    server.refuses_format = True
    async with asking(trunk, tmp_path, settings_of(server)) as one:
        await add(trunk, event_row())
        await one.until(lambda: bool(one.answers))
        await add(trunk, event_row("event-2"))
        await one.until(lambda: len(one.answers) == 2)
    assert ["response_format" in question for question in server.asked] == [True, False, False]


@pytest.mark.parametrize(
    ("status", "body", "reason"),
    [
        (200, b"rubbish", "no chat completion"),
        (200, completion("It is harmless."), "not answer in the form"),
        (200, said("harmless", "x" * 70_000), "more than 65536 bytes"),
        (302, said(), "a redirect (302), which is not followed"),
        (400, said(), "status 400"),
        (401, said(), "status 401"),
        (500, said(), "status 500"),
    ],
)
async def test_what_is_no_answer_is_none(
    trunk: Spine,
    tmp_path: Path,
    server: ChatServer,
    caplog: pytest.LogCaptureFixture,
    status: int,
    body: bytes,
    reason: str,
) -> None:
    """It is counted, said once, shown when it goes on, and over with the next answer; no key is told."""
    caplog.set_level(logging.DEBUG)
    server.status, server.body = status, body
    async with asking(trunk, tmp_path, settings_of(server)) as one:
        for number in range(3):
            await add(trunk, event_row(f"event-{number}"))
            await one.until(lambda count=number + 1: one.failures == count)  # type: ignore[misc]
        (part,) = one.health.parts()
        assert (part.level, reason in part.reason) == (Level.DEGRADED, True), part
        assert one.answers == []
        server.status, server.body = 200, said()
        await add(trunk, event_row("event-9"))
        await one.until(lambda: bool(one.answers))
        assert one.health.level() is Level.OK
    warned = [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]
    assert len(warned) == 1, warned
    assert reason in warned[0]
    assert set(server.paths) == {"/v1/chat/completions"}
    assert KEY not in caplog.text + part.reason + one.metrics.exposition()
    assert server.address not in caplog.text + part.reason


async def test_a_server_that_is_not_there_or_hangs_delays_nothing(
    trunk: Spine, tmp_path: Path, server: ChatServer
) -> None:
    """Events are written at their pace; what waits is bounded, its oldest left out and counted."""
    server.hangs = True
    async with asking(trunk, tmp_path, settings_of(server, timeout_s=60.0)) as one:
        await add(trunk, event_row("first"))
        await server.until(1)
        async with asyncio.timeout(10):
            for number in range(WAITING + 5):
                await add(trunk, event_row(f"event-{number}"))
        await asyncio.sleep(0.1)
        (queue,) = one.asker.queues()
        assert (queue.length, queue.capacity, queue.dropped) == (WAITING, WAITING, 5)
        assert (server.at_once, len(server.asked)) == (1, 1)
    gone = settings_of(server, timeout_s=1.0, address="http://127.0.0.1:9/v1")
    async with asking(trunk, tmp_path, gone) as one:
        await add(trunk, event_row("last"))
        await one.until(lambda: one.failures == 1)


async def test_a_hanging_server_is_given_up(trunk: Spine, tmp_path: Path, server: ChatServer) -> None:
    """After its time-out the next event has its turn."""
    server.hangs = True
    async with asking(trunk, tmp_path, settings_of(server, timeout_s=1.0)) as one:
        await add(trunk, event_row("one"), event_row("two"))
        await one.until(lambda: one.failures == 2)
    assert len(server.asked) == 2


async def test_a_deleted_event_is_not_asked_about(trunk: Spine, tmp_path: Path, server: ChatServer) -> None:
    """Nothing is said of what its owner does not want to keep."""
    async with asking(trunk, tmp_path, settings_of(server, ask_after_s=0.3)) as one:
        await add(trunk, event_row())
        await trunk.committer.commit(
            lambda connection: connection.exec_driver_sql("DELETE FROM events WHERE id = 'event-1'")
        )
        await add(trunk, event_row("event-2"))
        await one.until(lambda: bool(one.answers))
    assert [said[1] for said in one.answers] == ["event-2"]


def rows(data: Path, sql: str) -> list[tuple[Any, ...]]:
    """Return rows."""
    with closing(sqlite3.connect(data / DATABASE)) as connection:
        return connection.execute(sql).fetchall()


def judged(data: Path) -> Verdict:
    """Return what a replay finds."""
    with Archive(data) as archive:
        return judge(archive, [repeat(archive, CAMERA, NOON_US, EVER)], NOON_US, EVER)


async def told(live: Live, one: Asking, count: int) -> None:
    """Wait for answers, and until what they made is stored."""
    await one.until(lambda: len(one.answers) == count)
    await live.trunk.committer.drain()


@pytest.mark.parametrize("when", ["open", "over"])
async def test_what_it_made_is_stored_and_replayed(tmp_path: Path, server: ChatServer, when: str) -> None:
    """Row, message and journal agree, and a replay of the database decides the same, field for field."""
    server.body = said("suspicious", "Somebody waits at the door.")
    async with living(tmp_path) as live:
        settings = settings_of(server, ask_after_s=0.0 if when == "open" else 3600.0)
        async with asking(live.trunk, tmp_path, settings, live.watch.second_look) as one:
            await live.pass_time(2)
            await live.see(3, person())
            if when == "open":
                await told(live, one, 1)
            await live.see(5, person())
            await live.see(12)
            await told(live, one, 1)
            await live.pass_time(100)
        await live.trunk.committer.drain()
        made = [change.event for change in live.writer.changes if isinstance(change, EventSaved)][-1]
        assert made.second_look is not None
        assert any(isinstance(change, AlertMade) for change in live.writer.changes)
    ((look, score, factors),) = rows(
        tmp_path, "SELECT second_look ->> 'verdict', risk_score, risk_factors FROM events"
    )
    assert (look, score) == ("suspicious", made.risk_score)
    assert "the model qwen2.5vl finds it suspicious" in factors
    assert rows(tmp_path, "SELECT count(*) FROM journal WHERE kind = 'second_look'") == [(1,)]
    verdict = judged(tmp_path)
    assert verdict.found == ()
    assert verdict.events == 1
    assert check(tmp_path) == []


async def test_a_replay_misses_what_is_missing(tmp_path: Path, server: ChatServer) -> None:
    """Without its entry in the journal the event would be another one, and that is said."""
    server.body = said("suspicious")
    async with living(tmp_path) as live:
        async with asking(live.trunk, tmp_path, settings_of(server), live.watch.second_look) as one:
            await live.pass_time(2)
            await live.see(3, person())
            await told(live, one, 1)
        await live.trunk.committer.drain()
    with closing(sqlite3.connect(tmp_path / DATABASE)) as connection:
        connection.execute("DELETE FROM journal WHERE kind = 'second_look'")
        connection.commit()
    assert {name for found in judged(tmp_path).found for name, _, _ in found.difference.fields} >= {
        "second_look",
        "risk_score",
    }
