"""A request whose last byte is held back until who sent it may not any more: it changes nothing."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
import pytest

from appliance.web.settings import WebSettings
from tests.support.accounts import PASSWORD, Visitor, add_user, claim
from tests.support.web import WebBox, web_box

JSON = "application/json"
EVE = {"name": "Eve", "password": PASSWORD, "role": "admin", "cameras": None}


class Held:
    """A request of which all has been sent but the last byte."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, last: bytes) -> None:
        self._reader = reader
        self._writer = writer
        self._last = last

    async def status(self) -> int:
        """Return what is answered, whether or not all has been sent."""
        async with asyncio.timeout(10):
            return int((await self._reader.readline()).split()[1])

    async def end(self) -> int:
        """Send the last byte, and return the status of the answer."""
        self._writer.write(self._last)
        return await self.status()


@asynccontextmanager
async def held(
    box: WebBox, method: str, path: str, body: object, headers: Mapping[str, str] | None = None
) -> AsyncIterator[Held]:
    """Begin a request, and return once its handler waits for the last byte."""
    raw = msgspec.json.encode(body)
    lines = [f"{method} /api/v1/{path} HTTP/1.1", f"Host: 127.0.0.1:{box.server.port}"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    lines += [f"Content-Type: {JSON}", f"Content-Length: {len(raw)}", "", ""]
    reader, writer = await asyncio.open_connection("127.0.0.1", box.server.port)
    writer.write("\r\n".join(lines).encode() + raw[:-1])
    await writer.drain()
    await passed(box, headers or {})
    yield Held(reader, writer, raw[-1:])
    writer.close()


async def passed(box: WebBox, headers: Mapping[str, str]) -> None:
    """Return when what was sent before has passed the door: others that came later are answered."""
    for _ in range(5):
        assert (await box.ask("GET", "/api/v1/access", headers=headers)).status == 200


async def user_ids(admin: Visitor) -> dict[str, str]:
    """Return the ids of the users by their names."""
    return {user["name"]: user["id"] for user in (await admin.get("users")).json["items"]}


GONE = [({"role": "viewer"}, 403), ({"enabled": False}, 401), (None, 401)]


@pytest.mark.parametrize(("change", "status"), GONE)
@pytest.mark.parametrize("what", ["promote", "add", "rule"])
async def test_who_is_turned_out_meanwhile_changes_nothing(
    box: WebBox, change: dict[str, object] | None, status: int, what: str
) -> None:
    """Demoted, switched off or deleted: neither that one's own role comes back, nor anything else is made."""
    ann = await claim(box)
    bob = await add_user(ann, "Bob", "admin")
    one = f"users/{(await user_ids(ann))['Bob']}"
    asked = {
        "promote": ("PATCH", one, {"role": "admin", "enabled": True}),
        "add": ("POST", "users", EVE),
        "rule": ("POST", "rules", {"name": "Mine"}),
    }[what]
    async with held(box, *asked, headers=bob.headers) as request:
        assert (await ann.ask("DELETE" if change is None else "PATCH", one, change)).status in {200, 204}
        assert await request.end() == status
    users = (await ann.get("users")).json["items"]
    left = [] if change is None else [("Bob", change.get("role", "admin"), change.get("enabled", True))]
    assert [(u["name"], u["role"], u["enabled"]) for u in users] == [("Ann", "admin", True), *left]
    assert (await ann.get("rules")).json["items"] == []


async def test_a_token_that_is_deleted_meanwhile_changes_nothing(box: WebBox) -> None:
    """As a session."""
    ann = await claim(box)
    form = {"name": "backup", "scope": "admin", "cameras": None, "expires_at": None}
    token = (await ann.ask("POST", "tokens", form)).json
    bearer = {"Authorization": f"Bearer {token['secret']}"}
    async with held(box, "POST", "users", EVE, bearer) as request:
        assert (await ann.ask("DELETE", f"tokens/{token['id']}")).status == 204
        assert await request.end() == 401
    assert list(await user_ids(ann)) == ["Ann"]


async def test_who_may_as_before_does_it_however_late(box: WebBox) -> None:
    """What others lose is nothing to it."""
    ann = await claim(box)
    await add_user(ann, "Bob", "admin")
    async with held(box, "POST", "users", EVE, ann.headers) as request:
        await ann.ask("DELETE", f"users/{(await user_ids(ann))['Bob']}")
        assert await request.end() == 201
    assert list(await user_ids(ann)) == ["Ann", "Eve"]


async def test_who_sat_at_the_box_before_it_was_claimed_adds_nobody_after(box: WebBox) -> None:
    """Nor claims it a second time."""
    claiming = {"name": "Eve", "password": PASSWORD}
    async with held(box, "POST", "users", EVE) as adding, held(box, "POST", "claim", claiming) as again:
        ann = await claim(box)
        assert await adding.end() == 401
        assert await again.end() == 404
    assert list(await user_ids(ann)) == ["Ann"]


async def test_what_takes_no_body_is_asked_again_as_well(box: WebBox) -> None:
    """An empty object may come, and late."""
    ann = await claim(box)
    bob = await add_user(ann, "Bob", "admin")
    path = "setting_changes/nothing/undo"
    async with (
        held(box, "POST", path, {}, bob.headers) as late,
        held(box, "POST", path, {}, ann.headers) as other,
    ):
        await ann.ask("PATCH", f"users/{(await user_ids(ann))['Bob']}", {"role": "viewer"})
        assert await late.end() == 403
        assert await other.end() == 404


@pytest.mark.parametrize("path", ["logout", "setting_changes/nothing/undo", "targets/nothing/test"])
async def test_what_takes_no_body_is_not_waited_for(tmp_path: Path, path: str) -> None:
    """Who promises one and keeps a byte of it holds the connection no longer than with another body."""
    async with (
        web_box(tmp_path, WebSettings(body_s=0.1, shutdown_s=0.05)) as box,
        held(box, "POST", path, {}) as request,
    ):
        assert await request.status() == 408


async def test_who_logs_out_twice_at_the_same_time_is_out(box: WebBox) -> None:
    """There is no right to log out that could have gone."""
    ann = await claim(box)
    async with held(box, "POST", "logout", {}, ann.headers) as request:
        assert (await ann.ask("POST", "logout")).status == 204
        assert await request.end() == 204


@pytest.mark.parametrize("path", ["login", "claim"])
async def test_without_a_login_little_is_taken_in(tmp_path: Path, path: str) -> None:
    """The longest name, password and token fit, however they are written; with more it ends at once."""
    async with web_box(tmp_path, is_local=False) as box:
        whole = {"name": "\\u00e9" * 64, "password": "\\ud83d\\ude00" * 256, "token": "x" * 100}
        if path == "login":
            del whole["token"]
        raw = ("{" + ",".join(f'"{name}":"{text}"' for name, text in whole.items()) + "}").encode()
        fits = await box.ask("POST", f"/api/v1/{path}", raw=raw, headers={"Content-Type": JSON})
        assert (len(raw) > 3000, fits.status) == (True, 401 if path == "login" else 403)
        more = {**EVE, "password": "x" * 8192}
        async with held(box, "POST", path, more) as request:
            assert await request.status() == 413


async def test_where_no_body_is_taken_two_bytes_are_the_most(box: WebBox) -> None:
    """The rest is not waited for."""
    async with held(box, "POST", "logout", {"much": "x" * 100_000}) as request:
        assert await request.status() == 415
