"""Every screen as it is met: on a desk and a phone, dark and light, with what a box has to show.

With ``SCREENSHOTS=folder`` the pictures of all of them are left there, as ``make pictures`` does.
"""

import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Literal

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from tests.support.axe import grave_findings
from tests.support.browser import DESK, PHONE, page_of
from tests.support.cut_network import network
from tests.support.locked import CHIEF, OPEN, add_user, claimed, client, log_in
from tests.support.server import Server, nightjar

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(300)]

CONFIG = """
[detector]
model = "builtin"
fetch = false

[[cameras]]
id = "street"
name = "Street"
url = "demo:"

[[cameras]]
id = "barn"
name = "Barn"
url = "rtsp://127.0.0.1:9/stream"
"""
GATE = {
    "id": "gate",
    "name": "Gate",
    "address": "demo:",
    "scene": {
        "zones": [
            {
                "id": "drive",
                "name": "Drive",
                "points": [[0.08, 0.68], [0.48, 0.66], [0.52, 0.97], [0.06, 0.95]],
                "sides_m": [6, 4, 6.5, 4],
            },
            {
                "id": "pavement",
                "name": "Pavement",
                "points": [[0.66, 0.84], [0.98, 0.84], [0.98, 0.98], [0.7, 0.98]],
                "labels": ["person"],
            },
        ],
        "lines": [{"id": "fence", "name": "Fence", "a": [0.57, 0.6], "b": [0.63, 0.95]}],
        "masks": [
            {
                "id": "sky",
                "name": "Sky",
                "kind": "motion",
                "points": [[0, 0], [1, 0], [1, 0.2], [0.7, 0.28], [0, 0.24]],
            }
        ],
    },
}
FIRST_EVENT_S = 90
SCREENS = {
    "live": "/",
    "events": "/events",
    "story": "/events/{event}",
    "footage": "/footage?camera=street&camera=gate",
    "alerts": "/alerts",
    "rules": "/alerts?tab=rules",
    "send": "/alerts?tab=send",
    "cameras": "/cameras",
    "camera": "/cameras/street",
    "zones": "/cameras/gate/zones",
    "new-camera": "/cameras/new",
    "system": "/system",
    "access": "/access",
}
OF_ADMIN = {
    "me": "/access",
    "users": "/access?tab=users",
    "logins": "/access?tab=sessions",
    "tokens": "/access?tab=tokens",
    "audit": "/access?tab=audit",
}
Theme = Literal["dark", "light"]
LOOKS: list[tuple[tuple[int, int], Theme]] = [
    (DESK, "dark"),
    (DESK, "light"),
    (PHONE, "dark"),
    (PHONE, "light"),
]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def box(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Server]:
    """Run a service with two drawn streets, a camera that does not answer, a rule, and an event."""
    folder: Path = tmp_path_factory.mktemp("screens")
    async with nightjar(folder / "data", CONFIG) as server:
        assert (await server.ask("POST", "cameras", GATE))[0] == 201
        rule = {"name": "People", "labels": ["person", "motion"], "cooldown_s": 60}
        assert (await server.ask("POST", "rules", rule))[0] == 201
        await server.until("events", FIRST_EVENT_S, state="ended")
        yield server


@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
async def test_every_screen_can_be_used_by_everybody(
    browser: Browser, box: Server, size: tuple[int, int], theme: Theme
) -> None:
    """It has a title, fits the window, asks no other host; axe finds nothing serious in it."""
    event = (await box.get("events", state="ended", limit="1"))["items"][0]["id"]
    wrong: list[str] = []
    async with network(box.url) as through, page_of(browser, size, theme, through) as (page, troubles):
        for name, path in SCREENS.items():
            await page.goto(box.url + path.format(event=event))
            await expect(page.get_by_role("heading").first).to_be_visible()
            if name == "story":
                # Before it there is a picture of nobody.
                await page.locator(".story-line").first.click()
            if name == "zones":
                # With the handles of one of them.
                await page.get_by_role("button", name="Drive Zone").click()
            await settled(page)
            await keep(page, f"{name}-{'desk' if size == DESK else 'phone'}-{theme}")
            width = await page.evaluate("document.documentElement.scrollWidth")
            wrong += [f"{name}: {width} px wide"] if width > size[0] else []
            closed = await page.locator("dialog:not([open])").filter(visible=True).count()
            wrong += [f"{name}: {closed} dialogs shown that are closed"] if closed else []
            wrong += [f"{name}: {line}" for line in await grave_findings(page)]
        assert through.foreign == []
    assert wrong + troubles.said == []


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def locked(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Server]:
    """Run a box that others reach, so that somebody has to log in."""
    folder: Path = tmp_path_factory.mktemp("locked")
    async with nightjar(folder / "data", OPEN + CONFIG) as server:
        yield server


async def test_whoever_comes_to_a_box_can_use_what_asks_who_they_are(
    browser: Browser, locked: Server
) -> None:
    """The claim, the login, and who may see the box: in both themes, on desk and phone, as all the rest."""
    wrong: list[str] = []
    for size, theme in LOOKS:
        async with page_of(browser, size, theme) as (page, _):
            wrong += await looked_at(page, locked.url, {"claim": "/"}, size, theme)
    async with client(locked) as chief:
        await claimed(chief, locked)
        await add_user(chief, "Granny", "viewer", ["street"])
        await add_user(chief, "Night watch", "operator", None)
        token = {"name": "Home automation", "scope": "read", "cameras": None, "expires_at": None}
        await chief.done("POST", "tokens", token)
    for size, theme in LOOKS:
        async with page_of(browser, size, theme) as (page, troubles):
            wrong += await looked_at(page, locked.url, {"login": "/"}, size, theme)
            await log_in(page, locked.url, CHIEF)
            wrong += await looked_at(page, locked.url, OF_ADMIN, size, theme)
            wrong += troubles.said
    assert wrong == []


async def looked_at(
    page: Page, url: str, paths: dict[str, str], size: tuple[int, int], theme: Theme
) -> list[str]:
    """Open each, keep its picture, and return what is wrong with it."""
    wrong: list[str] = []
    for name, path in paths.items():
        await page.goto(url + path)
        await expect(page.get_by_role("heading").first).to_be_visible()
        await settled(page)
        await keep(page, f"{name}-{'desk' if size == DESK else 'phone'}-{theme}")
        width = await page.evaluate("document.documentElement.scrollWidth")
        wrong += [f"{name}: {width} px wide"] if width > size[0] else []
        wrong += [f"{name}: {line}" for line in await grave_findings(page)]
    return wrong


async def settled(page: Page) -> None:
    """Wait until what was asked for is painted; live video never ends, so it is not waited for."""
    await page.wait_for_timeout(1200)


async def keep(page: Page, name: str) -> None:
    """Leave a picture of the page where pictures are wanted."""
    if folder := os.environ.get("SCREENSHOTS"):
        await page.screenshot(path=Path(folder) / f"{name}.png")
