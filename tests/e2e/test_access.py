"""Who may see it: a box that is claimed, its users, and what each is shown, in a real browser over TLS."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Error, Page, Response, WebSocket, expect

from tests.support.axe import grave_findings
from tests.support.browser import page_of
from tests.support.certificates import shown_fingerprint
from tests.support.locked import (
    CHIEF,
    OPEN,
    PASSWORD,
    Client,
    add_user,
    claimed,
    client,
    fill_in,
    log_in,
    setup_token,
)
from tests.support.server import Server, nightjar

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(240)]

HOUSE = f"""{OPEN}
[detector]
model = "builtin"
fetch = false

[[cameras]]
id = "mango"
name = "Mango door"
url = "demo:"

[[cameras]]
id = "zebra"
name = "Zebra door"
url = "demo:"
"""
EMPTY = f'{OPEN}\n[detector]\nmodel = "builtin"\nfetch = false\n'
FIRST_EVENT_S = 90
TOLD_MS = 10_000
LOOK_MS = 1500
VISITED = (
    "/",
    "/?camera=mango",
    "/?camera=zebra",
    "/events",
    "/events?camera=zebra",
    "/footage?camera=mango",
    "/footage?camera=mango&camera=zebra",
    "/alerts",
    "/alerts?tab=missed",
    "/alerts?tab=rules",
    "/alerts?tab=send",
    "/cameras",
    "/cameras/mango",
    "/cameras/mango/zones",
    "/cameras/zebra",
    "/cameras/new",
    "/system",
    "/access",
    "/access?tab=users",
    "/access?tab=sessions",
    "/access?tab=tokens",
    "/access?tab=audit",
)
"""Every screen, and addresses that somebody may have been told."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Server]:
    """Run a box with two cameras that others reach."""
    folder: Path = tmp_path_factory.mktemp("house")
    async with nightjar(folder / "data", HOUSE) as server:
        yield server


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def chief(house: Server) -> AsyncIterator[Client]:
    """Have it claimed, with an event and an alert of each camera."""
    async with client(house) as somebody:
        await claimed(somebody, house)
        rule = {"name": "Anybody", "labels": ["person", "motion"], "cooldown_s": 0}
        await somebody.done("POST", "rules", rule)
        async with asyncio.timeout(FIRST_EVENT_S):
            for camera in ("mango", "zebra"):
                while not (await somebody.done("GET", f"alerts?camera={camera}"))["items"]:  # noqa: ASYNC110
                    await asyncio.sleep(0.5)
        yield somebody


class Heard:
    """Everything that the box has said to a page: bodies and messages."""

    def __init__(self, page: Page) -> None:
        self._responses: list[Response] = []
        self._frames: list[str] = []
        page.on("response", self._note)
        page.on("websocket", self._follow)

    def _note(self, response: Response) -> None:
        self._responses.append(response)

    def _follow(self, socket: WebSocket) -> None:
        socket.on("framereceived", lambda frame: self._frames.append(str(frame)))

    async def texts(self) -> list[tuple[str, str]]:
        """Return each text with what it answers; pictures, video and what was cut off are none."""
        found = [("message", frame) for frame in self._frames]
        for response in self._responses:
            kind = response.headers.get("content-type", "")
            if "json" in kind or "mpegurl" in kind or "text" in kind:
                try:
                    found.append((response.url, await response.text()))
                except Error:  # the page has gone on before it was there
                    continue
        return found


async def test_a_box_is_claimed_used_and_left_from_the_page_alone(browser: Browser, tmp_path: Path) -> None:
    """Setup token, first user, another one, a token for a program, logging out, a wrong password, the log."""
    async with nightjar(tmp_path / "data", EMPTY) as box, page_of(browser) as (page, _):
        await page.goto(f"{box.url}/events")
        await expect(page.get_by_role("heading", name="This box is new")).to_be_visible()
        await page.get_by_text("Is this my box?").click()
        print_ = await shown_fingerprint(urlsplit(box.url).port or 0)
        await expect(page.locator(".entry-hash")).to_have_text(print_)
        assert await grave_findings(page) == []

        await page.get_by_label("Setup token").fill("not the one")
        await page.get_by_label("Name").fill(CHIEF)
        await page.get_by_label("Password", exact=True).fill(PASSWORD)
        await page.get_by_label("Password again").fill(PASSWORD)
        await page.get_by_role("button", name="Make this user").click()
        await expect(page.get_by_text("this is not the setup token", exact=False)).to_be_visible()
        await page.get_by_label("Setup token").fill(setup_token(box))
        await page.get_by_role("button", name="Make this user").click()
        await expect(page.get_by_role("heading", name="Events")).to_be_visible()

        await page.goto(f"{box.url}/access?tab=users")
        await page.get_by_role("button", name="Add a user").click()
        dialog = page.get_by_role("dialog")
        await dialog.get_by_label("Name").fill("ben")
        await dialog.get_by_label("Password").fill(PASSWORD)
        await dialog.get_by_role("button", name="Add").click()
        await expect(page.get_by_role("heading", name="ben")).to_be_visible()

        await page.goto(f"{box.url}/access?tab=tokens")
        await page.get_by_role("button", name="Make a token").click()
        await dialog.get_by_label("What it is for").fill("Home automation")
        await dialog.get_by_role("button", name="Make it").click()
        header = await page.locator(".access-secret").inner_text()
        async with client(box) as program:
            shown = dict([header.split(": ")])
            assert (await program.ask("GET", "cameras", **shown))[0] == 200
            await page.keyboard.press("Escape")
            await page.get_by_role("button", name="Delete the token Home automation").click()
            await page.get_by_role("dialog").get_by_role("button", name="Delete").click()
            await expect(page.get_by_role("heading", name="Home automation", exact=True)).to_be_hidden()
            assert (await program.ask("GET", "cameras", **shown))[0] == 401

        await page.goto(f"{box.url}/access")
        await page.get_by_role("button", name="Log out").click()
        await expect(page.get_by_role("heading", name="Log in to Nightjar")).to_be_visible()
        assert await grave_findings(page) == []
        await fill_in(page, "ben", "not the password")
        await expect(page.get_by_role("alert")).to_be_visible()
        await fill_in(page, CHIEF)
        await page.get_by_role("link", name="Access").click()
        await page.get_by_role("radio", name="Audit").check(force=True)
        for said in ("Claimed the box", "Changed users", "Logged out", "Refused"):
            await expect(page.get_by_text(said).first).to_be_visible()
        assert PASSWORD not in await page.content()


async def test_a_viewer_of_one_camera_learns_nothing_of_the_other(
    browser: Browser, house: Server, chief: Client
) -> None:
    """On no screen, in no answer and in no message; and nothing is asked that is refused."""
    await add_user(chief, "vera", "viewer", ["mango"])
    async with page_of(browser) as (page, troubles):
        heard = Heard(page)
        await log_in(page, house.url, "vera")
        # Before the login it was asked who it is, and that is no refusal.
        assert troubles.said == []
        seen = ""
        for path in VISITED:
            await page.goto(house.url + path)
            await page.wait_for_timeout(LOOK_MS)
            # What the address says may be said back: whoever typed it knew it before.
            own = "zebra door" if "zebra" in path else "zebra"
            text = await page.inner_text("body")
            assert own not in text.lower(), path
            seen += text
        assert "Mango door" in seen
        texts = await heard.texts()
        assert len(texts) > len(VISITED)
        assert [text for text in texts if "mango" in text[1].lower()] != []
        told = [where for where, text in texts if "zebra" in text.lower() and "zebra" not in where]
        assert told == []
        # The addresses that name the other camera are answered like those of one that never was.
        assert [line for line in troubles.said if not _is_missing(line)] == []


def _is_missing(line: str) -> bool:
    return "zebra" in line or "status of 404" in line


async def test_a_viewer_finds_no_button_and_no_key_that_would_be_refused(
    browser: Browser, house: Server, chief: Client
) -> None:
    """What one may not do is not there: neither pressed nor typed does anything ask for it."""
    await add_user(chief, "vince", "viewer", None)
    async with page_of(browser) as (page, troubles):
        await log_in(page, house.url, "vince")
        await expect(page.get_by_role("link", name="System")).to_be_hidden()
        await page.goto(f"{house.url}/events")
        row = page.locator("article.event").first
        await expect(row).to_be_visible()
        for name in ("Reviewed", "Write a note", "Protect", "Delete"):
            await expect(row.get_by_role("button", name=name)).to_have_count(0)
        for key in ("j", "r", "n", "p", "Delete", "a"):
            await page.keyboard.press(key)
        await expect(page.locator("dialog[open]")).to_have_count(0)
        await page.goto(f"{house.url}/alerts")
        await expect(page.locator("article.alert-row").first).to_be_visible()
        await expect(page.get_by_role("button", name="Acknowledge")).to_have_count(0)
        await expect(page.get_by_role("radio", name="Rules")).to_have_count(0)
        for key in ("j", "a", "d"):
            await page.keyboard.press(key)
        await page.goto(f"{house.url}/footage?camera=mango")
        await expect(page.get_by_role("button", name="Export")).to_have_count(0)
        await page.goto(f"{house.url}/cameras/mango")
        await expect(page.get_by_role("heading", name="Mango door")).to_be_visible()
        await expect(page.get_by_label("Address")).to_have_count(0)
        await page.wait_for_timeout(LOOK_MS)
        assert troubles.said == []


async def test_other_rights_hold_at_once_on_a_page_that_is_open(
    browser: Browser, house: Server, chief: Client
) -> None:
    """More is shown, and less, without a hand being laid on it; who is locked out is asked to log in."""
    user = await add_user(chief, "otto", "viewer", ["mango"])
    async with page_of(browser) as (page, _):
        await log_in(page, house.url, "otto")
        await page.goto(f"{house.url}/cameras")
        await expect(page.get_by_role("heading", name="Mango door")).to_be_visible()
        await chief.done("PATCH", f"users/{user}", {"role": "operator", "cameras": None})
        await expect(page.get_by_role("heading", name="Zebra door")).to_be_visible(timeout=TOLD_MS)
        await expect(page.get_by_role("link", name="System")).to_be_visible()
        await chief.done("PATCH", f"users/{user}", {"cameras": ["zebra"]})
        await expect(page.get_by_role("heading", name="Mango door")).to_be_hidden(timeout=TOLD_MS)
        await expect(page.get_by_role("heading", name="Zebra door")).to_be_visible()
        await chief.done("PATCH", f"users/{user}", {"enabled": False})
        await expect(page.get_by_role("dialog", name="Log in again")).to_be_visible(timeout=TOLD_MS)


async def test_a_login_that_ends_is_renewed_over_the_page(
    browser: Browser, house: Server, chief: Client
) -> None:
    """The same one goes on where they were; another one gets a page that has seen nothing of before."""
    await add_user(chief, "nora", "viewer", ["mango"])
    await add_user(chief, "zoe", "viewer", ["zebra"])
    async with page_of(browser) as (page, _):
        await log_in(page, house.url, "nora")
        await page.get_by_role("link", name="Cameras").click()
        await page.evaluate("window.was = 1")
        again = page.get_by_role("dialog", name="Log in again")
        await end_logins(chief, "nora")
        await expect(again).to_be_visible(timeout=TOLD_MS)
        await expect(again.get_by_label("Name")).to_have_value("nora")
        assert await grave_findings(page) == []
        await fill_in(page, "nora")
        await expect(again).to_be_hidden()
        assert await page.evaluate("window.was") == 1
        await expect(page.get_by_role("heading", name="Mango door")).to_be_visible()
        await expect(page.locator(".banner")).to_be_hidden(timeout=TOLD_MS)

        await end_logins(chief, "nora")
        await expect(again).to_be_visible(timeout=TOLD_MS)
        await fill_in(page, "zoe")
        await expect(page.get_by_role("heading", name="Zebra door")).to_be_visible()
        assert await page.evaluate("window.was") is None
        assert "Mango" not in await page.inner_text("body")


async def end_logins(chief: Client, name: str) -> None:
    """Have an admin end every login of somebody."""
    for session in (await chief.done("GET", "sessions?all=true"))["items"]:
        if session["name"] == name:
            await chief.done("DELETE", f"sessions/{session['id']}")
