"""The audit log: who did what, from where, and what became of it; never a secret."""

import asyncio
import json
import logging
import re
import socket
import struct
import threading
from collections import Counter
from pathlib import Path
from typing import Any
from urllib.parse import quote

import msgspec
import pytest
from sqlalchemy import Connection

from appliance.domain.footage import Export, ExportState
from appliance.domain.ids import CameraId, ExportId
from appliance.domain.time import WallUs
from appliance.errors import StoreUnavailable
from appliance.store.audit import Sought
from appliance.store.footage import save_export
from appliance.web import wire
from appliance.web.access import Permission
from appliance.web.app import route_table
from appliance.web.route import Route
from appliance.web.settings import WebSettings
from tests.support.accounts import PASSWORD, Visitor, add_user, claim, log_in
from tests.support.rows import NOON_US, camera_row
from tests.support.web import WebBox, web_box

CANARY = "canary-9f3a77"
SAFE = {"GET", "HEAD"}


async def entries(admin: Visitor, query: str = "") -> list[wire.AuditEntry]:
    """Return the log, the newest first."""
    answer = await admin.get(f"audit{query}")
    assert answer.status == 200, answer.body
    return msgspec.json.decode(answer.body, type=wire.Items[wire.AuditEntry]).items


async def written(box: WebBox) -> None:
    """Wait for rows that a busy machine did not write before the answer."""
    while waiting := tuple(box.known.audit._waiting):
        await asyncio.wait(waiting)


async def nothing(_request: Any) -> Any:
    """Stand in for the WebSocket's handler."""
    raise AssertionError


def changing(box: WebBox) -> list[Route]:
    """Return every route that changes something, from the table."""
    table = route_table(box.with_, WebSettings(), nothing)
    return [route for route in table if route.method not in SAFE and route.permission is not Permission.LOGIN]


async def test_each_route_that_changes_something_leaves_a_row(box: WebBox) -> None:
    """Of the route table as it is: whoever adds a route need not think of it."""
    ann = await claim(box)
    routes = changing(box)
    assert len(routes) > 20
    for route in routes:
        path = re.sub(r"{\w+}", "nothing-there", route.path)
        answer = await box.ask(route.method, path, {"unknown": 1}, headers=ann.headers)
        await written(box)
        newest = (await entries(ann))[0]
        assert newest.detail["method"] == route.method, route.name
        assert newest.detail["path"] == route.path, route.name
        assert newest.detail["status"] == answer.status, route.name
        assert (newest.who, newest.kind, newest.address) == ("Ann", "user", "127.0.0.1"), route.name
        if "{" in route.path and answer.status == 404:
            assert newest.subject == "nothing-there", route.name


async def test_what_somebody_may_not_is_written_down_as_refused(box: WebBox) -> None:
    """Who tries doors can be seen."""
    ann = await claim(box)
    bob = await add_user(ann, "Bob")
    assert (await bob.ask("PUT", "arm", {"state": "away"})).status == 403
    newest = (await entries(ann))[0]
    assert (newest.who, newest.what, newest.outcome) == ("Bob", "arm.set", "refused")
    assert "body" not in newest.detail


async def test_reading_leaves_no_row(box: WebBox) -> None:
    """The log is of what was done."""
    ann = await claim(box)
    before = len(await entries(ann))
    for path in ("events", "users", "access", "sessions"):
        await ann.get(path)
    assert len(await entries(ann)) == before


async def test_whoever_is_nobody_fills_no_log(box: WebBox) -> None:
    """A stranger can have tries to log in written down, as far as they are looked at; nothing else."""
    ann = await claim(box)
    before = len(await entries(ann))
    assert (await box.ask("PUT", "/api/v1/arm", {"state": "away"})).status == 401
    assert (await box.ask("POST", "/api/v1/logout")).status == 204
    assert len(await entries(ann)) == before


async def test_logins_good_and_bad_are_written_down(box: WebBox) -> None:
    """A name that nobody has is not: it may be a password in the wrong field."""
    ann = await claim(box)
    for name, password in (("Ann", CANARY), (CANARY, PASSWORD)):
        await box.ask("POST", "/api/v1/login", {"name": name, "password": password})
    again = await log_in(box, "Ann")
    await again.ask("POST", "logout")
    rows = [(one.what, one.who, one.kind, one.subject, one.outcome) for one in await entries(ann)]
    assert rows == [
        ("logout", "Ann", "user", "Ann", "done"),
        ("login", "Ann", "user", "Ann", "done"),
        ("login", "", "nobody", "", "refused"),
        ("login", "Ann", "nobody", "Ann", "refused"),
        ("claim", "Ann", "user", "Ann", "done"),
    ]
    assert CANARY not in await whole(ann)


async def whole(admin: Visitor) -> str:
    """Return all of the log as text."""
    return (await admin.get("audit?limit=500")).body.decode()


async def test_no_secret_is_in_the_log_or_in_what_is_logged(
    box: WebBox, caplog: pytest.LogCaptureFixture
) -> None:
    """Passwords of users and cameras, tokens of targets, session and API tokens: none of them."""
    caplog.set_level(logging.DEBUG)
    ann = await claim(box)
    await add_user(ann, "Bob")
    users = (await ann.get("users")).json["items"]
    bob_id = next(user["id"] for user in users if user["name"] == "Bob")
    await ann.ask("PATCH", f"users/{bob_id}", {"password": f"{CANARY}-user"})
    form = {"name": "Eve", "password": f"{CANARY}-new", "role": "viewer", "cameras": None}
    await ann.ask("POST", "users", form)
    await ann.ask("PUT", "account/password", {"current": PASSWORD, "new": f"{CANARY}-own"})
    camera = {"name": "Door", "address": f"rtsp://admin:{CANARY}@192.0.2.9/s"}
    await ann.ask("POST", "cameras", camera)
    target = {"name": "Phone", "kind": "ntfy", "address": "http://127.0.0.1:9", "topic": CANARY}
    await ann.ask("POST", "targets", {**target, "token": CANARY})
    made = await ann.ask(
        "POST", "tokens", {"name": "b", "scope": "read", "cameras": None, "expires_at": None}
    )
    await ann.ask("DELETE", f"tokens/{made.json['id']}")
    await ann.ask("PATCH", "events/none", {"note": f"rtsp://admin:{CANARY}@192.0.2.9/"})
    text = await whole(ann)
    assert len(json.loads(text)["items"]) >= 8
    for secret in (CANARY, PASSWORD, ann.cookie, made.json["secret"].rpartition("_")[2]):
        assert secret not in text
        assert secret not in caplog.text
        assert quote(secret) not in caplog.text


async def test_what_was_changed_can_be_read(box: WebBox) -> None:
    """The members that were sent, with secrets hidden, and what the thing is."""
    ann = await claim(box)
    await box.add(camera_row("front"))
    await ann.ask("PATCH", "cameras/front", {"name": "Front door", "detect_fps": 3})
    newest = (await entries(ann))[0]
    assert (newest.what, newest.subject, newest.outcome) == ("cameras.manage", "front", "done")
    assert newest.detail["body"] == {"name": "Front door", "detect_fps": 3}
    form = {"name": "Eve", "password": PASSWORD, "role": "viewer", "cameras": None}
    await ann.ask("POST", "users", form)
    newest = (await entries(ann))[0]
    assert (newest.what, newest.subject) == ("users.manage", "Eve")
    assert newest.detail["body"] == {**form, "password": "•••"}


async def test_a_long_body_is_not_kept_whole(box: WebBox) -> None:
    """A year of rows stays small."""
    ann = await claim(box)
    scene = {
        "masks": [
            {"id": f"m{n}", "name": "x", "points": [[0.1, 0.1], [0.2, 0.1], [0.2, 0.2]] * 20}
            for n in range(9)
        ]
    }
    await ann.ask("PATCH", "cameras/front", {"name": "x", "scene": scene})
    newest = (await entries(ann))[0]
    assert newest.detail["fields"] == ["name", "scene"]
    assert len(json.dumps(newest.detail)) < 4096


async def test_the_log_is_found_through_page_by_page(box: WebBox) -> None:
    """By who, by what and by time, without one twice."""
    ann = await claim(box)
    bob = await add_user(ann, "Bob", "operator")
    for state in ("away", "home") * 3:
        await bob.ask("PUT", "arm", {"state": state})
    assert {one.who for one in await entries(ann, "?who=Bob&what=arm.set")} == {"Bob"}
    assert len(await entries(ann, "?what=arm.set&what=login")) == 7
    seen: list[int] = []
    page = ""
    while True:
        answer = (await ann.get(f"audit?limit=2{page}")).json
        seen += [one["id"] for one in answer["items"]]
        if answer["next"] is None:
            break
        page = f"&page={answer['next']}"
    assert seen == sorted(set(seen), reverse=True)
    assert len(seen) == len(await entries(ann, "?limit=500"))
    assert await entries(ann, "?to=2020-01-01T00:00:00Z") == []


async def test_only_who_may_see_the_log_does(box: WebBox) -> None:
    """It names people and addresses."""
    ann = await claim(box)
    for role in ("viewer", "operator"):
        somebody = await add_user(ann, role, role)
        assert (await somebody.get("audit")).status == 403


async def test_a_log_that_cannot_be_written_holds_nobody_up_for_long(
    box: WebBox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The answer comes; what cannot be kept is counted."""
    ann = await claim(box)

    async def lost(_unit: Any) -> Any:
        raise StoreUnavailable("full")

    monkeypatch.setattr(box.known.audit, "_writer", type("Full", (), {"commit": staticmethod(lost)})())
    assert (await ann.ask("PUT", "arm", {"state": "away"})).status == 200
    text = (await box.ask("GET", "/metrics", headers=ann.headers)).body.decode()
    assert "nightjar_audit_lost_total 1" in text


async def test_who_tries_too_often_fills_no_log(box: WebBox) -> None:
    """A try that is not looked at is counted, and has no row; nobody else's row is left out for it."""
    ann = await claim(box)
    form = {"name": "Ann", "password": "wrong horse battery"}
    tries = (box.ask("POST", "/api/v1/login", form) for _ in range(60))
    *answers, armed = await asyncio.gather(*tries, ann.ask("PUT", "arm", {"state": "away"}))
    await written(box)
    statuses = Counter(answer.status for answer in answers)
    # Of ten that are looked at some may find that too many are just being looked at: no row, either.
    assert (statuses[429], statuses[401] + statuses[503], armed.status) == (50, 10, 200)
    rows = Counter((one.what, one.outcome) for one in await entries(ann, "?limit=500"))
    assert rows == {("claim", "done"): 1, ("login", "refused"): statuses[401], ("arm.set", "done"): 1}
    text = (await box.ask("GET", "/metrics", headers=ann.headers)).body.decode()
    assert 'nightjar_logins_total{outcome="throttled"} 50' in text
    assert "\nnightjar_audit_lost_total " not in text


async def test_who_guesses_the_setup_token_too_often_fills_no_log(tmp_path: Path) -> None:
    """The same before the box has an admin."""
    async with web_box(tmp_path, is_local=False) as box:
        form = {"name": "Ann", "password": PASSWORD, "token": "x"}
        statuses = [(await box.ask("POST", "/api/v1/claim", form)).status for _ in range(15)]
        assert statuses == [403] * 10 + [429] * 5
        kept = await box.known.audit.entries(Sought(100))
        assert [one.entry.detail["status"] for one in kept] == [403] * 10


async def test_who_hangs_up_at_once_is_written_down(box: WebBox) -> None:
    """The change is made all the same; so it has its row, with the address that asked for it."""
    ann = await claim(box)
    held = asyncio.Event()
    let_go = threading.Event()
    loop = asyncio.get_running_loop()

    def hold(_connection: Connection) -> None:
        loop.call_soon_threadsafe(held.set)
        let_go.wait(20)

    holding = asyncio.ensure_future(box.spine.committer.commit(hold))
    try:
        async with asyncio.timeout(20):
            await held.wait()
            await ask_and_reset(box, ann)
    finally:
        let_go.set()
    await holding
    async with asyncio.timeout(20):
        while (newest := (await entries(ann))[0]).what != "arm.set":
            pass
    assert (newest.who, newest.address, newest.outcome) == ("Ann", "127.0.0.1", "done")
    assert newest.detail["body"] == {"state": "away"}
    assert (await ann.get("arm")).json["state"] == "away"


async def ask_and_reset(box: WebBox, who: Visitor) -> None:
    """Ask for a change, and reset the connection as soon as the change waits to be stored."""
    held = waiting(box)
    _, writer = await asyncio.open_connection("127.0.0.1", box.server.port)
    head = "".join(f"{name}: {value}\r\n" for name, value in who.headers.items())
    head += f"Host: 127.0.0.1:{box.server.port}\r\nContent-Type: application/json\r\nContent-Length: 16\r\n"
    writer.write(f'PUT /api/v1/arm HTTP/1.1\r\n{head}\r\n{{"state":"away"}}'.encode())
    while waiting(box) == held:  # noqa: ASYNC110 - nobody tells
        await asyncio.sleep(0)
    sock = writer.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
    # The server has seen it once a connection has no transport any more; its handler goes on.
    while all(one.transport is not None for one in box.server._guard._connections()):  # noqa: ASYNC110 - nobody tells
        await asyncio.sleep(0)


def waiting(box: WebBox) -> int:
    """Return how many units wait to be stored."""
    return sum(queue.length or 0 for queue in box.spine.committer.queues())


async def exporter_runs(box: WebBox) -> None:
    """Wait until it has looked through what a former run left, and takes up one that cannot be made."""
    exporter, at = box.with_.playback.exporter, WallUs(NOON_US)
    first = Export(ExportId("first"), CameraId("front"), at, WallUs(at + 1), False, at)
    await box.spine.committer.commit(lambda c: save_export(c, first))
    async with asyncio.timeout(20):
        while (await exporter.read(first.id)).state is not ExportState.FAILED:
            exporter._arrived.set()


RANGES = ["", "x", "bytes=0-", "bytes=1-", "bytes=4-7", "bytes=-999999999999", "bytes=0-1,3-", "octets=1-"]


@pytest.mark.parametrize("asked", RANGES)
async def test_whoever_fetches_an_export_is_written_down(box: WebBox, asked: str) -> None:
    """Once, whichever part of it they ask for first, and in however many parts."""
    ann = await claim(box)
    await box.add(camera_row("front"))
    begin, end = WallUs(NOON_US), WallUs(NOON_US + 1)
    ids = ExportId("x1"), CameraId("front")
    await exporter_runs(box)
    done = Export(*ids, begin, end, False, begin, ExportState.DONE, size=100)
    await box.spine.committer.commit(lambda c: save_export(c, done))
    place = box.with_.playback.exporter.path(done)
    place.parent.mkdir(exist_ok=True)
    place.write_bytes(bytes(100))
    ranges = {"Range": asked} if asked else {}
    for headers in (ranges, ranges, {"Range": "bytes=50-"}):
        fetched = await box.ask("GET", "/api/v1/exports/x1/file", headers={**ann.headers, **headers})
        assert fetched.status in {200, 206}
    await written(box)
    rows = [one for one in await entries(ann) if one.what == "export.download"]
    assert [(one.who, one.subject, one.outcome) for one in rows] == [("Ann", "x1", "done")]


async def test_nothing_is_kept_of_a_body_that_the_route_does_not_know(box: WebBox) -> None:
    """A password under a wrong name would be readable for a year."""
    ann = await claim(box)
    wrong = {"old_password": CANARY, "new": f"{CANARY}-new"}
    assert (await ann.ask("PUT", "account/password", wrong)).status == 422
    camera = {"name": "Door", "address": "rtsp://192.0.2.9/s", "recording": {"passphrase": CANARY}}
    assert (await ann.ask("POST", "cameras", camera)).status == 422
    for newest in (await entries(ann))[:2]:
        assert (newest.outcome, newest.detail["status"]) == ("refused", 422)
        assert "body" not in newest.detail
        assert "fields" not in newest.detail
    assert CANARY not in await whole(ann)


def test_each_body_refuses_members_that_it_does_not_know(box: WebBox) -> None:
    """At every depth: so what fits the route's type has no member that nobody has thought of."""
    for route in changing(box):
        if route.body is not None:
            schema = msgspec.json.schema(route.body)
            for name, form in schema["$defs"].items():
                if "properties" in form:
                    assert form["additionalProperties"] is False, f"{route.name}: {name}"
