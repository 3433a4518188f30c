"""What other people's pages try with a box that somebody's browser reaches, in a real browser.

They come from another port of the same machine: its cookies go along, which is the worst case there is.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import pytest_asyncio
from aiohttp import web
from playwright.async_api import Browser, async_playwright

from tests.support.browser import ARGUMENTS, EXECUTABLE, page_of
from tests.support.locked import CHIEF, PASSWORD, add_user, claimed, client, log_in
from tests.support.server import Server, nightjar

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(120)]

CONFIG = '[detector]\nmodel = "builtin"\nfetch = false\n'
CAMERA = '{"name": "planted", "address": "demo:"}'
FOREIGN = "nightjar.attacker.example"

TRIES = """async (box) => {
  const tried = {};
  const send = (name, how) => fetch(box + "/api/v1/cameras", { method: "POST", body: BODY, ...how })
    .then(async (answer) => (tried[name] = answer.type === "opaque" ? "opaque" : await answer.text()))
    .catch(() => (tried[name] = "refused"));
  await send("as a form would", { mode: "no-cors", credentials: "include",
    headers: { "Content-Type": "text/plain" } });
  await send("as JSON", { credentials: "include", headers: { "Content-Type": "application/json" } });
  await fetch(box + "/api/v1/cameras", { credentials: "include" })
    .then(async (answer) => (tried.read = await answer.text())).catch(() => (tried.read = "refused"));
  tried.socket = await new Promise((done) => {
    const socket = new WebSocket(box.replace("http", "ws") + "/api/v1/ws?channels=events");
    socket.onmessage = ({ data }) => done("heard " + data);
    socket.onclose = () => done("refused");
  });
  return tried;
}""".replace("BODY", f"'{CAMERA}'")
"""What a script may try: a request that needs no leave, one that does, one that reads, and a WebSocket."""

FORM = """<form method="post" enctype="text/plain" action="BOX/api/v1/cameras">
<input name='{"name": "planted", "address": "demo:", "x": "' value='"}'></form>"""


@asynccontextmanager
async def attacker(html: str) -> AsyncIterator[str]:
    """Serve a page from another port, and give its address."""

    async def answer(_: web.Request) -> web.Response:
        return web.Response(text=f"<!doctype html><title>Prizes</title>{html}", content_type="text/html")

    app = web.Application()
    app.router.add_get("/", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


@pytest_asyncio.fixture(loop_scope="module")
async def box(tmp_path: Path) -> AsyncIterator[Server]:
    """Run a box that nobody has claimed: whoever reaches it may everything."""
    async with nightjar(tmp_path / "data", CONFIG) as server:
        yield server


@pytest.mark.parametrize("is_claimed", [False, True], ids=["nobody has claimed it", "an admin is logged in"])
async def test_another_page_does_nothing_and_learns_nothing(
    browser: Browser, box: Server, *, is_claimed: bool
) -> None:
    """Neither a form nor a script nor a WebSocket of another origin, though the cookie goes along."""
    async with client(box) as chief, page_of(browser) as (page, _):
        if is_claimed:
            await claimed(chief)
            await log_in(page, box.url, CHIEF)
        async with attacker(FORM.replace("BOX", box.url)) as address:
            await page.goto(address)
            tried = await page.evaluate(TRIES, box.url)
            assert tried == {
                "as a form would": "refused",
                "as JSON": "refused",
                "read": "refused",
                "socket": "refused",
            }
            async with page.expect_navigation(url=f"{box.url}/**") as sent:
                await page.evaluate("document.forms[0].submit()")
            answer = await sent.value
            assert answer is not None
            assert answer.status == 403
        assert (await chief.done("GET", "cameras"))["items"] == []
        # From its own origin the same is done: the tries have failed for whence they came.
        await page.goto(box.url)
        tried = await page.evaluate(TRIES, box.url)
        assert "planted" in tried["as JSON"]
        assert tried["socket"].startswith("heard")


async def test_no_other_page_can_frame_it(browser: Browser, box: Server) -> None:
    """So nobody is led to press what they do not see."""
    async with (
        page_of(browser) as (page, troubles),
        attacker(f'<iframe src="{box.url}/"></iframe>') as address,
    ):
        await page.goto(address)
        await page.wait_for_timeout(1000)
        frame = page.frames[1]
        assert frame.url.startswith("chrome-error:"), frame.url
        assert any("frame" in line.lower() for line in troubles.said), troubles.said


async def test_a_foreign_name_that_leads_to_the_box_is_refused(box: Server) -> None:
    """DNS rebinding: the page of that name would count as of the same origin, so it never gets an answer."""
    port = urlsplit(box.url).port
    arguments = (*ARGUMENTS, f"--host-resolver-rules=MAP {FOREIGN} 127.0.0.1")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=EXECUTABLE, args=arguments)
        try:
            page = await browser.new_page()
            answer = await page.goto(f"http://{FOREIGN}:{port}/")
            assert answer is not None
            assert answer.status == 421
            tried = await page.evaluate(TRIES, f"http://{FOREIGN}:{port}")
            assert "421" in tried["as JSON"]
            assert "421" in tried["read"]
            assert tried["socket"] == "refused"
        finally:
            await browser.close()
    assert (await box.get("cameras"))["items"] == []


async def test_a_cookie_that_was_planted_does_not_become_the_session(browser: Browser, box: Server) -> None:
    """Session fixation: neither one that was made up nor one that the attacker has got by logging in."""
    async with client(box) as chief, client(box) as mallory:
        await claimed(chief)
        await add_user(chief, "mallory", "viewer", [])
        login = {"name": "mallory", "password": PASSWORD}
        await mallory.done("POST", "login", login)
        own = next(one.value for one in mallory.http.cookie_jar if one.key == "nightjar")
        for planted in ("0" * len(own), own):
            async with page_of(browser) as (page, _):
                await page.context.add_cookies([{"name": "nightjar", "value": planted, "url": box.url}])
                if planted == own:
                    await page.goto(f"{box.url}/access")
                    await page.get_by_role("button", name="Log out").wait_for()
                    await page.request.post(
                        f"{box.url}/api/v1/login",
                        data={"name": CHIEF, "password": PASSWORD},
                        headers={"Origin": box.url},
                    )
                else:
                    await log_in(page, box.url, CHIEF)
                kept = {one.get("name"): one.get("value") for one in await page.context.cookies()}
                assert kept["nightjar"] not in {planted, None}
                async with client(box) as holder:
                    status, who = await holder.ask("GET", "access", Cookie=f"nightjar={planted}")
                    assert (status, who["name"] != CHIEF) == (200, True)
