"""The audit log: who did what, from where, and what became of it; never a secret."""

import asyncio
import json
import logging
import re
from typing import Any
from urllib.parse import quote

import msgspec
import pytest

from appliance.errors import StoreUnavailable
from appliance.web import wire
from appliance.web.access import Permission
from appliance.web.app import route_table
from appliance.web.route import Route
from appliance.web.settings import WebSettings
from tests.support.accounts import PASSWORD, Visitor, add_user, claim, log_in
from tests.support.rows import camera_row
from tests.support.web import WebBox

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
    """A stranger can have tries to log in written down, and these are throttled; nothing else."""
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
        "masks": [{"id": f"m{n}", "points": [[0.1, 0.1], [0.2, 0.1], [0.2, 0.2]] * 40} for n in range(9)]
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
