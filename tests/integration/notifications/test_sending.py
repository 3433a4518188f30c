"""Alerts on their way to real local servers: signed, retried, recorded once, and delaying nobody."""

import asyncio
import functools
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, insert
from sqlalchemy.orm import Session

from appliance.commit.settings import CommitSettings
from appliance.commit.spine import spine
from appliance.domain.ids import TargetId
from appliance.domain.time import WallUs
from appliance.notifications.courier import Courier
from appliance.notifications.notification import Request
from appliance.notifications.outcome import Outcome, trouble
from appliance.notifications.settings import Settings
from appliance.runtime.clock import SystemClock
from appliance.runtime.health import Health
from appliance.runtime.metrics import Metrics
from appliance.runtime.supervisor import Supervisor
from appliance.store import pipeline, targets
from appliance.store.deliveries import outlook
from appliance.store.pictures import Pictures
from appliance.store.retention import steps
from appliance.store.settings import RetentionSettings, StoreSettings
from appliance.store.tables import Alert
from tests.support.receiver import SECRET, Receiver, listening
from tests.support.rows import NOON_US, alert_row, batch_row, camera_row, event_row
from tests.support.web import JPEG, WebBox, web_box

TARGETS, DELIVERIES = "/api/v1/targets", "/api/v1/deliveries"
QUICK = Settings(
    base_url="https://box.example", timeout_s=0.5, first_pause_s=0.05, longest_pause_s=0.2, picture_wait_s=0
)


@pytest.fixture
async def box(tmp_path: Path) -> AsyncIterator[WebBox]:
    """Run the web server with a courier that pauses for a moment only, a camera and an event."""
    async with web_box(tmp_path, notifications=QUICK) as running:
        await begin(running)
        yield running


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    """Run somebody's server."""
    async with listening(Receiver()) as running:
        yield running


async def begin(box: WebBox) -> None:
    """Add what alerts are about."""
    await box.add(camera_row("front"), batch_row(), event_row(summary="A person at the door"))


async def webhook(box: WebBox, address: str, name: str = "Home", **more: object) -> str:
    """Add a target and return its id."""
    given = {"name": name, "kind": "webhook", "address": address, "secret": SECRET, **more}
    answer = await box.ask("POST", TARGETS, given)
    assert answer.status == 201, answer.body
    return str(answer.json["id"])


async def alarm(box: WebBox, *numbers: int, **more: object) -> None:
    """Make alerts."""
    await box.add(*(alert_row(f"alert-{n}", created_us=NOON_US + n, **more) for n in numbers))


async def deliveries(box: WebBox, **query: str) -> list[dict[str, Any]]:
    """Return the deliveries as the page gets them."""
    text = "&".join(f"{name}={value}" for name, value in query.items())
    items: list[dict[str, Any]] = (await box.get(f"{DELIVERIES}?{text}")).json["items"]
    return items


async def until(box: WebBox, state: str, count: int = 1, within_s: float = 15) -> list[dict[str, Any]]:
    """Wait until so many deliveries are in a state, and return them."""

    async def enough() -> bool:
        return len(await deliveries(box, state=state)) >= count

    await eventually(enough, within_s)
    return await deliveries(box, state=state)


async def eventually(probe: Callable[[], Awaitable[bool]], within_s: float = 15) -> None:
    """Wait until something is so: no message tells of deliveries."""
    async with asyncio.timeout(within_s):
        while not await probe():  # noqa: ASYNC110
            await asyncio.sleep(0.02)


async def is_said(box: WebBox, reason: str) -> bool:
    """Return whether a delivery has failed with these words."""
    return any(reason in one["reason"] for one in await deliveries(box))


async def test_an_alert_arrives_signed_and_is_recorded_once(box: WebBox, receiver: Receiver) -> None:
    """It has alert, event, camera, words and link; what was sent is on record, with one attempt."""
    await webhook(box, f"{receiver.url}/hook/token?a=b")
    await alarm(box, 1, summary="A person at the door")
    (got,) = await receiver.until(1)
    assert (got.method, got.path) == ("POST", "/hook/token")
    assert got.is_signed_with(SECRET)
    data = got.json["data"]
    assert data["alert"] == (await box.get("/api/v1/alerts/alert-1")).json
    assert data["event"] == (await box.get("/api/v1/events/event-1")).json
    assert data["title"] == "Person at Front door"
    assert data["summary"] == "A person at the door (Night)"
    assert data["link"] == "https://box.example/events/event-1"
    (delivered,) = await until(box, "delivered")
    assert (delivered["attempts"], delivered["reason"]) == (1, "")
    target = (await box.get(TARGETS)).json["items"][0]
    assert (target["waiting"], target["last"]["state"]) == (0, "delivered")


async def test_it_is_tried_until_it_is_delivered(box: WebBox, receiver: Receiver) -> None:
    """After errors of the server, a time-out and "too many": the same id, each time signed anew."""
    receiver.statuses = [500, 503, 429, 408, 302]
    await webhook(box, f"{receiver.url}/hook")
    await alarm(box, 1)
    (delivered,) = await until(box, "delivered")
    assert delivered["attempts"] == 6
    assert len({one.headers["webhook-id"] for one in receiver.got}) == 1
    assert all(one.is_signed_with(SECRET) for one in receiver.got)
    assert {one.path for one in receiver.got} == {"/hook"}, "a redirect is not followed"


async def test_it_is_tried_until_the_server_is_there(box: WebBox) -> None:
    """A refused connection and a server that hangs are told apart, and neither loses an alert."""
    receiver = Receiver()
    async with listening(receiver):
        pass
    await webhook(box, f"{receiver.url}/")
    await alarm(box, 1, 2)
    await eventually(lambda: is_said(box, "it refused the connection"))
    receiver.hangs = True
    async with listening(receiver):
        await eventually(lambda: is_said(box, "did not answer within 0.5 s"))
        receiver.hangs = False
        delivered = await until(box, "delivered", 2)
    assert [one["alert_id"] for one in delivered] == ["alert-2", "alert-1"]
    answered = [one.headers["webhook-id"] for one in receiver.got[-2:]]
    assert len(set(answered)) == 2


async def test_what_is_refused_for_good_is_not_tried_again(box: WebBox, receiver: Receiver) -> None:
    """A wrong token stays wrong: it is said with its status, in health too, until something arrives."""
    receiver.usual = 401
    await webhook(box, f"{receiver.url}/secret-path")
    await alarm(box, 1)
    (refused,) = await until(box, "refused")
    assert (refused["attempts"], refused["reason"]) == (1, "it answered with status 401 (Unauthorized)")
    await eventually(lambda: complains(box, "it refused the last alert"))
    receiver.usual = 200
    await alarm(box, 2)
    await until(box, "delivered")
    assert len(receiver.got) == 2
    await eventually(lambda: complains(box, ""))


async def complaint(box: WebBox) -> str:
    """Return what health says of the target."""
    parts = {part.part: part.reason for part in box.with_.health.parts()}
    return parts.get("sending to Home", "nothing yet")


async def complains(box: WebBox, words: str) -> bool:
    """Return whether health says that of the target; no words mean that all is well."""
    said = await complaint(box)
    return words in said if words else said == ""


async def test_what_is_too_old_is_given_up(box: WebBox) -> None:
    """A day later nobody wants to be told: it is recorded as expired, and never sent."""
    receiver = Receiver()
    async with listening(receiver):
        pass
    await webhook(box, receiver.url)
    await alarm(box, 1)
    await box.spine.committer.commit(
        functools.partial(change, "UPDATE deliveries SET created_us = 1780000000000000")
    )
    box.with_.notifier.wake()
    (expired,) = await until(box, "expired")
    assert expired["next_at"] is None
    async with listening(receiver):
        box.with_.notifier.wake()
        await box.ask("POST", f"{TARGETS}/{expired['target_id']}/test")
    assert [one.json["type"] for one in receiver.got] == ["test"]


def change(statement: str, connection: Connection) -> None:
    """Change something behind the program's back."""
    connection.exec_driver_sql(statement)


async def test_a_server_that_takes_for_ever_delays_nobody(tmp_path: Path) -> None:
    """Other targets, commits and answers go on; and it is asked for few things at a time itself."""
    async with AsyncExitStack() as stack:
        slow, quick = Receiver(), Receiver()
        slow.hangs = True
        await stack.enter_async_context(listening(slow))
        await stack.enter_async_context(listening(quick))
        settings = Settings(timeout_s=30, picture_wait_s=0)
        box = await stack.enter_async_context(web_box(tmp_path, notifications=settings))
        await begin(box)
        await webhook(box, slow.url, "Slow")
        await webhook(box, quick.url, "Quick")
        async with asyncio.timeout(10):
            await alarm(box, *range(20))
            await quick.until(20, within_s=10)
            assert (await box.ask("PATCH", "/api/v1/events/event-1", {"reviewed": True})).status == 200
            await until(box, "delivered", 20)
        assert slow.at_once == len(slow.got) == 2


@dataclass
class DeadServer:
    """Refuses at once whatever is sent, and counts."""

    asked: int = 0

    async def send(self, _request: Request) -> Outcome:
        """Refuse it."""
        self.asked += 1
        return trouble("refused", "it refused the connection")


async def test_a_dead_server_with_much_to_be_told_is_asked_seldom(tmp_path: Path) -> None:
    """Neither it nor the disk is kept busy by what cannot be delivered: pauses are the target's, too."""
    dead = DeadServer()
    clock, health = SystemClock(), Health()
    settings = Settings(first_pause_s=0.4, picture_wait_s=0)
    async with (
        spine(tmp_path, clock, health, Metrics(), StoreSettings(), CommitSettings()) as trunk,
        Supervisor(clock, health) as parts,
    ):
        target = {"name": "Home", "kind": "webhook", "settings": {"address": "http://h"}, "shown": "http://h"}
        await trunk.committer.commit(
            functools.partial(targets.add_target, target_id=TargetId("t"), values={**target, "created_us": 0})
        )
        await trunk.committer.commit(add_many)
        pictures = Pictures(tmp_path)
        courier = Courier(
            *(trunk.reader, trunk.committer, trunk.bus, pictures, clock, health, settings), sends=dead
        )
        parts.start("notifications", courier.run)
        await clock.sleep(3.0)
    # Two at first, then one after each of the pauses of 0.4, 0.8 and 1.6 s, or half of them.
    assert 3 <= dead.asked <= 7


def add_many(connection: Connection) -> None:
    """Make two hundred alerts."""
    with Session(connection, join_transaction_mode="create_savepoint") as session:
        session.add_all([batch_row()])
        session.flush()
        session.add_all([event_row()])
        session.flush()
        session.add_all([alert_row(f"alert-{n}") for n in range(200)])
        session.commit()


async def test_a_new_alert_waits_for_its_picture(tmp_path: Path, receiver: Receiver) -> None:
    """The picture is written a moment after the alert; where none comes the alert goes without."""
    settings = Settings(picture_wait_s=1.0)
    async with web_box(tmp_path, notifications=settings) as box:
        await begin(box)
        await webhook(box, receiver.url)
        await alarm(box, 1)
        box.with_.pictures.write("event-1-1.jpg", JPEG)  # type: ignore[attr-defined]
        await box.spine.committer.commit(lambda c: pipeline.set_picture(c, "event-1", "event-1-1.jpg"))  # type: ignore[arg-type]
        (first,) = await receiver.until(1)
        assert first.json["data"]["picture"]["media_type"] == "image/jpeg"
        assert len(first.json["data"]["picture"]["data"]) == 4 * -(-len(JPEG) // 3)
        await box.add(event_row("event-2"))
        await box.add(alert_row("alert-2", event_id="event-2"))
        second = (await receiver.until(2))[1]
        assert second.json["data"]["picture"] is None


async def test_ntfy_is_told_with_the_picture_or_at_least_the_words(box: WebBox, receiver: Receiver) -> None:
    """A server that takes no attachments is sent the message alone, in the same attempt."""
    given = {"name": "Phone", "kind": "ntfy", "address": receiver.url, "topic": "home", "token": "tk_canary"}
    await box.ask("POST", TARGETS, given)
    box.with_.pictures.write("event-1-1.jpg", JPEG)  # type: ignore[attr-defined]
    await box.spine.committer.commit(lambda c: pipeline.set_picture(c, "event-1", "event-1-1.jpg"))  # type: ignore[arg-type]
    await alarm(box, 1, severity=3, summary="Jemand steht an der Tür")
    (put,) = await receiver.until(1)
    assert (put.method, put.path, put.body) == ("PUT", "/home", JPEG)
    assert (put.headers["Priority"], put.headers["Authorization"]) == ("5", "Bearer tk_canary")
    receiver.statuses = [413]
    await alarm(box, 2, summary="Jemand steht an der Tür")
    got = await receiver.until(3)
    assert (got[2].method, got[2].path) == ("POST", "/")
    assert got[2].json["message"] == "Jemand steht an der Tür (Night)"
    assert [one["attempts"] for one in await until(box, "delivered", 2)] == [1, 1]


async def test_health_says_when_somebody_cannot_be_reached_for_long(tmp_path: Path) -> None:
    """In a sentence, and no longer than until it works again."""
    receiver = Receiver()
    async with listening(receiver):
        pass
    settings = Settings(
        timeout_s=1, first_pause_s=0.05, longest_pause_s=0.1, picture_wait_s=0, failing_after_s=1
    )
    async with web_box(tmp_path, notifications=settings) as box:
        await begin(box)
        await webhook(box, receiver.url)
        await alarm(box, 1)
        await eventually(lambda: complains(box, "it refused the connection"))
        health = (await box.get("/api/v1/system/health")).json
        assert health["level"] == "degraded"
        async with listening(receiver):
            await until(box, "delivered")
            await eventually(lambda: complains(box, ""))


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        (None, {"Home", "Shop"}),
        ([], set()),
        (["Shop"], {"Shop"}),
        (["Shop", "Off"], {"Shop"}),
    ],
)
async def test_a_rule_says_who_is_told(box: WebBox, rule: list[str] | None, told: set[str]) -> None:
    """All that are switched on, those it names, or nobody; a target that is off is never told."""
    ids = {name: await webhook(box, "http://127.0.0.1:9", name) for name in ("Home", "Shop")}
    ids["Off"] = await webhook(box, "http://127.0.0.1:9", "Off", enabled=False)
    named = None if rule is None else [ids[name] for name in rule]
    made = await box.ask("POST", "/api/v1/rules", {"name": "Night", "targets": named})
    assert made.json["targets"] == named
    await alarm(box, 1, rule_id=made.json["id"])
    assert {one["target_name"] for one in await deliveries(box)} == told
    await box.ask("DELETE", f"{TARGETS}/{ids['Shop']}")
    left = (await box.get(f"/api/v1/rules/{made.json['id']}")).json["targets"]
    assert left == (None if named is None else [one for one in named if one != ids["Shop"]])


async def test_an_alert_that_is_not_committed_is_not_told(box: WebBox, receiver: Receiver) -> None:
    """Delivery and alert are one transaction: whoever takes one back takes back both."""
    await webhook(box, receiver.url)

    def fail(connection: Connection) -> None:
        row = alert_row("alert-9")
        names = [column.key for column in row.__table__.columns if getattr(row, column.key) is not None]
        values = {name: getattr(row, name) for name in names}
        connection.execute(insert(Alert).values(**values))
        made = connection.exec_driver_sql("SELECT count(*) FROM deliveries").scalar_one()
        assert made == 1
        raise RuntimeError("undone")

    with pytest.raises(RuntimeError, match="undone"):
        await box.spine.committer.commit(fail)
    assert await deliveries(box) == []
    await alarm(box, 1)
    await until(box, "delivered")
    assert len(receiver.got) == 1


async def test_what_was_sent_is_forgotten_after_a_month_or_with_its_alert(
    box: WebBox, receiver: Receiver
) -> None:
    """It goes with the alert, and by its age."""
    await webhook(box, receiver.url)
    await alarm(box, 1)
    await until(box, "delivered")
    now_us = box.with_.clock.wall_us()
    for days, left in ((29, 1), (31, 0)):
        for step in steps(RetentionSettings(), type(now_us)(now_us + days * 86_400_000_000)):
            await box.spine.committer.commit(step)
        assert len(await deliveries(box)) == left
    await box.add(event_row("event-5"))
    await box.add(alert_row("alert-5", event_id="event-5"))
    await until(box, "delivered")
    await box.ask("DELETE", "/api/v1/events/event-5")
    assert await deliveries(box) == []


async def test_deliveries_come_in_pages_newest_first(box: WebBox, receiver: Receiver) -> None:
    """None is left out between two pages, and a filter finds its own."""
    home = await webhook(box, receiver.url)
    await webhook(box, receiver.url, "Shop")
    await alarm(box, 1)
    await alarm(box, 2)
    await until(box, "delivered", 4)
    seen: list[tuple[str, str]] = []
    page = ""
    while True:
        answer = (await box.get(f"{DELIVERIES}?limit=1{page}")).json
        seen += [(one["alert_id"], one["target_name"]) for one in answer["items"]]
        if answer["next"] is None:
            break
        page = f"&page={answer['next']}"
    assert len(seen) == len(set(seen)) == 4
    assert [alert for alert, _ in seen] == ["alert-2", "alert-2", "alert-1", "alert-1"]
    assert {one["target_name"] for one in await deliveries(box, target=home)} == {"Home"}
    assert await deliveries(box, state="waiting") == []


TROUBLES: list[tuple[str, str, str]] = [
    ("http://no-such-name.invalid/", "dns", "name is not known"),
    ("http://127.0.0.1:9/", "refused", "refused the connection"),
]


@pytest.mark.parametrize(("address", "kind", "words"), TROUBLES)
async def test_a_test_says_what_is_wrong(box: WebBox, address: str, kind: str, words: str) -> None:
    """The kind of trouble, and what to do about it."""
    target = await webhook(box, address)
    answer = (await box.ask("POST", f"{TARGETS}/{target}/test")).json
    assert (answer["ok"], answer["kind"]) == (False, kind)
    assert words in answer["message"]
    assert "Check" in answer["message"]


async def test_a_test_arrives_or_says_why_not(box: WebBox, receiver: Receiver) -> None:
    """Delivered, refused, or no TLS, or no answer at all; a test is no alert and not on record."""
    target = await webhook(box, receiver.url, enabled=False)
    where = f"{TARGETS}/{target}/test"
    assert (await box.ask("POST", where)).json == {
        "ok": True,
        "message": "The test was delivered.",
        "kind": None,
        "status": 200,
    }
    assert receiver.got[0].json["type"] == "test"
    assert receiver.got[0].is_signed_with(SECRET)
    receiver.statuses = [404]
    answer = (await box.ask("POST", where)).json
    assert (answer["kind"], answer["status"]) == ("status", 404)
    receiver.hangs = True
    assert (await box.ask("POST", where)).json["kind"] == "timeout"
    secure = receiver.url.replace("http://", "https://")
    await box.ask("PATCH", f"{TARGETS}/{target}", {"address": secure})
    assert (await box.ask("POST", where)).json["kind"] == "tls"
    assert (await box.ask("POST", f"{TARGETS}/gone/test")).status == 404
    assert await deliveries(box) == []


CANARIES = ("kanari1", "kanari2", "kanari3", "kanari4", "kanari5", "a2FuYXJp")


def canary_targets(receiver: Receiver) -> list[Mapping[str, object]]:
    """Return targets of which each secret part is known."""
    secret = "whsec_a2FuYXJpa2FuYXJpa2FuYXJpa2FuYXJpa2FuYXJp"
    return [
        {"name": "Hook", "kind": "webhook", "address": f"{receiver.url}/kanari1?x=kanari2", "secret": secret},
        {
            "name": "Topic",
            "kind": "ntfy",
            "address": f"{receiver.url}/",
            "topic": "xxxkanari3",
            "user": "kanari4",
            "password": "kanari5",
        },
    ]


async def test_a_target_s_secrets_are_nowhere_to_be_read(
    box: WebBox, receiver: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    """No answer, message, log line, health or row that is shown has any part of them."""
    caplog.set_level("DEBUG")
    receiver.statuses = [500, 403]
    said: list[str] = []
    for given in canary_targets(receiver):
        answer = await box.ask("POST", TARGETS, given)
        where = answer.headers["Location"]
        said.append(answer.body.decode())
        for body in (
            {"secret": "kanari5"},
            {"topic": "kanari 3"},
            {"token": ["kanari4"]},
            {"address": "kanari1"},
        ):
            refused = await box.ask("PATCH", where, body)
            assert refused.status == 422
            said.append(refused.body.decode())
        said.append((await box.ask("PATCH", where, {"name": "Named"})).body.decode())
        said.append((await box.ask("POST", f"{where}/test")).body.decode())
    await alarm(box, 1, 2)
    await until(box, "delivered", 3)
    shown = (TARGETS, DELIVERIES, "/api/v1/system/health", "/metrics", "/api/v1/openapi.json")
    said += [(await box.get(path)).body.decode() for path in shown]
    records = [one.getMessage() for one in caplog.records if one.name.startswith("appliance")]
    with sqlite3.connect(box.spine.store.path) as raw:
        said += [str(row) for row in raw.execute("SELECT * FROM outbox")]
        said += [str(row) for row in raw.execute("SELECT * FROM deliveries")]
        said += [str(row) for row in raw.execute("SELECT * FROM targets")]
    kept = str(await box.spine.reader.ask(lambda c: outlook(c, WallUs(0), 1.0, 1)))
    whole = "\n".join([*said, *records])
    assert [one for one in CANARIES if one in whole] == []
    assert all(one in kept for one in CANARIES)
    assert "status 403" in whole


async def test_a_change_is_tried_at_once(tmp_path: Path, receiver: Receiver) -> None:
    """Who has put the address right need not wait for the next pause."""
    settings = Settings(first_pause_s=500, longest_pause_s=600, picture_wait_s=0)
    async with web_box(tmp_path, notifications=settings) as box:
        await begin(box)
        target = await webhook(box, "http://127.0.0.1:9")
        await alarm(box, 1)
        await eventually(lambda: is_said(box, "it refused"))
        await box.ask("PATCH", f"{TARGETS}/{target}", {"address": receiver.url})
        await until(box, "delivered", within_s=5)


async def test_only_so_many_targets_can_be_added(box: WebBox) -> None:
    """Each alert is sent to all of them."""
    for n in range(32):
        await webhook(box, "http://127.0.0.1:9", f"Target {n}")
    given = {"name": "One more", "kind": "webhook", "address": "http://127.0.0.1:9"}
    assert (await box.ask("POST", TARGETS, given)).status == 409
