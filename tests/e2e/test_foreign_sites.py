"""What a website in a real browser can do to the box that the same browser reaches, and the page over TLS."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio
from aiohttp import web
from playwright.async_api import Browser, Page, expect

from tests.support.browser import Troubles, chromium
from tests.support.server import Server, nightjar

pytestmark = pytest.mark.asyncio(loop_scope="module")

EVIL = "evil.example"
CONFIG = """
[detector]
model = "builtin"
fetch = false
"""
ATTACK = """async ({box, evil}) => {
  const outcome = {};
  outcome.socket = await new Promise((done) => {
    const socket = new WebSocket(box.replace("http", "ws") + "/api/v1/ws");
    socket.onopen = () => done("open");
    socket.onerror = () => done("refused");
  });
  const camera = JSON.stringify({name: "Evil", address: "rtsp://192.0.2.1/"});
  const simple = {method: "POST", mode: "no-cors", credentials: "include", body: camera};
  outcome.simple = await fetch(box + "/api/v1/cameras", simple).then((a) => a.type, () => "failed");
  const asked = {...simple, mode: "cors", headers: {"Content-Type": "application/json"}};
  outcome.json = await fetch(box + "/api/v1/cameras", asked).then((a) => a.type, () => "failed");
  outcome.read = await fetch(box + "/api/v1/cameras").then((a) => a.text(), () => "failed");
  outcome.picture = await new Promise((done) => {
    const image = new Image();
    image.onload = () => done("shown");
    image.onerror = () => done("refused");
    image.src = box + "/api/v1/cameras/demo/frame.jpg";
  });
  outcome.frame = await new Promise((done) => {
    const frame = document.createElement("iframe");
    frame.onload = () => {
      try { done(frame.contentDocument ? "ours" : "foreign"); } catch { done("foreign"); }
    };
    frame.src = box + "/";
    document.body.append(frame);
  });
  return outcome;
}"""


@dataclass(frozen=True)
class Sites:
    """The box, and a website of a stranger's.

    Attributes:
        port: of the website; its host is ``evil.example`` to this browser, and this machine's to no other.
    """

    box: Server
    browser: Browser
    port: int


async def nothing(_request: web.Request) -> web.Response:
    """Answer with an empty page."""
    return web.Response(text="<!doctype html><title>evil</title>", content_type="text/html")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def sites(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Sites]:
    """Run a box with a demo camera, the website, and a browser for which its name leads here."""
    app = web.Application()
    app.router.add_get("/", nothing)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    folder: Path = tmp_path_factory.mktemp("sites")
    async with (
        nightjar(folder / "data", CONFIG, ["--demo"]) as box,
        chromium(f"--host-resolver-rules=MAP {EVIL} 127.0.0.1") as browser,
    ):
        await box.until("cameras", 30)
        yield Sites(box, browser, runner.addresses[0][1])
    await runner.cleanup()


async def names(box: Server) -> list[str]:
    """Return the names of the cameras that there are."""
    return [camera["name"] for camera in (await box.get("cameras"))["items"]]


async def test_a_website_can_neither_read_nor_change_nor_show_anything(sites: Sites) -> None:
    """No WebSocket, no request of any form, no picture, no frame; the box has what it had."""
    page: Page = await sites.browser.new_page()
    await page.goto(f"http://{EVIL}:{sites.port}/")
    before = await names(sites.box)
    outcome = await page.evaluate(ATTACK, {"box": sites.box.url, "evil": EVIL})
    assert outcome["socket"] == "refused"
    assert outcome["json"] == outcome["read"] == "failed"
    assert outcome["picture"] == "refused"
    assert outcome["frame"] == "foreign"
    assert await names(sites.box) == before
    await page.close()


async def test_a_form_of_a_website_changes_nothing(sites: Sites) -> None:
    """What a form sends is no JSON, and comes from another site."""
    page: Page = await sites.browser.new_page()
    await page.goto(f"http://{EVIL}:{sites.port}/")
    await page.evaluate(
        """(box) => {
          const form = document.createElement("form");
          form.method = "post";
          form.enctype = "text/plain";
          form.action = box + "/api/v1/cameras";
          const field = document.createElement("input");
          field.name = '{"name": "Evil", "address": "rtsp://192.0.2.1/", "x": "';
          field.value = '"}';
          form.append(field);
          document.body.append(form);
          form.submit();
        }""",
        sites.box.url,
    )
    await page.wait_for_url(f"{sites.box.url}/api/v1/cameras")
    await expect(page.locator("body")).to_contain_text("another website may not use this one")
    assert "Evil" not in await names(sites.box)
    await page.close()


async def test_a_name_that_was_bound_to_the_box_does_not_open_it(sites: Sites) -> None:
    """DNS rebinding: to the browser it is the website's own origin, so nothing but the Host tells."""
    port = sites.box.url.rpartition(":")[2]
    page: Page = await sites.browser.new_page()
    answer = await page.goto(f"http://{EVIL}:{port}/")
    assert answer is not None
    assert answer.status == 421
    outcome = await page.evaluate(
        """async () => {
          const answer = await fetch("/api/v1/cameras");
          const socket = await new Promise((done) => {
            const socket = new WebSocket(location.origin.replace("http", "ws") + "/api/v1/ws");
            socket.onopen = () => done("open");
            socket.onerror = () => done("refused");
          });
          return [answer.status, socket];
        }"""
    )
    assert outcome == [421, "refused"]
    await page.close()


async def test_a_link_on_a_website_leads_to_the_page(sites: Sites) -> None:
    """That much another site may: the owner has bookmarks and notes."""
    page: Page = await sites.browser.new_page()
    await page.goto(f"http://{EVIL}:{sites.port}/")
    await page.evaluate("(box) => { location.href = box + '/'; }", sites.box.url)
    await page.wait_for_url(f"{sites.box.url}/**")
    await expect(page.get_by_role("main")).to_be_visible()
    await page.close()


async def test_the_page_works_over_tls_and_complains_of_nothing(tmp_path: Path, browser: Browser) -> None:
    """Its messages, its pictures and its live video come over TLS; who asks without is sent there."""
    async with nightjar(tmp_path / "data", f'{CONFIG}[server]\ntls = "on"\n', ["--demo"]) as box:
        context = await browser.new_context(ignore_https_errors=True)
        page = await context.new_page()
        troubles = Troubles()
        troubles.follow(page)
        sockets: list[str] = []
        page.on("websocket", lambda socket: sockets.append(socket.url))
        await page.goto(box.url.replace("https://", "http://"))
        assert page.url.startswith(f"{box.url}/")
        await expect(page.get_by_text("Demo street").first).to_be_visible(timeout=30_000)
        await expect(page.locator("video").first).to_be_visible(timeout=30_000)
        # Now that there are pictures, nothing may be missing.
        troubles.said.clear()
        await page.reload()
        await expect(page.locator("video").first).to_be_visible(timeout=30_000)
        assert sockets
        assert [url for url in sockets if not url.startswith("wss://")] == []
        assert troubles.said == []
        await context.close()
