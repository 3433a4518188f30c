"""Who asks: found out once for each request, by token, by cookie, or by where it comes from."""

import asyncio
from pathlib import Path

import pytest

from appliance.accounts.caller import Caller
from appliance.domain.access import ALL_CAMERAS, Role, Scope, Sight
from appliance.domain.ids import CameraId, SessionId, TokenId, UserId
from tests.support.web import FakeAccounts, WebBox, web_box

ACCESS = "/api/v1/access"
ANN = Caller(SessionId("session-1"), UserId("ann"), "Ann", Role.OPERATOR, None, ALL_CAMERAS)
FRONT = Sight(frozenset({CameraId("front")}))
COOKIE = {"Cookie": "nightjar=ann"}
ARM = ("PUT", "/api/v1/arm", {"state": "away"})


def known(**tokens: Caller) -> FakeAccounts:
    """Return accounts with Ann's session and some tokens."""
    return FakeAccounts(sessions={"ann": ANN}, tokens=tokens)


def token(role: Role, scope: Scope, sight: Sight = ALL_CAMERAS) -> Caller:
    """Return a program with a token of somebody."""
    return Caller(TokenId("token-1"), UserId("ann"), "backup (Ann)", role, scope, sight)


async def test_at_a_box_that_nobody_has_claimed_whoever_sits_there_may_all(box: WebBox) -> None:
    """On loopback there is no login before there are users, and the page can say so."""
    access = (await box.get(ACCESS)).json
    assert (access["login"], access["kind"], access["cameras"]) == ("none", "local", None)
    assert {"users.manage", "events.view"} <= set(access["permissions"])


PROXIES = [
    *("X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host", "x-forwarded-server", "Forwarded", "Via"),
    *("X-Real-IP", "X-Client-IP", "X-Original-Forwarded-For", "CF-Connecting-IP", "True-Client-IP"),
]


@pytest.mark.parametrize("header", PROXIES)
async def test_what_a_proxy_passes_on_does_not_come_from_this_machine(box: WebBox, header: str) -> None:
    """A proxy that was put before the box without a thought does not open it to its network."""
    assert (await box.get("/api/v1/events", **{header: "192.0.2.7"})).status == 401
    assert (await box.get(ACCESS, **{header: "192.0.2.7"})).json["login"] == "claim"


async def test_a_proxy_that_says_nothing_of_itself_is_known_by_its_version(box: WebBox) -> None:
    """As nginx asks unless it is told otherwise: in HTTP/1.0, by the box's own address, nothing added."""
    for version, status in (("1.1", b" 200 "), ("1.0", b" 401 ")):
        reader, writer = await asyncio.open_connection("127.0.0.1", box.server.port)
        head = (
            f"GET /api/v1/events HTTP/{version}\r\nHost: 127.0.0.1:{box.server.port}\r\nConnection: close\r\n"
        )
        writer.write(f"{head}\r\n".encode())
        async with asyncio.timeout(10):
            assert status in await reader.readline()
        writer.close()


async def test_which_version_this_is_is_told_after_a_login_only(tmp_path: Path) -> None:
    """The description of the API has it."""
    async with web_box(tmp_path, accounts=known()) as box:
        assert (await box.get("/api/v1/openapi.json")).status == 401
        assert (await box.get("/api/v1/openapi.json", **COOKIE)).json["info"]["version"] == "0.1.0"


async def test_a_box_that_others_reach_shows_nobody_more_than_how_to_claim_it(tmp_path: Path) -> None:
    """Nothing is open by default."""
    async with web_box(tmp_path, is_local=False) as box:
        access = (await box.get(ACCESS)).json
        assert (access["login"], access["kind"], access["cameras"]) == ("claim", "nobody", [])
        assert access["permissions"] == ["login", "page", "probe"]
        refused = await box.get("/api/v1/events")
        assert (refused.status, refused.headers["WWW-Authenticate"]) == (401, "Bearer")
        assert (await box.get("/metrics")).status == 401
        assert (await box.get("/healthz")).status == 200


async def test_a_claimed_box_wants_a_login_of_everybody(tmp_path: Path) -> None:
    """Of whoever sits at it as well."""
    async with web_box(tmp_path, accounts=known()) as box:
        assert (await box.get(ACCESS)).json["login"] == "password"
        assert (await box.get("/api/v1/events")).status == 401


async def test_a_cookie_lets_its_user_in(tmp_path: Path) -> None:
    """With the permissions of the role, and no more."""
    async with web_box(tmp_path, accounts=known()) as box:
        access = (await box.get(ACCESS, **COOKIE)).json
        assert (access["name"], access["role"], access["kind"]) == ("Ann", "operator", "user")
        assert (await box.get("/api/v1/events", **COOKIE)).status == 200
        assert (await box.get("/api/v1/targets", **COOKIE)).status == 403


async def test_a_cookie_that_has_ended_is_nobody(tmp_path: Path) -> None:
    """The page can load and ask for the password."""
    async with web_box(tmp_path, accounts=known()) as box:
        assert (await box.get(ACCESS, Cookie="nightjar=gone")).json["kind"] == "nobody"
        assert (await box.get("/api/v1/events", Cookie="nightjar=gone")).status == 401


async def test_the_name_of_the_secure_cookie_counts_over_tls_alone(tmp_path: Path) -> None:
    """Over plain HTTP another program of the machine could have set it."""
    async with web_box(tmp_path, accounts=known()) as box:
        assert (await box.get(ACCESS, Cookie="__Host-nightjar=ann")).json["kind"] == "nobody"


async def test_a_change_by_cookie_alone_is_refused(tmp_path: Path) -> None:
    """Browsers say where a change comes from; without it somebody else may have sent the cookie."""
    async with web_box(tmp_path, accounts=known()) as box:
        assert (await box.ask(*ARM, headers=COOKIE)).status == 403
        assert (await box.ask(*ARM, headers={**COOKIE, "Origin": box.url})).status == 200
        assert (await box.ask(*ARM, headers={**COOKIE, "Sec-Fetch-Site": "same-origin"})).status == 200
        foreign = {**COOKIE, "Origin": "http://evil.example"}
        assert (await box.ask(*ARM, headers=foreign)).status == 403


async def test_a_token_needs_no_origin(tmp_path: Path) -> None:
    """No browser adds it by itself."""
    accounts = known(good=token(Role.ADMIN, Scope.OPERATE))
    async with web_box(tmp_path, accounts=accounts) as box:
        assert (await box.ask(*ARM, headers={"Authorization": "Bearer good"})).status == 200


@pytest.mark.parametrize("shown", ["Bearer bad", "Basic good", "good", "Bearer ", ""])
async def test_a_bad_token_is_refused_whatever_else_is_shown(tmp_path: Path, shown: str) -> None:
    """A program with a mistyped token learns of it, even in a browser that has logged in."""
    accounts = known(good=token(Role.ADMIN, Scope.READ))
    async with web_box(tmp_path, accounts=accounts) as box:
        headers = {**COOKIE, "Authorization": shown}
        assert (await box.ask("GET", "/api/v1/events", headers=headers)).status == 401
        assert (await box.ask("GET", ACCESS, headers=headers)).status == 401


async def test_a_token_never_may_what_its_owner_may_not(tmp_path: Path) -> None:
    """An admin's token in the hands of somebody who is no admin any more is a viewer's."""
    accounts = known(mine=token(Role.VIEWER, Scope.ADMIN, FRONT), less=token(Role.ADMIN, Scope.METRICS))
    async with web_box(tmp_path, accounts=accounts) as box:
        viewer = (await box.get(ACCESS, Authorization="Bearer mine")).json
        assert (viewer["kind"], viewer["cameras"]) == ("token", ["front"])
        assert "account.own" not in viewer["permissions"]
        assert (await box.get("/metrics", Authorization="Bearer less")).status == 200
        assert (await box.get("/api/v1/events", Authorization="Bearer less")).status == 403
