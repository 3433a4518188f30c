"""Nobody learns of a camera that is not theirs: every route and every message, asked by everybody.

The cases are made of the route table and of the message types. One that is new has no case, and fails here.
"""

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import pytest
from aiohttp import WSServerHandshakeError

from appliance.web.access import Permission, principal_for
from appliance.web.app import route_table
from appliance.web.route import Route
from appliance.web.sees import OWNED, Sees
from appliance.web.settings import WebSettings
from tests.support.two_cameras import (
    ADMIN,
    EVERYBODY,
    HOURS,
    LIMITED_ADMIN,
    MINE,
    NOBODY,
    OPERATOR,
    THEIRS,
    VIEWER,
    Somebody,
    TwoCameras,
)

OTHER = {MINE: THEIRS, THEIRS: MINE}
RANGE = {"from": "2026-09-21T14:13:20Z", "to": "2026-09-21T14:13:25Z"}
MINUTE = {"from": RANGE["from"], "to": "2026-09-21T14:15:20Z"}


@dataclass(frozen=True)
class Case:
    """How a route is asked about a camera: ``{word}`` in its query or body is that camera's word.

    Attributes:
        tells: its answer has something of each camera that is seen.
        missing: it names the camera outside of its path, and says 404 of one that is not seen.
        status: what it answers here to who may ask, where that is not its own: those who ask here are made
            up, and no users of the box.
    """

    query: dict[str, str] = field(default_factory=dict)
    body: dict[str, object] | None = None
    tells: bool = False
    missing: bool = False
    status: int | None = None


PLAIN, TOLD = Case(), Case(tells=True)
OF_RANGE = Case(RANGE)
CASES = {
    "GET /api/v1/cameras": TOLD,
    "POST /api/v1/cameras": Case(body={"name": "New {word}", "address": "demo:"}),
    "GET /api/v1/cameras/stats": TOLD,
    "POST /api/v1/cameras/test": Case(body={"address": "demo:"}),
    "POST /api/v1/cameras/find": Case(body={"host": "192.0.2.7"}),
    "GET /api/v1/cameras/{camera_id}": TOLD,
    "PATCH /api/v1/cameras/{camera_id}": Case(body={"name": "{word} again"}),
    "DELETE /api/v1/cameras/{camera_id}": PLAIN,
    "GET /api/v1/cameras/{camera_id}/address": PLAIN,
    "GET /api/v1/cameras/{camera_id}/frame.jpg": PLAIN,
    "GET /api/v1/cameras/{camera_id}/live": PLAIN,
    "GET /api/v1/cameras/{camera_id}/footpoints": OF_RANGE,
    "GET /api/v1/cameras/{camera_id}/baseline": PLAIN,
    "GET /api/v1/cameras/{camera_id}/footage": Case(RANGE, tells=True),
    "POST /api/v1/cameras/{camera_id}/footage/protect": Case(body={**RANGE, "protected": True}),
    "GET /api/v1/cameras/{camera_id}/footage.m3u8": OF_RANGE,
    "GET /api/v1/cameras/{camera_id}/preview.jpg": Case({"at": RANGE["from"]}),
    "GET /api/v1/timeline": Case({"camera": "{word}", **MINUTE}, tells=True, missing=True),
    "GET /api/v1/segments/{segment_id}": PLAIN,
    "GET /api/v1/exports": TOLD,
    "POST /api/v1/exports": Case(body={"camera_id": "{word}", **RANGE}, missing=True),
    "GET /api/v1/exports/{export_id}": TOLD,
    "DELETE /api/v1/exports/{export_id}": PLAIN,
    "GET /api/v1/exports/{export_id}/file": PLAIN,
    "GET /api/v1/events": TOLD,
    "POST /api/v1/events/review": Case(body={"reviewed": True, "camera": ["{word}"]}),
    "GET /api/v1/events/{event_id}": TOLD,
    "PATCH /api/v1/events/{event_id}": Case(body={"reviewed": True, "note": "seen"}, tells=True),
    "DELETE /api/v1/events/{event_id}": PLAIN,
    "GET /api/v1/events/{event_id}/detections": TOLD,
    "GET /api/v1/events/{event_id}/story": TOLD,
    "GET /api/v1/events/{event_id}/why": TOLD,
    "GET /api/v1/events/{event_id}/clip.m3u8": PLAIN,
    "GET /api/v1/events/{event_id}/picture": PLAIN,
    "GET /api/v1/batches": TOLD,
    "GET /api/v1/batches/{batch_id}": TOLD,
    "PATCH /api/v1/batches/{batch_id}": Case(body={"reviewed": True}, tells=True),
    "GET /api/v1/alerts": TOLD,
    "POST /api/v1/alerts/acknowledge": Case(body={"until": RANGE["to"]}),
    "POST /api/v1/alerts/dismiss": Case(body={"until": RANGE["to"]}),
    "GET /api/v1/alerts/{alert_id}": TOLD,
    "POST /api/v1/alerts/{alert_id}/acknowledge": TOLD,
    "POST /api/v1/alerts/{alert_id}/dismiss": TOLD,
    "GET /api/v1/alerts/{alert_id}/why": TOLD,
    "GET /api/v1/candidates": TOLD,
    "GET /api/v1/rules": TOLD,
    "POST /api/v1/rules": Case(body={"name": "Another"}),
    "GET /api/v1/rules/{rule_id}": Case(tells=True, missing=True),
    "PATCH /api/v1/rules/{rule_id}": Case(body={"enabled": False}),
    "DELETE /api/v1/rules/{rule_id}": PLAIN,
    "GET /api/v1/arm": PLAIN,
    "PUT /api/v1/arm": Case(body={"hours": HOURS}),
    "POST /api/v1/preview": Case(body={"camera": "{word}", "remove_rule": "rule-1"}),
    "GET /api/v1/setting_changes": TOLD,
    "POST /api/v1/setting_changes/{change_id}/undo": PLAIN,
    "GET /api/v1/targets": PLAIN,
    "POST /api/v1/targets": Case(
        body={"name": "Another", "kind": "webhook", "address": "http://127.0.0.1:9/"}
    ),
    "GET /api/v1/targets/{target_id}": PLAIN,
    "PATCH /api/v1/targets/{target_id}": Case(body={"enabled": False}),
    "DELETE /api/v1/targets/{target_id}": PLAIN,
    "POST /api/v1/targets/{target_id}/test": PLAIN,
    "GET /api/v1/deliveries": TOLD,
    "GET /api/v1/system": PLAIN,
    "GET /api/v1/system/health": PLAIN,
    "GET /api/v1/system/detector": PLAIN,
    "GET /api/v1/system/gpu": PLAIN,
    "GET /api/v1/system/storage": TOLD,
    "GET /api/v1/system/host": PLAIN,
    "GET /api/v1/system/database": PLAIN,
    "GET /api/v1/system/queues": PLAIN,
    "GET /api/v1/system/history": OF_RANGE,
    "GET /api/v1/system/version": PLAIN,
    "GET /api/v1/system/cameras": TOLD,
    "GET /api/v1/system/models": PLAIN,
    "POST /api/v1/system/models/{name}/pull": PLAIN,
    "POST /api/v1/system/models/{name}/export": Case(body={"batch": 4}),
    "DELETE /api/v1/system/models/{name}": PLAIN,
    "GET /api/v1/ws": PLAIN,
    "GET /api/v1/openapi.json": PLAIN,
    "GET /api/v1/access": PLAIN,
    "POST /api/v1/claim": Case(body={"name": "Eve", "password": "correct horse"}, status=404),
    "POST /api/v1/login": Case(body={"name": "Eve", "password": "correct horse"}, status=401),
    "POST /api/v1/logout": PLAIN,
    "PUT /api/v1/account/password": Case(body={"current": "x", "new": "correct horse"}, status=422),
    "GET /api/v1/users": PLAIN,
    "POST /api/v1/users": Case(
        body={"name": "{word} owner", "password": "correct horse", "role": "admin", "cameras": None}
    ),
    "PATCH /api/v1/users/{user_id}": Case(body={"enabled": True}, status=404),
    "DELETE /api/v1/users/{user_id}": Case(status=404),
    "GET /api/v1/sessions": PLAIN,
    "DELETE /api/v1/sessions/{session_id}": Case(status=404),
    "GET /api/v1/tokens": PLAIN,
    "POST /api/v1/tokens": Case(
        body={"name": "b", "scope": "read", "cameras": None, "expires_at": None}, status=409
    ),
    "DELETE /api/v1/tokens/{token_id}": Case(status=404),
    "GET /api/v1/audit": PLAIN,
    "GET /healthz": PLAIN,
    "GET /readyz": PLAIN,
    "GET /metrics": TOLD,
}
"""Every route of the API; the page's screens and files are asked without one."""

LAST = ("DELETE",)
"""What these take away the others ask for."""
LOGOUT = "POST /api/v1/logout"
"""After that one changes no users any more."""


def table(both: TwoCameras) -> tuple[Route, ...]:
    """Return every route, what is taken away at the end."""

    async def none(_request: Any) -> Any:
        raise AssertionError

    routes = route_table(both.box.with_, WebSettings(), none)
    return tuple(sorted(routes, key=lambda route: (route.name == LOGOUT, route.method in LAST)))


def case_of(route: Route) -> Case:
    """Return how a route is asked; the page's own files are all asked alike."""
    if route.permission is Permission.PAGE and route.sees is Sees.NOTHING:
        return CASES.get(route.name, PLAIN)
    return CASES[route.name]


async def test_every_route_has_a_case(both: TwoCameras) -> None:
    """Who adds a route says here how it is asked about a camera; none is left over."""
    asked = {route.name for route in table(both) if route.permission is not Permission.PAGE}
    assert asked <= set(CASES)
    assert set(CASES) <= {route.name for route in table(both)}


def named(value: Any, word: str) -> Any:
    """Return a query or a body about that camera."""
    if isinstance(value, str):
        return value.replace("{word}", word)
    if isinstance(value, list):
        return [named(one, word) for one in value]
    if isinstance(value, dict):
        return {key: named(one, word) for key, one in value.items()}
    return value


async def asked(both: TwoCameras, who: Somebody, route: Route, ids: dict[str, str], word: str) -> Any:
    """Ask a route about a camera; return the status, and what was answered with its headers."""
    case = case_of(route)
    path = f"{route.path.format(**ids)}?{urlencode(named(case.query, word))}".rstrip("?")
    if route.status == 101:
        return await shaken(both, who, path)
    answer = await both.ask(who, route.method, path, named(case.body, word))
    head = "\n".join(f"{name}: {value}" for name, value in answer.headers.items())
    text = answer.body.decode(errors="replace") + ("" if answer.status == 404 else head)
    return answer.status, text


async def shaken(both: TwoCameras, who: Somebody, path: str) -> tuple[int, str]:
    """Ask for a WebSocket."""
    try:
        async with both.box.http.ws_connect(f"{both.box.url}{path}", headers=who.headers) as socket:
            return 101, str((await socket.receive(timeout=10)).data)
    except WSServerHandshakeError as err:
        return err.status, ""


def expected(route: Route, who: Somebody, word: str) -> int:
    """Return the status that somebody meets who asks a route about that camera."""
    may = principal_for(who.caller).permissions if who.caller is not None else EVERYBODYS
    if not {route.permission, *route.also} <= may:
        return 401 if who.caller is None else 403
    if route.sees is Sees.ALL:
        return (case_of(route).status or route.status) if who.sees_all else 403
    is_named = route.sees in OWNED or case_of(route).missing
    status = case_of(route).status or route.status
    return status if who.sees(word) or not is_named else 404


EVERYBODYS = {Permission.PROBE, Permission.PAGE, Permission.LOGIN}


@pytest.mark.parametrize("who", EVERYBODY, ids=lambda who: who.name)
async def test_everybody_gets_of_every_route_what_is_theirs(both: TwoCameras, who: Somebody) -> None:
    """The declared status, everything of the cameras that are seen, and no word of another one."""
    for route in table(both):
        for word in (THEIRS, MINE):
            status, text = await asked(both, who, route, both.ids[word], word)
            assert status == expected(route, who, word), (route.name, word, text[:300])
            if status in {101, 200} and case_of(route).tells and who.sees(word):
                assert word in text.lower(), (route.name, word)
            if status not in {401, 403, 404} and who.caller is not None:
                hidden = [one for one in (MINE, THEIRS) if not who.sees(one)]
                assert [one for one in hidden if one in text.lower()] == [], (route.name, word, text)


async def test_what_is_not_seen_is_answered_like_what_is_not_there(both: TwoCameras) -> None:
    """Status, words and headers are the same, so that nobody can try ids and learn which exist."""
    missing = dict.fromkeys(both.ids[THEIRS], "nowhere")
    for who in (VIEWER, OPERATOR, LIMITED_ADMIN):
        for route in table(both):
            if route.status == 101:
                continue
            theirs = await told(both, who, route, both.ids[THEIRS], THEIRS)
            nowhere = await told(both, who, route, missing, "nowhere")
            if expected(route, who, THEIRS) == 404:
                assert theirs == nowhere, route.name


async def told(both: TwoCameras, who: Somebody, route: Route, ids: dict[str, str], word: str) -> object:
    """Return an answer whole, without the names that were asked for, the length and the moment."""
    case = case_of(route)
    path = f"{route.path.format(**ids)}?{urlencode(named(case.query, word))}".rstrip("?")
    answer = await both.ask(who, route.method, path, named(case.body, word))
    body = answer.body.decode(errors="replace")
    for name in sorted({*ids.values(), word}, key=len, reverse=True):
        body = body.replace(name, "…")
    passing = {"date", "content-length", "nightjar-cursor"}
    head = {name: value for name, value in answer.headers.items() if name.lower() not in passing}
    return answer.status, body, head


def of(answer: Any, name: str = "camera_id") -> list[Any]:
    """Return what the items of a list have under a name."""
    return [item[name] for item in answer.json["items"]]


LISTS = ("events", "batches", "alerts", "candidates", "exports", "deliveries")


async def test_a_filter_that_names_another_camera_finds_nothing(both: TwoCameras) -> None:
    """As one that names none that exists; and pages are of one's own."""
    for name in LISTS[:4]:
        for camera in (THEIRS, "nowhere"):
            answer = await both.ask(VIEWER, "GET", f"/api/v1/{name}?camera={camera}")
            assert (answer.status, answer.json) == (200, {"items": [], "next": None}), name
        found = of(await both.ask(VIEWER, "GET", f"/api/v1/{name}?camera={THEIRS}&camera={MINE}"))
        assert set(found) == {MINE}
    theirs = f"{THEIRS}-event"
    assert of(await both.ask(VIEWER, "GET", f"/api/v1/alerts?event={theirs}")) == []
    assert of(await both.ask(VIEWER, "GET", f"/api/v1/events?batch={THEIRS}-batch")) == []
    assert of(await both.ask(VIEWER, "GET", f"/api/v1/events?zone={THEIRS}-zone")) == []
    assert of(await both.ask(VIEWER, "GET", f"/api/v1/events?zone={MINE}-zone")) == [MINE]


async def test_lists_are_whole_for_who_sees_all(both: TwoCameras) -> None:
    """Otherwise that others see less would show nothing."""
    for name in LISTS:
        assert set(of(await both.ask(ADMIN, "GET", f"/api/v1/{name}"))) == {MINE, THEIRS}, name
        assert set(of(await both.ask(LIMITED_ADMIN, "GET", f"/api/v1/{name}"))) == {MINE}, name


async def reviewed(both: TwoCameras) -> dict[str, tuple[bool, str]]:
    """Return of each camera whether its event is reviewed, and the state of its alert."""
    events = await both.ask(ADMIN, "GET", "/api/v1/events")
    alerts = await both.ask(ADMIN, "GET", "/api/v1/alerts")
    states = dict(zip(of(alerts), of(alerts, "state"), strict=True))
    marks = dict(zip(of(events), of(events, "reviewed"), strict=True))
    return {camera: (marks[camera], states[camera]) for camera in marks}


@pytest.mark.parametrize(("word", "state"), [("acknowledge", "acknowledged"), ("dismiss", "dismissed")])
async def test_what_is_done_to_all_is_done_to_ones_own(both: TwoCameras, word: str, state: str) -> None:
    """Events are marked and alerts handled of the cameras that are seen; the count tells of no others."""
    counts = [
        (await both.ask(OPERATOR, "POST", "/api/v1/events/review", {"reviewed": True})).json,
        (await both.ask(OPERATOR, "POST", f"/api/v1/alerts/{word}", {"until": RANGE["to"]})).json,
    ]
    assert counts == [{"count": 1}, {"count": 1}]
    assert await reviewed(both) == {MINE: (True, state), THEIRS: (False, "open")}


async def test_a_rule_shows_the_cameras_and_zones_that_are_seen(both: TwoCameras) -> None:
    """Of one for two cameras the part that is about one's own; one for others is not there."""
    rules = (await both.ask(OPERATOR, "GET", "/api/v1/rules")).json["items"]
    assert {rule["name"]: (rule["cameras"], rule["zones"]) for rule in rules} == {
        "Both": ([MINE], [f"{MINE}-zone"]),
        f"{MINE} rule": ([MINE], [f"{MINE}-zone"]),
    }


async def test_reasons_are_told_without_what_a_rule_names_elsewhere(both: TwoCameras) -> None:
    """They keep their answers; who sees all reads the words as they were written."""
    path = f"/api/v1/alerts/{MINE}-alert/why"
    steps = (await both.ask(VIEWER, "GET", path)).json["steps"]
    assert [(step["name"], step["passed"], step["detail"]) for step in steps] == [
        ("camera", True, "this camera is one of the rule's"),
        ("zone", False, "was in no zone of the rule"),
    ]
    whole = (await both.ask(ADMIN, "GET", path)).json["steps"]
    assert whole[0]["detail"] == f"camera {MINE} is one of {MINE}, {THEIRS}"


async def test_exports_are_made_of_ones_own_events_only(both: TwoCameras) -> None:
    """An event of another camera is not there to be exported."""
    statuses = [
        (await both.ask(OPERATOR, "POST", "/api/v1/exports", {"event_id": f"{word}-event"})).status
        for word in (THEIRS, MINE)
    ]
    assert statuses == [404, 201]


async def test_sums_are_those_of_the_cameras_that_are_seen(both: TwoCameras) -> None:
    """What lies on a disk is told of one's own; how long the room lasts is told to who sees all."""
    size = (await both.ask(ADMIN, "GET", "/api/v1/system/storage")).json
    mine = (await both.ask(OPERATOR, "GET", "/api/v1/system/storage")).json
    of_cameras = {one["camera_id"]: one["footage_bytes"] for one in size["cameras"]}
    sums = [sum(one["paths"][0]["footage_bytes"].values()) for one in (size, mine)]
    assert sums == [sum(of_cameras.values()), of_cameras[MINE]]
    assert (mine["paths"][0]["next"], mine["paths"][0]["days_left"]) == (None, None)
    assert [one["camera_id"] for one in mine["cameras"]] == [MINE]


async def test_a_page_can_begin_for_who_sees_one_camera(both: TwoCameras) -> None:
    """What it asks first is answered to a viewer: the cameras, whether the house is armed, open alerts."""
    for path in ("system", "cameras", "cameras/stats", "alerts?state=open", "arm", "access"):
        assert (await both.ask(VIEWER, "GET", f"/api/v1/{path}")).status == 200, path
    system = (await both.ask(VIEWER, "GET", "/api/v1/system")).json
    assert system["version"]["epoch"] == both.box.with_.about.epoch
    assert (system["health"], system["detector"], system["gpus"]) == (None, None, [])


async def test_the_probes_tell_everybody_no_more_than_yes_or_no(both: TwoCameras) -> None:
    """Parts and reasons are for who may see how the box is doing."""
    parts = {}
    for who in (NOBODY, VIEWER, OPERATOR, ADMIN):
        report = (await both.ask(who, "GET", "/readyz")).json
        parts[who.name] = {one["reason"] for one in report["parts"] if one["part"] == "footage kept"}
    told, whole = parts[OPERATOR.name].pop(), parts[ADMIN.name].pop()
    assert (parts[NOBODY.name], parts[VIEWER.name]) == (set(), set())
    assert (told, whole) == (
        "the reason is told to those who see all cameras",
        f"camera {THEIRS} and {MINE} have no room",
    )
