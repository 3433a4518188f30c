"""Rights from the login to the last byte: real users, sessions and tokens, of whom each sees one camera."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientError, ClientWebSocketResponse

from tests.support.accounts import Visitor, add_user, claim
from tests.support.broadcast import closed
from tests.support.two_cameras import MINE, THEIRS, Footage, TwoCameras, footage, two_cameras

TURNED_OUT = 1008
SIZE = 64 << 20
LISTS = ("cameras", "events", "batches", "alerts", "candidates")


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Footage:
    """A file of footage of each camera, made once."""
    return footage(tmp_path_factory.mktemp("footage"))


@pytest.fixture
async def both(tmp_path: Path, files: Footage) -> AsyncIterator[TwoCameras]:
    """A box of two cameras that nobody has claimed."""
    async with two_cameras(tmp_path, files, is_real=True) as running:
        yield running


async def user_id(admin: Visitor, name: str) -> str:
    """Return a user's id."""
    users = (await admin.get("users")).json["items"]
    return next(str(user["id"]) for user in users if user["name"] == name)


async def token(visitor: Visitor, scope: str, cameras: list[str] | None = None) -> dict[str, str]:
    """Make an API token, and return what a program shows."""
    form = {"name": "program", "scope": scope, "cameras": cameras, "expires_at": None}
    answer = await visitor.ask("POST", "tokens", form)
    assert answer.status == 201, answer.body
    return {"Authorization": f"Bearer {answer.json['secret']}"}


async def seen(both: TwoCameras, headers: Any) -> set[str]:
    """Return the cameras of which anything is in any list."""
    found = set()
    for name in LISTS:
        answer = await both.box.ask("GET", f"/api/v1/{name}", headers=headers)
        assert answer.status == 200, (name, answer.body)
        found |= {item.get("camera_id", item["id"]) for item in answer.json["items"]}
    return found


@asynccontextmanager
async def listening(
    both: TwoCameras, headers: Any, after: str = ""
) -> AsyncIterator[ClientWebSocketResponse]:
    """Connect to the messages."""
    url = f"{both.box.url}/api/v1/ws?channels=events{after}"
    async with both.box.http.ws_connect(url, headers=headers, max_msg_size=0) as socket:
        assert "hello" in await socket.receive_str(timeout=10)
        yield socket


async def test_users_and_their_tokens_see_the_cameras_that_were_chosen(both: TwoCameras) -> None:
    """A token sees what its owner sees at most, and less where that was wished."""
    ann = await claim(both.box)
    bob = await add_user(ann, "Bob", "viewer", [MINE])
    eve = await add_user(ann, "Eve", "operator", [THEIRS])
    assert await seen(both, ann.headers) == {MINE, THEIRS}
    assert await seen(both, bob.headers) == await seen(both, await token(bob, "read")) == {MINE}
    assert await seen(both, eve.headers) == await seen(both, await token(eve, "operate")) == {THEIRS}
    assert await seen(both, await token(ann, "operate", [MINE])) == {MINE}
    assert await seen(both, await token(bob, "read", [MINE, THEIRS])) == {MINE}


async def test_other_cameras_count_at_once_where_somebody_listens(both: TwoCameras) -> None:
    """Browser and program are turned out, and hear of the new cameras alone when they connect anew."""
    ann = await claim(both.box)
    bob = await add_user(ann, "Bob", "viewer", [MINE])
    program = await token(bob, "read")
    async with listening(both, bob.headers) as browser, listening(both, program) as other:
        changed = await ann.ask("PATCH", f"users/{await user_id(ann, 'Bob')}", {"cameras": [THEIRS]})
        assert changed.status == 200
        assert await closed(browser) == await closed(other) == TURNED_OUT
    for who in (bob.headers, program):
        async with listening(both, who, "&after=0") as anew:
            heard = ""
            while f"{THEIRS}-event" not in heard:
                heard += await anew.receive_str(timeout=10)
            assert MINE not in heard


async def test_who_logs_out_is_turned_out_of_what_is_open(both: TwoCameras) -> None:
    """Of this session; another one of the same user goes on."""
    ann = await claim(both.box)
    bob = await add_user(ann, "Bob", "viewer", [MINE])
    async with listening(both, ann.headers) as hers, listening(both, bob.headers) as his:
        assert (await bob.ask("POST", "logout")).status == 204
        assert await closed(his) == TURNED_OUT
        await hers.send_str('{"type":"ping"}')
        while "pong" not in await hers.receive_str(timeout=10):
            pass
    assert (await bob.get("events")).status == 401


async def test_a_user_who_is_switched_off_gets_no_further_byte(both: TwoCameras) -> None:
    """Neither of a download that is running nor of anything that is asked for."""
    ann = await claim(both.box)
    bob = await add_user(ann, "Bob", "operator", [MINE])
    place = both.box.spine.store.path.parent / "exports" / f"{MINE}-export.mp4"
    with place.open("wb") as file:
        file.truncate(SIZE)
    await both.box.spine.committer.commit(lambda c: c.exec_driver_sql(f"UPDATE exports SET size = {SIZE}"))
    url = f"{both.box.url}/api/v1/exports/{MINE}-export/file"
    async with both.box.http.get(url, headers=bob.headers) as answer:
        assert len(await answer.content.read(1000)) == 1000
        assert (
            await ann.ask("PATCH", f"users/{await user_id(ann, 'Bob')}", {"enabled": False})
        ).status == 200
        with pytest.raises(ClientError):
            await answer.content.read()
    assert (await bob.get("events")).status == 401


async def test_a_claim_turns_out_whoever_came_before_it(both: TwoCameras) -> None:
    """Until then whoever reaches the box may all; afterwards it takes a login."""
    async with listening(both, {}) as before:
        await claim(both.box)
        assert await closed(before) == TURNED_OUT
    assert (await both.box.get("/api/v1/events")).status == 401


async def test_two_cameras_of_one_box_stay_apart_while_both_are_busy(both: TwoCameras) -> None:
    """Asked side by side, nobody gets an answer of the other's."""
    ann = await claim(both.box)
    bob, eve = await add_user(ann, "Bob", "viewer", [MINE]), await add_user(ann, "Eve", "viewer", [THEIRS])
    found = await asyncio.gather(*(seen(both, one.headers) for one in (bob, eve) * 5))
    assert found == [{MINE}, {THEIRS}] * 5
