"""Nobody hears of a camera that is not theirs: every type of message, said to everybody."""

import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest

from appliance.bus.filter import Filter
from appliance.bus.message import DURABLE_TYPES, TYPES
from appliance.monitor.settings import Settings
from appliance.monitor.stats import GpuStats
from appliance.monitor.system_broadcaster import SystemBroadcaster
from appliance.web.access import Permission, principal_for
from appliance.web.websocket.rights import NEEDED
from tests.support.broadcast import Client
from tests.support.rows import alert_row, batch_row, camera_row, detection_row, event_row
from tests.support.two_cameras import (
    ADMIN,
    EVERYBODY,
    MINE,
    THEIRS,
    VIEWER,
    Somebody,
    TwoCameras,
)

Said = dict[str, Any]
LISTENERS = [
    one
    for one in EVERYBODY
    if one.caller is not None and Permission.MESSAGES in principal_for(one.caller).permissions
]
EVERYTHING = {"channels": ["events", "detections", "alerts", "system"]}


async def published(both: TwoCameras) -> None:
    """Wait until everything that is committed by now was published."""
    spine = both.box.spine
    newest = (await spine.log.bounds()).newest
    with spine.bus.subscribe(Filter()) as subscription:
        while spine.bus.last_cursor < newest:
            await subscription.wait()
            subscription.take()
            subscription.catch_up()


@asynccontextmanager
async def client(both: TwoCameras, who: Somebody, **request: Any) -> AsyncIterator[Client]:
    """Connect as somebody and subscribe."""
    url = f"{both.box.url}/api/v1/ws"
    async with both.box.http.ws_connect(url, headers=who.headers, max_msg_size=0) as socket:
        one = Client(socket, lambda: published(both))
        assert (await one.next())["type"] == "hello"
        assert (await one.ask(type="subscribe", **EVERYTHING | request))["type"] == "subscribed"
        yield one


async def say_everything(both: TwoCameras) -> None:
    """Have a message of each type said, the durable ones of each camera."""
    for word in (MINE, THEIRS):
        of = {"camera_id": word, "batch_id": f"{word}-new", "label": f"{word} cat"}
        await both.box.add(
            batch_row(f"{word}-new", camera_id=word),
            event_row(f"{word}-visit", **of, summary=f"{word} came"),
            alert_row(f"{word}-call", **of, event_id=f"{word}-visit", rule_id=f"{word} rule"),
            detection_row(word, (f"{word} cat",)),
        )
        for change in CHANGES:
            sql = change.format(word=word)
            await both.box.spine.committer.commit(lambda c, sql=sql: c.exec_driver_sql(sql))  # type: ignore[misc]
        await both.box.add(camera_row(word, name=f"{word} anew"))
    with_ = both.box.with_
    broadcaster = SystemBroadcaster(
        with_.clock, both.box.spine.bus, with_.health, OneGpu(), with_.stats, Settings()
    )
    await broadcaster.publish_gpus()
    broadcaster.publish_cameras()
    broadcaster.publish_health()


CHANGES = (
    "UPDATE batches SET summary = '{word} goings-on' WHERE id = '{word}-new'",
    "UPDATE batches SET state = 'completed' WHERE id = '{word}-new'",
    "UPDATE events SET note = '{word} again' WHERE id = '{word}-visit'",
    "UPDATE alerts SET state = 'acknowledged', acknowledged_us = 1 WHERE id = '{word}-call'",
    "UPDATE alerts SET state = 'dismissed', dismissed_us = 1 WHERE id = '{word}-call'",
    "DELETE FROM events WHERE id = '{word}-visit'",
    "UPDATE cameras SET status = 'offline', status_reason = '{word} is away' WHERE id = '{word}'",
    "UPDATE cameras SET name = '{word} renamed' WHERE id = '{word}'",
    "DELETE FROM cameras WHERE id = '{word}'",
)


class OneGpu:
    """A GPU that reports its name."""

    def read(self) -> list[GpuStats]:
        """Return it."""
        return [GpuStats(0, "Test GPU")]

    def silent(self) -> list[GpuStats]:
        """Return it, too: it never hangs."""
        return self.read()


def expect_theirs_alone(who: Somebody, heard: Sequence[Said], types: set[str]) -> None:
    """Check that somebody heard every type that is allowed, of each camera that is seen, and no more."""
    may = principal_for(who.caller).permissions if who.caller is not None else frozenset()
    allowed = {type_ for type_ in types if NEEDED[type_] in may}
    text = json.dumps(heard).lower()
    assert [word for word in (MINE, THEIRS) if word in text and not who.sees(word)] == []
    for word in (MINE, THEIRS):
        of_camera = {said["type"] for said in heard if word in json.dumps(said).lower()}
        if who.sees(word):
            assert {type_ for type_ in allowed if type_ in DURABLE_TYPES} <= of_camera
            assert ("camera_stats" in of_camera) is ("camera_stats" in types)
        assert of_camera <= allowed
    spoken = {said["type"] for said in heard}
    assert spoken & {"gpu_stats", "health"} == allowed & {"gpu_stats", "health"}


@pytest.mark.parametrize("who", LISTENERS, ids=lambda who: who.name)
async def test_everybody_hears_of_their_own_cameras_and_of_no_other(both: TwoCameras, who: Somebody) -> None:
    """As it happens, and read again from the beginning by a client that comes later."""
    async with client(both, who) as live:
        await say_everything(both)
        expect_theirs_alone(who, await live.rest(), set(TYPES))
    async with client(both, who, after=0) as late:
        expect_theirs_alone(who, await late.rest(), set(DURABLE_TYPES))


async def test_every_type_of_message_is_said_here(both: TwoCameras) -> None:
    """Who adds one has it said above, and says what it takes to hear it."""
    assert set(NEEDED) == set(TYPES)
    async with client(both, ADMIN) as live:
        await say_everything(both)
        heard = await live.rest()
    assert {said["type"] for said in heard} == set(TYPES)


async def test_a_filter_adds_nothing_to_what_may_be_heard(both: TwoCameras) -> None:
    """Whoever names another camera, or a type that is not theirs, hears nothing of it."""
    forbidden = ["gpu_stats", "health"]
    async with (
        client(both, VIEWER, cameras=[THEIRS]) as of_theirs,
        client(both, VIEWER, types=forbidden) as of_box,
    ):
        await say_everything(both)
        heard = await of_theirs.rest()
        assert await of_box.rest() == []
    assert [said for said in heard if said["type"] != "camera_stats"] == []


async def test_a_reset_tells_where_the_log_is_and_nothing_else(both: TwoCameras) -> None:
    """Cursors count what is said of all cameras; they do not tell of what."""
    url = f"{both.box.url}/api/v1/ws?after=999999"
    async with both.box.http.ws_connect(url, headers=VIEWER.headers) as socket:
        heard = [json.loads(await socket.receive_str(timeout=10)) for _ in range(3)]
    assert [said["type"] for said in heard] == ["hello", "subscribed", "reset"]
    assert set(heard[2]) == {"type", "reason", "oldest", "cursor"}


async def test_health_is_told_without_reasons_to_who_sees_some(both: TwoCameras) -> None:
    """An operator of one camera learns that a part is not well; the words may be of another one."""
    operator = next(one for one in LISTENERS if one.name == "operator-of-mango")
    async with client(both, operator, types=["health", "camera_stats"]) as one:
        await say_everything(both)
        heard = {said["type"]: said["data"] for said in await one.rest()}
    parts = {part["part"]: (part["level"], part["reason"]) for part in heard["health"]["parts"]}
    assert parts["footage kept"] == ("degraded", "the reason is told to those who see all cameras")
    assert [camera["id"] for camera in heard["camera_stats"]["cameras"]] == [MINE]
