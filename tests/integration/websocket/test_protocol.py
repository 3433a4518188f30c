"""Protocol version 1: hello, subscription, resumption, resets, bad input."""

import asyncio
import json
from pathlib import Path

import pytest
from aiohttp import ClientSession, WSMsgType

from appliance.store.tables import Batch
from appliance.web.websocket.settings import WebSocketSettings
from tests.support.broadcast import Box, box, closed
from tests.support.clock import SimulatedClock
from tests.support.rows import batch_row, camera_row


async def say(nightjar: Box, *summaries: str) -> None:
    """Commit one change for each summary."""
    for summary in summaries:
        await nightjar.spine.committer.commit(
            lambda c, s=summary: c.exec_driver_sql("UPDATE batches SET summary = ?", (s,))  # type: ignore[misc]
        )


class TestHello:
    """What a client is told first."""

    async def test_the_first_message_names_protocol_epoch_and_the_log_s_bounds(self, nightjar: Box) -> None:
        """Everything that a client needs to resume is in the hello."""
        async with ClientSession() as http, http.ws_connect(nightjar.server.make_url("/api/v1/ws")) as socket:
            hello = json.loads(await socket.receive_str(timeout=5))
        epoch = nightjar.spine.store.opening.epoch
        assert hello == {"type": "hello", "protocol": 1, "epoch": epoch, "cursor": 2, "oldest": 1}


class TestResumption:
    """None missing and none twice, across reconnects."""

    async def test_a_client_that_names_its_cursor_hears_what_it_missed(self, nightjar: Box) -> None:
        """What was committed while it was away comes first, then what is new."""
        async with nightjar.client(channels=["events"]) as client:
            await say(nightjar, "one")
            seen = (await client.next())["cursor"]
        await say(nightjar, "two", "three")
        epoch = nightjar.spine.store.opening.epoch
        async with nightjar.client(channels=["events"], epoch=epoch, after=seen) as client:
            await say(nightjar, "four")
            said = await client.take(3)
            await client.nothing_more()
        assert [m["data"]["summary"] for m in said] == ["two", "three", "four"]

    async def test_a_whole_log_longer_than_every_buffer_is_replayed(self, tmp_path: Path) -> None:
        """A replay goes through small portions and a small queue, and is complete."""
        async with box(tmp_path, WebSocketSettings(queue_messages=4, replay_messages=3)) as nightjar:
            await nightjar.add(camera_row(), batch_row())
            await say(nightjar, *(f"s{i}" for i in range(50)))
            async with nightjar.client("channels=events&after=0") as client:
                assert (await client.next())["type"] == "subscribed"
                await say(nightjar, *(f"t{i}" for i in range(50)))
                said = await client.take(101)
                await client.nothing_more()
        assert [m["data"]["summary"] for m in said[1:]] == [f"{x}{i}" for x in "st" for i in range(50)]

    async def test_a_burst_longer_than_the_queue_is_read_again_from_the_outbox(self, tmp_path: Path) -> None:
        """A client that falls behind misses nothing and hears nothing twice."""
        async with box(tmp_path, WebSocketSettings(queue_messages=2)) as nightjar:
            await nightjar.add(camera_row(), batch_row())
            async with nightjar.client(channels=["events"]) as client:

                def burst(connection: object) -> None:
                    for i in range(100):
                        connection.exec_driver_sql("UPDATE batches SET summary = ?", (str(i),))  # type: ignore[attr-defined]

                await nightjar.spine.committer.commit(burst)
                said = await client.take(100)
                await client.nothing_more()
        assert [m["data"]["summary"] for m in said] == [str(i) for i in range(100)]

    async def test_a_restart_of_the_server_keeps_epoch_and_cursors(self, tmp_path: Path) -> None:
        """A client resumes at a new process as it would at the old one."""
        async with box(tmp_path) as nightjar:
            await nightjar.add(camera_row(), batch_row())
            await say(nightjar, "before")
            epoch = nightjar.spine.store.opening.epoch
        async with box(tmp_path) as nightjar:
            assert nightjar.spine.store.opening.epoch == epoch
            async with nightjar.client(channels=["events"], epoch=epoch, after=2) as client:
                assert (await client.next())["data"]["summary"] == "before"

    @pytest.mark.parametrize(
        ("epoch", "after", "reason"),
        [("another", 1, "new_epoch"), (None, 99, "new_epoch"), (None, 0, "cursor_expired")],
        ids=["other epoch", "future", "expired"],
    )
    async def test_a_cursor_that_cannot_be_resumed_is_reset(
        self, nightjar: Box, epoch: str | None, after: int, reason: str
    ) -> None:
        """The client is told to fetch the state, and hears what comes after the reset's cursor."""
        await nightjar.spine.committer.commit(
            lambda c: c.exec_driver_sql("DELETE FROM outbox WHERE cursor < 2")
        )
        async with nightjar.client() as client:
            subscribed = await client.ask(type="subscribe", channels=["events"], epoch=epoch, after=after)
            reset = await client.next()
            assert (subscribed["type"], subscribed["cursor"]) == ("subscribed", 2)
            assert reset == {"type": "reset", "reason": reason, "oldest": 2, "cursor": 2}
            await say(nightjar, "new")
            assert (await client.next())["cursor"] == 3

    async def test_an_emptied_log_can_still_be_resumed_at_its_end(self, nightjar: Box) -> None:
        """When every row has aged out, a client that had heard all of them is not reset."""
        await nightjar.spine.committer.commit(lambda c: c.exec_driver_sql("DELETE FROM outbox"))
        async with nightjar.client(channels=["events"], after=2) as client:
            await say(nightjar, "next")
            assert (await client.next())["cursor"] == 3


class TestSubscription:
    """One subscription a connection, replaced whole."""

    async def test_a_new_subscription_replaces_the_old_one_whole(self, nightjar: Box) -> None:
        """What the second one does not name is not heard any more."""
        async with nightjar.client(channels=["events"]) as client:
            assert (await client.ask(type="subscribe", channels=["alerts"], labels=["car"]))["labels"] == [
                "car"
            ]
            await say(nightjar, "unheard")
            await client.nothing_more()

    async def test_unsubscribing_keeps_the_connection(self, nightjar: Box) -> None:
        """Nothing is heard until the next subscription."""
        async with nightjar.client(channels=["events"]) as client:
            assert (await client.ask(type="unsubscribe"))["type"] == "unsubscribed"
            await say(nightjar, "unheard")
            await client.nothing_more()
            assert (await client.ask(type="subscribe", channels=["events"]))["type"] == "subscribed"
            await say(nightjar, "heard")
            assert (await client.next())["data"]["summary"] == "heard"

    async def test_a_narrow_client_is_told_its_position(self, tmp_path: Path) -> None:
        """Every 30 s a subscribed client learns how far it has heard everything."""
        clock = SimulatedClock()
        settings = WebSocketSettings(silence_s=1e6)
        async with (
            box(tmp_path, settings, clock) as nightjar,
            nightjar.client(channels=["alerts"]) as client,
        ):
            await nightjar.add(camera_row(), batch_row())
            await nightjar.published()
            await clock.advance(30)
            assert await client.next() == {"type": "position", "cursor": 2}


class TestBadInput:
    """Bad input gets one clear error, and nothing is lost by it."""

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("garbage", "subscribe"),
            ("[]", "subscribe"),
            ('{"type":"shutdown"}', "shutdown"),
            ('{"type":"subscribe"}', "channels"),
            ('{"type":"subscribe","channels":["news"]}', "expected some of events"),
            ('{"type":"subscribe","channels":["events"],"types":["x"]}', "expected some of event_created"),
            ('{"type":"subscribe","channels":["events"],"min_severity":"grave"}', "expected"),
            ('{"type":"subscribe","channels":["events"],"after":-1}', "0 or more"),
            ('{"type":"subscribe","channels":["events"],"after":"x"}', "int"),
            ('{"type":"subscribe","channels":["events"],"color":1}', "color"),
        ],
    )
    async def test_a_wrong_request_is_answered_with_what_was_expected(
        self, nightjar: Box, text: str, expected: str
    ) -> None:
        """The connection and its subscription stay as they were."""
        async with nightjar.client(channels=["events"]) as client:
            await client.socket.send_str(text)
            error = await client.next()
            assert (error["type"], error["code"]) == ("error", "invalid_request")
            assert expected in error["message"] or "one of" in error["message"]
            await say(nightjar, "still here")
            assert (await client.next())["data"]["summary"] == "still here"

    async def test_a_binary_message_is_answered_with_an_error(self, nightjar: Box) -> None:
        """Only text is expected."""
        async with nightjar.client() as client:
            await client.socket.send_bytes(b"\x00\xff")
            assert "binary" in (await client.next())["message"]

    async def test_a_message_over_64_kib_closes_its_connection_alone(self, nightjar: Box) -> None:
        """One megabyte from one client is refused with 1009, and others go on."""
        async with nightjar.client(channels=["events"]) as other, nightjar.client() as client:
            await client.socket.send_str("x" * 1_000_000)
            assert await closed(client.socket) == 1009
            await say(nightjar, "unharmed")
            assert (await other.next())["data"]["summary"] == "unharmed"

    @pytest.mark.parametrize("query", ["channels=news", "after=x", "colour=red", "channels=events&after=-1"])
    async def test_a_wrong_query_is_refused_before_the_handshake(self, nightjar: Box, query: str) -> None:
        """The quick start in the address is checked like any request."""
        url = nightjar.server.make_url("/api/v1/ws").with_query(query)
        async with ClientSession() as http, http.get(url, headers=UPGRADE) as answer:
            assert answer.status >= 400


class TestEnd:
    """How connections end."""

    async def test_a_client_of_which_nothing_is_heard_is_cut(self, tmp_path: Path) -> None:
        """A client that answers no ping is gone within 16 s."""
        clock = SimulatedClock()
        async with box(tmp_path, clock=clock) as nightjar, ClientSession() as http:
            url = nightjar.server.make_url("/api/v1/ws")
            async with http.ws_connect(url, autoping=False) as socket:
                await socket.receive(timeout=5)
                await clock.advance(10)
                assert (await socket.receive(timeout=5)).type is WSMsgType.PING
                await clock.advance(6)
                assert await closed(socket) == 1006

    async def test_a_stopping_server_says_so(self, tmp_path: Path) -> None:
        """Clients are told that the server goes away, and come back later."""
        async with (
            box(tmp_path) as nightjar,
            ClientSession() as http,
            http.ws_connect(nightjar.server.make_url("/api/v1/ws")) as socket,
        ):
            await socket.receive(timeout=5)
            code, _ = await asyncio.gather(closed(socket), nightjar.server.close())
            assert code == 1001

    async def test_a_client_that_leaves_leaves_nothing_behind(self, nightjar: Box) -> None:
        """Its subscription goes with it."""
        for _ in range(20):
            async with nightjar.client(channels=["events"]):
                pass
        await say(nightjar, "anyone?")
        await nightjar.published()
        assert len(nightjar.spine.bus) == 0


class TestRows:
    """Rows as the ORM sees them."""

    async def test_a_batch_reads_back_as_it_was_written(self, nightjar: Box) -> None:
        """The ORM and the wire speak of the same row."""
        assert await nightjar.orm(lambda session: session.get_one(Batch, "batch-1").camera_id) == "front"


UPGRADE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGVzdHRlc3R0ZXN0dGVzdA==",
}
