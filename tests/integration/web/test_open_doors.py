"""What is open is closed when its rights change: WebSockets, live video, downloads."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from aiohttp import ClientError, ClientResponse, ClientWebSocketResponse

from appliance.domain.access import ALL_CAMERAS
from appliance.web.doorkeeper import Doorkeeper
from appliance.web.open_doors import OpenDoor
from tests.support.broadcast import closed
from tests.support.two_cameras import (
    ADMIN,
    LIMITED_ADMIN,
    MINE,
    OPERATOR,
    THEIRS,
    VIEWER,
    Somebody,
    TwoCameras,
)
from tests.support.web import web_box

TURNED_OUT = 1008
SIZE = 64 << 20
"""Of a download: more than the kernel holds for a client that reads nothing."""


@asynccontextmanager
async def socket(
    both: TwoCameras, who: Somebody, path: str = "ws?channels=events"
) -> AsyncIterator[ClientWebSocketResponse]:
    """Connect as somebody, and hear that it stands."""
    url = f"{both.box.url}/api/v1/{path}"
    async with both.box.http.ws_connect(url, headers=who.headers, max_msg_size=0) as one:
        await one.receive(timeout=10)
        yield one


async def is_open(one: ClientWebSocketResponse) -> bool:
    """Return whether a client of messages is still served."""
    await one.send_str('{"type":"ping"}')
    while "pong" not in (text := await one.receive_str(timeout=10)):
        assert text
    return True


async def all_closed(both: TwoCameras) -> None:
    """Wait until nothing is noted as open any more."""
    async with asyncio.timeout(10):
        while len(both.box.with_.doors):  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0)


async def test_a_change_of_a_user_closes_what_is_open_of_that_user_alone(both: TwoCameras) -> None:
    """Of all sessions and tokens; the others hear nothing of it."""
    async with (
        socket(both, VIEWER) as hers,
        socket(both, OPERATOR) as his,
        socket(both, ADMIN) as chiefs,
        socket(both, LIMITED_ADMIN) as program,
    ):
        both.box.with_.doors.changed(user_id="chief")
        assert await closed(chiefs) == await closed(program) == TURNED_OUT
        assert await is_open(hers)
        assert await is_open(his)


async def test_a_session_or_a_token_is_closed_alone(both: TwoCameras) -> None:
    """Logging out here does not end what is open elsewhere."""
    async with socket(both, ADMIN) as chiefs, socket(both, LIMITED_ADMIN) as program:
        both.box.with_.doors.changed(token_id="id of admin-token-of-mango")
        assert await closed(program) == TURNED_OUT
        assert await is_open(chiefs)
        both.box.with_.doors.changed(session_id="session of chief")
        assert await closed(chiefs) == TURNED_OUT


async def test_who_connects_anew_has_the_new_rights(both: TwoCameras) -> None:
    """With the cursor of before: what was not theirs then and is now comes, too."""
    caller = VIEWER.caller
    assert caller is not None
    async with socket(both, VIEWER) as before:
        both.accounts.sessions[VIEWER.name] = replace(caller, sight=ALL_CAMERAS)
        both.box.with_.doors.changed(user_id=caller.user_id)
        assert await closed(before) == TURNED_OUT
    async with socket(both, VIEWER, "ws?channels=events&after=0") as after:
        text = ""
        while THEIRS not in text:
            text = await after.receive_str(timeout=10)


async def test_live_video_ends(both: TwoCameras) -> None:
    """In the midst of a picture, if need be."""
    async with socket(both, VIEWER, f"cameras/{MINE}/live") as watching:
        both.box.with_.doors.changed(user_id=VIEWER.name)
        assert await closed(watching) == TURNED_OUT
    await all_closed(both)


@asynccontextmanager
async def download(both: TwoCameras, who: Somebody) -> AsyncIterator[ClientResponse]:
    """Begin to fetch an export that does not fit in any buffer."""
    place = both.box.spine.store.path.parent / "exports" / f"{MINE}-export.mp4"
    with place.open("wb") as file:
        file.truncate(SIZE)
    await both.box.spine.committer.commit(lambda c: c.exec_driver_sql(f"UPDATE exports SET size = {SIZE}"))
    url = f"{both.box.url}/api/v1/exports/{MINE}-export/file"
    async with both.box.http.get(url, headers=who.headers) as answer:
        assert answer.status == 200
        assert len(await answer.content.read(1000)) == 1000
        yield answer


async def test_a_download_is_cut(both: TwoCameras) -> None:
    """What comes until then is less than the whole, and the client can tell."""
    async with download(both, OPERATOR) as answer:
        both.box.with_.doors.changed(user_id=OPERATOR.name)
        with pytest.raises(ClientError):
            await answer.content.read()
    await all_closed(both)


async def test_what_a_session_has_open_ends_with_it(both: TwoCameras) -> None:
    """It ran out, and nobody said so: each look finds out anew who everybody is."""
    who = Doorkeeper(both.box.with_).who
    async with (
        socket(both, VIEWER) as hers,
        socket(both, OPERATOR) as his,
        socket(both, LIMITED_ADMIN) as its,
    ):
        await both.box.with_.doors.look(who)
        assert await is_open(hers)
        del both.accounts.sessions[VIEWER.name]
        del both.accounts.tokens[LIMITED_ADMIN.name]
        await both.box.with_.doors.look(who)
        assert await closed(hers) == await closed(its) == TURNED_OUT
        assert await is_open(his)


async def lose(door: OpenDoor) -> None:
    """Break the connection of what is open, before whoever serves it has been told."""
    assert door.request.transport is not None
    door.request.transport.abort()
    await asyncio.sleep(0)


async def test_a_client_that_is_gone_is_asked_nothing(both: TwoCameras) -> None:
    """Its door is not closed yet when the look comes: of the others it is found out all the same."""
    who, doors = Doorkeeper(both.box.with_).who, both.box.with_.doors
    async with socket(both, VIEWER) as hers, socket(both, VIEWER), socket(both, OPERATOR) as his:
        *_, gone, _ = doors._open
        del both.accounts.sessions[VIEWER.name]
        del both.accounts.sessions[OPERATOR.name]
        await lose(gone)
        assert gone in doors._open
        await doors.look(who)
        assert await closed(hers) == await closed(his) == TURNED_OUT


async def test_where_everybody_has_gone_there_is_nothing_to_find_out(both: TwoCameras) -> None:
    """The look ends as if it had come a moment later."""
    doors = both.box.with_.doors
    async with socket(both, VIEWER):
        (gone,) = doors._open
        await lose(gone)
        assert gone in doors._open
        await doors.look(Doorkeeper(both.box.with_).who)
    await all_closed(both)


async def test_a_claim_closes_what_was_open_without_a_login(tmp_path: Path) -> None:
    """From then on it takes one."""
    async with web_box(tmp_path) as box, box.http.ws_connect(f"{box.url}/api/v1/ws") as one:
        await one.receive(timeout=10)
        box.with_.doors.claimed()
        assert await closed(one) == TURNED_OUT
