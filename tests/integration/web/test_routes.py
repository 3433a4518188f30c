"""The route table as a whole: permissions, the OpenAPI document, and what is answered to each route."""

import asyncio
import re
from typing import Any
from urllib.parse import urlencode

import msgspec
import pytest
from aiohttp import web

from appliance.domain.camera import CameraStats
from appliance.domain.ids import CameraId
from appliance.errors import Refused
from appliance.web.access import PRINCIPAL, Permission, Principal
from appliance.web.app import build, route_table
from appliance.web.guard import ConnectionGuard
from appliance.web.route import Route, guarded
from appliance.web.sees import SightCheck
from appliance.web.settings import WebSettings
from appliance.web.websocket.handler import WebSocketHandler
from appliance.web.websocket.session import Source
from appliance.web.websocket.settings import WebSocketSettings
from tests.support.footage_files import record, write_footage
from tests.support.rows import alert_row, batch_row, camera_row, candidate_row, detection_row, event_row
from tests.support.web import JPEG, FakeCameras, FakeStats, WebBox


def socket_of(box: WebBox) -> WebSocketHandler:
    """Return a socket handler that nobody connects to."""
    source = Source(box.spine.bus, box.spine.log, box.with_.clock, "epoch")
    return WebSocketHandler(source, WebSocketSettings(), box.with_.metrics)


def table(box: WebBox) -> tuple[Route, ...]:
    """Return the route table."""
    return route_table(box.with_, WebSettings(), socket_of(box).handle)


def served(app: web.Application) -> set[tuple[str, str]]:
    """Return method and path of everything that an application serves."""
    found = set()
    for route in app.router.routes():
        assert route.resource is not None
        found.add((route.method, route.resource.canonical))
    return found


async def test_nothing_is_served_that_is_not_in_the_table(box: WebBox) -> None:
    """There is no door beside the table."""
    app = build(box.with_, WebSettings(), socket_of(box), ConnectionGuard(box.with_.clock, WebSettings()))
    declared = {(route.method, route.path) for route in table(box)}
    heads = {("HEAD", path) for method, path in declared if method == "GET"}
    assert declared <= served(app) <= declared | heads


async def test_every_route_refuses_who_lacks_its_permission(box: WebBox) -> None:
    """Whoever holds every permission but the declared one does not get in; reading never lets one write."""
    for route in table(box):
        assert route.permission is not None, route.name
        without = Principal("nearly all", frozenset(Permission) - {route.permission})
        request: Any = {PRINCIPAL: without}
        with pytest.raises(Refused):
            await guarded(route, SightCheck(box.with_.reader))(request)
        if route.method != "GET":
            assert not route.permission.value.endswith((".view", "probe", "page")), route.name


async def test_every_route_is_in_the_document(box: WebBox) -> None:
    """What can be asked is written down, once, with its permission and its parameters."""
    document = (await box.get("/api/v1/openapi.json")).json
    operations = {
        (method.upper(), path): operation
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    }
    assert document["openapi"] == "3.1.0"
    assert set(operations) == {(route.method, route.path) for route in table(box)}
    names = [operation["operationId"] for operation in operations.values()]
    assert len(names) == len(set(names))
    for route in table(box):
        operation = operations[route.method, route.path]
        assert operation["summary"], route.name
        assert str(route.status) in operation["responses"]
        in_path = {p["name"] for p in operation["parameters"] if p["in"] == "path"}
        assert in_path == set(re.findall(r"{(\w+)}", route.path))


async def test_every_reference_in_the_document_leads_somewhere(box: WebBox) -> None:
    """A generator of clients can read it."""
    answer = await box.get("/api/v1/openapi.json")
    schemas = answer.json["components"]["schemas"]
    wanted = set(re.findall(rb'"#/components/schemas/([^"]+)"', answer.body))
    assert {name.decode() for name in wanted} <= set(schemas)
    assert all(re.fullmatch(r"[A-Za-z0-9._-]+", name) for name in schemas)


async def seed(box: WebBox) -> None:
    """Insert one of everything."""
    box.with_.pictures.write("event-1-1.jpg", JPEG)  # type: ignore[attr-defined]
    assert isinstance(box.with_.cameras, FakeCameras)
    box.with_.cameras.frames["front"] = JPEG  # type: ignore[index]
    decoding = {"mode": "on_demand", "reason": "", "advice": "", "decoder": "software", "decoder_note": ""}
    stream = {"codec": "h264", "width": 640, "height": 360, "fps": None, "gop_s": 2.0, "decoding": decoding}
    assert isinstance(box.with_.stats, FakeStats)
    box.with_.stats.now = [CameraStats(CameraId("front"), fps=15.0), CameraStats(CameraId("spare"))]
    factors = [{"name": "label", "points": 20, "detail": "a person"}]
    target = {"name": "Phone", "kind": "ntfy", "address": "http://127.0.0.1:9", "topic": "home"}
    await box.ask("POST", "/api/v1/targets", target)
    await box.add(
        camera_row("front", labels=["person"], stream=stream),
        camera_row("spare"),
        batch_row(),
        event_row(
            "event-1",
            track_id=1,
            picture="event-1-1.jpg",
            box=[0.1, 0.2, 0.3, 0.4],
            risk_factors=factors,
            trace=[{"name": "score", "passed": True, "detail": "best score 0.83 ≥ 0.70"}],
            zones=["path"],
        ),
        event_row("event-2"),
        alert_row(trace=[{"name": "label", "passed": True, "detail": "person"}]),
        candidate_row(),
        candidate_row("candidate-2", what="alert", event_id="event-1", rule_id="rule-1"),
        detection_row(labels=("car", "person")),
    )
    await record(box, write_footage(box.footage_folder, "segment-1"))
    rule = {"name": "Night", "labels": ["person"], "cameras": ["front"]}
    await box.ask("POST", "/api/v1/rules", rule)
    sundays = {"days": ["sun"], "from": "00:00", "to": "24:00", "state": "home"}
    await box.ask("PUT", "/api/v1/arm", {"hours": [sundays]})


async def exported(box: WebBox) -> str:
    """Have an export made and return its id."""
    made = await box.ask("POST", "/api/v1/exports", {"camera_id": "front", **RANGE})
    async with asyncio.timeout(20):
        while (await box.get(made.headers["Location"])).json["state"] != "done":  # noqa: ASYNC110
            await asyncio.sleep(0)
    return str(made.json["id"])


RANGE = {"from": "2026-09-21T14:13:20Z", "to": "2026-09-21T14:13:25Z"}
QUERIES = {
    "GET /api/v1/timeline": {"camera": "front", "from": RANGE["from"], "to": "2026-09-21T14:15:20Z"},
    "GET /api/v1/cameras/{camera_id}/footage": RANGE,
    "GET /api/v1/cameras/{camera_id}/footage.m3u8": RANGE,
    "GET /api/v1/cameras/{camera_id}/preview.jpg": {"at": RANGE["from"]},
    "GET /api/v1/system/history": RANGE,
    "GET /api/v1/cameras/{camera_id}/footpoints": RANGE,
}
BODIES: dict[str, object] = {
    "POST /api/v1/events/review": {"reviewed": True},
    "POST /api/v1/exports": {"camera_id": "front", **RANGE},
    "POST /api/v1/cameras/{camera_id}/footage/protect": {**RANGE, "protected": True},
    "POST /api/v1/cameras": {"name": "New", "address": "demo:"},
    "POST /api/v1/cameras/test": {"address": "demo:"},
    "POST /api/v1/cameras/find": {"host": "192.0.2.7"},
    "POST /api/v1/system/models/{name}/export": {"batch": 4},
    "PATCH /api/v1/cameras/{camera_id}": {"name": "Changed"},
    "PATCH /api/v1/events/{event_id}": {"reviewed": True, "note": "seen"},
    "PATCH /api/v1/batches/{batch_id}": {"reviewed": True},
    "POST /api/v1/alerts/acknowledge": {"until": RANGE["to"]},
    "POST /api/v1/alerts/dismiss": {"until": RANGE["to"]},
    "POST /api/v1/rules": {"name": "Another"},
    "PATCH /api/v1/rules/{rule_id}": {"enabled": False},
    "PUT /api/v1/arm": {"state": "away"},
    "POST /api/v1/preview": {"remove_rule": "rule-1"},
    "POST /api/v1/targets": {"name": "Another", "kind": "webhook", "address": "http://127.0.0.1:9/"},
    "PATCH /api/v1/targets/{target_id}": {"enabled": False},
}
IDS = {"camera_id": "front", "event_id": "event-1", "batch_id": "batch-1", "alert_id": "alert-1"}
IDS |= {"segment_id": "segment-1", "name": "yolox_nano", "change_id": "2"}
LAST = ("DELETE",)
OF_ACCOUNTS = {Permission.LOGIN, Permission.ACCOUNT_OWN, Permission.USERS_MANAGE}


async def test_every_answer_is_what_its_route_declares(box: WebBox) -> None:
    """Status, media type, cursor and body are as declared: no field is missing, none is undeclared."""
    await seed(box)
    rule_id = (await box.get("/api/v1/rules")).json["items"][0]["id"]
    target_id = (await box.get("/api/v1/targets")).json["items"][0]["id"]
    ids = {**IDS, "rule_id": rule_id, "target_id": target_id, "export_id": await exported(box)}
    asked = [
        route
        for route in table(box)
        # A box that is claimed asks for a login: test_logins and test_users look at these answers.
        if route.status != 101 and (route.method == "GET" or route.permission not in OF_ACCOUNTS)
    ]
    for route in sorted(asked, key=lambda route: route.method in LAST):
        path = f"{route.path.format(**ids)}?{urlencode(QUERIES.get(route.name, {}))}".rstrip("?")
        answer = await box.ask(route.method, path, BODIES.get(route.name))
        assert answer.status == route.status, (route.name, answer.body)
        assert ("Nightjar-Cursor" in answer.headers) is route.has_cursor, route.name
        if route.media is not None:
            assert answer.headers["Content-Type"].startswith(route.media), route.name
        if route.answer is not None:
            decoded = msgspec.json.decode(answer.body, type=route.answer, strict=True)
            assert msgspec.json.decode(msgspec.json.encode(decoded)) == answer.json, route.name
