"""The screen of the system: what is wrong and what helps, how the box is doing, and how it was."""

import re
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Locator, Page, Route, expect

from appliance.runtime.clock import SystemClock
from appliance.store.engine import DATABASE
from tests.support.axe import grave_findings
from tests.support.browser import DESK, PHONE, page_of
from tests.support.server import Server, nightjar, nightjar_command

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(120)]

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
SOON_MS = 20_000
"""The first sample is taken ten seconds after the start."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def box(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Server]:
    """Run a service with a drawn street and a camera that does not answer."""
    async with nightjar(tmp_path_factory.mktemp("system") / "data", CONFIG) as server:
        yield server


def panel(page: Page, title: str) -> Locator:
    """Return a panel by its heading."""
    return page.locator(f"section.panel:has(h2:text-is('{title}'))")


async def test_a_camera_that_is_not_reached_is_told_with_what_to_do(browser: Browser, box: Server) -> None:
    """Its reason, what that means, the next step, and the way to it."""
    async with page_of(browser) as (page, troubles):
        await page.goto(f"{box.url}/system")
        concern = page.locator(".sys-concerns > li", has_text="Barn is not reached")
        await expect(concern).to_be_visible(timeout=SOON_MS)
        await expect(concern).to_contain_text("What it means")
        await expect(concern).to_contain_text("power and network")
        await expect(concern.get_by_role("link")).to_have_attribute("href", "/cameras/barn")
        await expect(page.get_by_role("link", name="1 camera down")).to_be_visible()
        assert troubles.said == []


async def test_the_last_backup_is_told_and_whether_it_could_be_restored(
    browser: Browser, box: Server, tmp_path: Path
) -> None:
    """None is a word with the command that makes one; then when it was made, and what its rehearsal found."""
    file = str(tmp_path / "b.tar")
    async with page_of(browser) as (page, troubles):
        await page.goto(f"{box.url}/system")
        backup = panel(page, "Backup")
        await expect(backup).to_contain_text("None yet", timeout=SOON_MS)
        await expect(backup).to_contain_text("nightjar backup FILE")
        for arguments, words in (
            (("backup", file), "Not tried"),
            (("restore", file, "--verify"), "Can be restored"),
        ):
            status, output = await nightjar_command(*arguments, "--data", str(box.data))
            assert status == 0, output
            await expect(backup).to_contain_text(words, timeout=SOON_MS)
        await expect(backup).to_contain_text(file)
        assert troubles.said == []
        for size in ({"width": 1280, "height": 900}, {"width": 360, "height": 800}):
            await page.set_viewport_size({"width": size["width"], "height": size["height"]})
            assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def trouble(data: Path) -> None:
    """Let the street have had five broken connections and twenty minutes without room on the disk."""
    minute_us, now_us = 60_000_000, SystemClock().wall_us()
    with closing(sqlite3.connect(data / DATABASE, timeout=20)) as connection, connection:
        connection.execute(
            "INSERT INTO camera_samples VALUES ('street', ?, 7200, 7200, 10, 100000, 5, 0)",
            (now_us - 60 * minute_us,),
        )
        connection.execute(
            "INSERT INTO gaps (camera_id, start_us, end_us, cause) VALUES ('street', ?, ?, 'disk_full')",
            (now_us - 50 * minute_us, now_us - 30 * minute_us),
        )


async def test_each_camera_says_how_it_was_and_leads_to_what_mends_it(browser: Browser, box: Server) -> None:
    """The worst first, with what each red figure means; what it is not known of says so."""
    trouble(box.data)
    async with page_of(browser) as (page, troubles):
        await page.goto(f"{box.url}/system")
        cameras = page.get_by_role("table").first.locator("tbody")
        await expect(cameras).to_have_count(2, timeout=SOON_MS)
        barn, street = cameras.nth(0), cameras.nth(1)
        await expect(barn).to_contain_text(re.compile("Offline since .* Nothing of it is recorded"))
        await expect(barn.locator("td[data-name='Keyframe every']")).to_have_text("not known")
        await expect(street.locator("td[data-name='Connection broke']")).to_have_text(re.compile("^5.times$"))
        await expect(street).to_contain_text("The connection broke 5 times. The usual reasons are weak Wi-Fi")
        await expect(street.locator("td[data-name='Recorded']")).to_have_attribute("data-tone", "bad")
        await expect(page.locator(".sys-concerns")).to_contain_text("1 camera had trouble")
        await street.get_by_role("link", name="See the disks").click()
        await expect(page.locator("#sys-disks")).to_be_in_viewport()
        await expect(page).to_have_url(f"{box.url}/system#sys-disks")
        await street.get_by_role("link", name="See the longest gap: 20 min").click()
        await expect(page).to_have_url(re.compile("/footage\\?camera=street&at="))
        assert troubles.said == []


async def test_what_the_box_is_doing_is_there_and_stays_right_by_itself(
    browser: Browser, box: Server
) -> None:
    """The figures are those of the API; the answers come again without a reload."""
    async with page_of(browser) as (page, _):
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        await page.goto(f"{box.url}/system")
        await expect(panel(page, "Machine")).to_contain_text("Detection worker")
        whose = panel(page, "Footage by camera")
        await expect(whose).to_contain_text("Street", timeout=2 * SOON_MS)
        await expect(panel(page, "Database")).to_contain_text("Storing takes")
        queues = page.get_by_role("region", name="Queues and drops").get_by_role("table")
        await expect(queues).to_contain_text("Frames that wait for the detector")
        async with page.expect_request("**/api/v1/system/host", timeout=SOON_MS):
            pass
        assert [url for url in asked if url.endswith("/system/queues")]


async def test_the_history_is_drawn_and_can_be_read_as_a_table(browser: Browser, box: Server) -> None:
    """Time and view are in the address; a chart says in words what it shows."""
    async with page_of(browser) as (page, troubles):
        await page.goto(f"{box.url}/system?range=24h")
        chart = page.get_by_role("img", name=re.compile("^CPU: last"))
        await expect(chart.locator("canvas")).to_be_visible(timeout=4 * SOON_MS)
        await page.get_by_role("radio", name="31 d").check()
        await expect(page).to_have_url(f"{box.url}/system?range=31d")
        await page.get_by_role("radio", name="Table").check()
        await expect(page).to_have_url(f"{box.url}/system?range=31d&view=table")
        table = page.get_by_role("region", name="History as a table")
        await expect(table.get_by_role("columnheader", name="CPU")).to_be_visible()
        await expect(table).to_contain_text("%")
        assert troubles.said == []


MODEL: dict[str, object] = {
    "name": "yolox_nano",
    "source": "https://makers.example/releases/yolox_nano.onnx",
    "licence": "Apache-2.0",
    "size_bytes": 3_659_407,
    "is_here": False,
    "is_at_work": False,
    "can_be_pulled": True,
    "progress": None,
    "problem": "",
    "back_end": "",
    "back_ends": [],
    "engine": "",
    "can_be_exported": False,
    "export_ratio": None,
    "export_note": "",
    "export_problem": "",
}


async def test_a_model_is_fetched_when_somebody_wants_it(browser: Browser, box: Server) -> None:
    """Its bar fills up by itself, and a failure says why; nobody else's request leaves the page."""

    def models(**changed: object) -> dict[str, object]:
        return {"items": [MODEL | changed], "wanted": "auto", "may_fetch": True}

    failed = models(problem="makers.example cannot be reached")
    answers = iter([models(), models(progress=0.5), models(progress=0.5)])
    pulled: list[str] = []

    async def listed(route: Route) -> None:
        await route.fulfill(json=next(answers, failed))

    async def pull(route: Route) -> None:
        pulled.append(route.request.method)
        await route.fulfill(status=202, json=models(progress=0.0))

    async with page_of(browser) as (page, _):
        await page.route("**/api/v1/system/models", listed)
        await page.route("**/api/v1/system/models/yolox_nano/pull", pull)
        await page.goto(f"{box.url}/system")
        shelf = page.get_by_role("region", name="Models")
        await expect(shelf).to_contain_text("3.7 MB · Apache-2.0 · from makers.example")
        assert pulled == []
        await shelf.get_by_role("button", name="Fetch it").click()
        await expect(shelf.get_by_role("progressbar")).to_have_attribute("aria-valuenow", "50")
        await expect(shelf.get_by_role("button")).to_have_count(0)
        await expect(shelf.get_by_role("alert")).to_contain_text("makers.example cannot be reached")
        assert pulled == ["POST"]


async def test_a_box_that_may_fetch_nothing_says_so(browser: Browser, box: Server) -> None:
    """With the setting that forbids it, and with no button for it; the API refuses with a code of its own."""
    async with page_of(browser) as (page, _):
        await page.goto(f"{box.url}/system")
        shelf = page.get_by_role("region", name="Models")
        await expect(shelf).to_contain_text("[detector] fetch = false")
        await expect(shelf).to_contain_text("yolox_nano")
        await expect(shelf.get_by_role("button")).to_have_count(0)
    status, problem = await box.ask("POST", "system/models/yolox_nano/pull")
    assert (status, problem["type"]) == (403, "urn:nightjar:problem:fetch-off")


@pytest.mark.parametrize("theme", ["dark", "light"])
async def test_it_fits_a_phone_and_everybody_can_use_it(browser: Browser, box: Server, theme: str) -> None:
    """Nothing is wider than the window; axe finds nothing serious."""
    async with page_of(browser, PHONE, "light" if theme == "light" else "dark") as (page, _):
        await page.goto(f"{box.url}/system")
        await expect(page.locator(".sys-charts canvas").first).to_be_visible(timeout=4 * SOON_MS)
        wide = await page.locator(".screen").evaluate("(it) => it.scrollWidth - it.clientWidth")
        assert wide <= 0
        assert await grave_findings(page) == []


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
async def test_a_model_shows_its_speed_is_made_an_engine_of_and_removed(
    browser: Browser, box: Server, size: tuple[int, int]
) -> None:
    """How fast each back end is, a bar while the engine is built, and a question before it is removed."""
    shown = {
        **MODEL,
        "is_here": True,
        "is_at_work": True,
        "back_end": "openvino",
        "back_ends": [
            {"name": "openvino", "picture_ms": 12.2, "problem": "", "is_fastest": True},
            {"name": "onnxruntime", "picture_ms": 15.1, "problem": "", "is_fastest": False},
        ],
        "can_be_exported": True,
    }
    now = [shown]
    asked: list[str] = []

    async def answer(route: Route) -> None:
        asked.append(f"{route.request.method} {route.request.url.rsplit('/', 1)[-1]}")
        match route.request.method:
            case "POST":
                now[:] = [{**shown, "export_ratio": 0.25, "export_note": "building the engine"}]
            case "DELETE":
                now.clear()
        await route.fulfill(json={"items": now, "wanted": "auto", "may_fetch": True})

    async with page_of(browser, size) as (page, _):
        await page.route("**/api/v1/system/models**", answer)
        await page.route("**/api/v1/system/models/**", answer)
        await page.goto(f"{box.url}/system")
        shelf = page.get_by_role("region", name="Models")
        await expect(shelf).to_contain_text("OpenVINO 12 ms, ONNX Runtime 15 ms: OpenVINO is used")
        await shelf.get_by_role("button", name="Build engine").click()
        await expect(shelf.get_by_role("progressbar")).to_have_attribute("aria-valuenow", "25")
        await expect(shelf).to_contain_text("Building the engine")
        now[:] = [{**shown, "engine": "fp16, batch 8"}]
        await expect(shelf).to_contain_text("TensorRT engine: fp16, batch 8")
        await shelf.get_by_role("button", name="Remove").click()
        question = page.get_by_role("dialog", name="Remove yolox_nano?")
        await expect(question).to_contain_text("It is at work")
        wide = await page.locator(".screen").evaluate("(it) => it.scrollWidth - it.clientWidth")
        assert wide == 0
        await question.get_by_role("button", name="Remove yolox_nano").click()
        await expect(shelf.get_by_role("listitem")).to_have_count(0)
    assert [one for one in asked if not one.startswith("GET")] == ["POST export", "DELETE yolox_nano"]
