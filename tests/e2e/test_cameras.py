"""Adding and changing cameras on the page, and being alerted, with a mouse and with a keyboard."""

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, Route, WebSocket, WebSocketRoute, expect

from tests.support.browser import DESK, PHONE, page_of
from tests.support.camera_simulator.simulator import Simulator, simulator
from tests.support.clips import walking_square, write_clip
from tests.support.rtsp import own_address
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
"""
ALERT_S = 90_000
PLACE = "Camera's IP address or name"
RTSP_PORT = 554
FIND_S = 30.0
USER = {"user": "root", "password": "p@ss/1"}
KINDS = {
    "dns": "Nobody knows this name",
    "refused": "Nothing listens there",
    "timeout": "No answer",
    "unauthorized": "User name or password is wrong",
    "not_found": "Right camera, wrong path",
    "codec": "A codec that does not work here",
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def box(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Server]:
    """Run a service with a camera of the file."""
    async with nightjar(tmp_path_factory.mktemp("cameras") / "data", CONFIG) as server:
        yield server


@pytest_asyncio.fixture(loop_scope="module")
async def page(browser: Browser, box: Server) -> AsyncIterator[Page]:
    """Open a page on a desk; it must complain of nothing."""
    async with page_of(browser, DESK, "dark") as (opened, troubles):
        yield opened
    assert troubles.said == []


async def added(box: Server, name: str) -> str:
    """Add a drawn street over the API and return its id."""
    status, camera = await box.ask("POST", "cameras", {"name": name, "address": "demo:"})
    assert status == 201
    return str(camera["id"])


async def test_a_camera_is_tried_and_added_with_its_address_alone(page: Page, box: Server) -> None:
    """Two presses of Enter after the address: the first picture, then the camera."""
    await page.goto(f"{box.url}/cameras/new")
    await page.get_by_label(PLACE).fill("demo:")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name="It works")).to_be_visible(timeout=20_000)
    await expect(page.get_by_alt_text("What the camera shows")).to_be_visible()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name="Camera 2")).to_be_visible()
    await expect(page).to_have_url(f"{box.url}/cameras/camera-2")


async def test_pasted_credentials_go_to_their_fields_and_back_into_the_address(
    page: Page, box: Server
) -> None:
    """What is sent is percent-encoded; the address on the screen holds no password."""
    asked: list[str] = []

    async def answer(route: Route) -> None:
        asked.append(json.loads(route.request.post_data or "{}")["address"])
        await route.fulfill(json=trial("unauthorized"))

    await page.route("**/api/v1/cameras/test", answer)
    await page.goto(f"{box.url}/cameras/new")
    await page.get_by_label(PLACE).fill("rtsp://root:p%40ss@192.0.2.7/a")
    await page.get_by_label("User", exact=True).focus()
    await expect(page.get_by_label("Address", exact=True)).to_have_value("rtsp://192.0.2.7/a")
    await expect(page.get_by_label("User", exact=True)).to_have_value("root")
    await page.get_by_label("Password", exact=True).fill("n@w?")
    await page.get_by_role("button", name="Test it").click()
    await expect(page.get_by_role("heading", name=KINDS["unauthorized"])).to_be_visible()
    assert asked == ["rtsp://root:n%40w%3F@192.0.2.7/a"]


def trial(kind: str) -> dict[str, object]:
    """Return what the server answers to a trial that failed."""
    result = {"ok": False, "message": f"{kind}. Do this next.", "kind": kind}
    return {**result, "stream": None, "advice": [], "picture": None}


async def test_each_kind_of_trouble_is_told_apart(page: Page, box: Server) -> None:
    """Each has a headline of its own and the server's next step, and nothing is added."""
    wanted = iter(KINDS)

    async def answer(route: Route) -> None:
        await route.fulfill(json=trial(next(wanted)))

    await page.route("**/api/v1/cameras/test", answer)
    await page.goto(f"{box.url}/cameras/new")
    await page.get_by_label(PLACE).fill("rtsp://192.0.2.7/a")
    for kind, words in KINDS.items():
        await page.get_by_role("button", name="Test it").click()
        await expect(page.get_by_role("heading", name=words)).to_be_visible()
        await expect(page.get_by_text(f"{kind}. Do this next.")).to_be_visible()


@pytest.fixture
def sim() -> Iterator[Simulator]:
    """Run a camera's RTSP server at an address of this machine, at the usual port where that is allowed."""
    if not (host := own_address()):
        pytest.skip("there is no network, and what comes over the API may not name loopback")
    with contextlib.ExitStack() as stack:
        try:
            yield stack.enter_context(simulator(RTSP_PORT, host))
        except OSError:
            yield stack.enter_context(simulator(0, host))


def place_of(sim: Simulator) -> str:
    """Return what a person writes of where it is: the IP address alone, if the port is the usual one."""
    return sim.host if sim.port == RTSP_PORT else f"{sim.host}:{sim.port}"


def clip(tmp_path: Path, width: int) -> Path:
    """Make a clip of that width."""
    pictures = walking_square(40, width, width * 9 // 16 // 2 * 2)
    return write_clip(tmp_path / f"{width}.mp4", pictures, gop=20)


async def write_place(page: Page, box: Server, place: str, password: str) -> None:
    """Write IP address, user and password by keyboard alone, and press Enter."""
    await page.goto(f"{box.url}/cameras/new")
    await expect(page.get_by_label(PLACE)).to_be_focused()
    await page.keyboard.type(place)
    await page.get_by_label("User", exact=True).fill("root")
    await page.get_by_label("Password", exact=True).fill(password)
    await page.keyboard.press("Enter")


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
async def test_a_camera_is_added_by_ip_user_and_password_alone(
    browser: Browser, box: Server, sim: Simulator, tmp_path: Path, size: tuple[int, int]
) -> None:
    """Both streams are found behind other makers' paths; it takes 30 s at most, picture included."""
    main = sim.camera("stream1", clip(tmp_path, 640), **USER)
    sim.camera("stream2", clip(tmp_path, 320), **USER)
    name = f"Garage {size[0]}"
    async with page_of(browser, size, "dark") as (page, troubles):
        await write_place(page, box, place_of(sim), USER["password"])
        begun = time.monotonic()
        await expect(page.get_by_text("Trying the usual addresses")).to_be_visible()
        await expect(page.get_by_role("heading", name="It works")).to_be_visible(timeout=FIND_S * 1000)
        took_s = time.monotonic() - begun
        await expect(page.get_by_alt_text("What the camera shows")).to_be_in_viewport()
        await expect(page.get_by_text("keyframe every 2")).to_be_visible()
        await expect(page.get_by_label("Address", exact=True)).to_have_value(
            f"rtsp://{place_of(sim)}/stream1"
        )
        await expect(page.get_by_label("Second address")).to_have_value(f"rtsp://{place_of(sim)}/stream2")
        await page.get_by_label("Name", exact=True).fill(name)
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("heading", name=name)).to_be_visible()
        assert troubles.said == []
    assert took_s < FIND_S
    found = await box.get(f"cameras/garage-{size[0]}/address")
    assert (found["address"], found["live_address"], found["has_credentials"]) == (
        f"rtsp://{place_of(sim)}/stream1",
        f"rtsp://{place_of(sim)}/stream2",
        True,
    )
    await asyncio.to_thread(main.wait, lambda one: one.seen.sessions == 1)
    await box.ask("DELETE", f"cameras/garage-{size[0]}")


async def test_a_refused_password_and_a_camera_without_a_usual_path_are_told(
    page: Page, box: Server, sim: Simulator, tmp_path: Path
) -> None:
    """The password is tried once, and corrected where it was written; there is a next step for either."""
    camera = sim.camera("Streaming", clip(tmp_path, 320), **USER)
    await write_place(page, box, place_of(sim), "wrong")
    await expect(page.get_by_role("heading", name=KINDS["unauthorized"])).to_be_visible()
    assert len(camera.seen.attempts) == 1
    sim.cameras.clear()
    await page.get_by_label("Password", exact=True).fill(USER["password"])
    await page.get_by_role("button", name="Find it").click()
    await expect(page.get_by_role("heading", name="its stream is not found")).to_be_visible(timeout=20_000)
    await expect(page.get_by_text("Look in the camera's settings")).to_be_visible()
    await expect(page.get_by_label(PLACE)).to_have_value(place_of(sim))


async def test_a_search_can_be_cancelled(page: Page, box: Server, sim: Simulator, tmp_path: Path) -> None:
    """The camera is let go of, and the form is as it was."""
    camera = sim.camera("Streaming", clip(tmp_path, 320))
    camera.drop_keyframes()
    await write_place(page, box, place_of(sim), USER["password"])
    await asyncio.to_thread(camera.wait, lambda one: one.seen.sessions == 1)
    await page.get_by_role("button", name="Cancel").click()
    await asyncio.to_thread(camera.wait, lambda one: one.seen.connections == 0)
    await expect(page.get_by_role("button", name="Find it")).to_be_enabled()
    await expect(page.get_by_label(PLACE)).to_have_value(place_of(sim))
    assert len(camera.seen.attempts) == 1


async def test_an_address_without_its_scheme_is_tried_as_rtsp_and_given_up_when_it_is_written_anew(
    page: Page, box: Server
) -> None:
    """An answer that comes after that is not shown for the new address."""
    asked: list[str] = []
    go = asyncio.Event()

    async def answer(route: Route) -> None:
        asked.append(json.loads(route.request.post_data or "{}")["address"])
        await go.wait()
        await route.fulfill(json=trial("refused"))

    await page.route("**/api/v1/cameras/test", answer)
    await page.goto(f"{box.url}/cameras/new")
    address = page.locator('[name="address"]')
    await address.fill("192.0.2.7/a")
    async with page.expect_event("requestfailed"):
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("button", name="Connecting …")).to_be_disabled()
        await address.fill("192.0.2.8/a")
    await expect(page.get_by_role("button", name="Test it")).to_be_enabled()
    go.set()
    await expect(page.get_by_role("heading", name=KINDS["refused"])).to_have_count(0)
    await page.get_by_role("button", name="Test it").click()
    await expect(page.get_by_role("heading", name=KINDS["refused"])).to_be_visible()
    assert asked == ["rtsp://192.0.2.7/a", "rtsp://192.0.2.8/a"]


async def test_what_is_written_of_a_new_camera_outlives_leaving_but_for_its_password(
    page: Page, box: Server
) -> None:
    """Looking something up elsewhere costs no work; and pressing twice adds one camera."""
    go = asyncio.Event()

    async def hold(route: Route) -> None:
        await go.wait()
        await route.continue_()

    await page.goto(f"{box.url}/cameras/new")
    await page.get_by_label(PLACE).fill("rtsp://192.0.2.7/a")
    await page.get_by_label("Name", exact=True).fill("Cellar")
    await page.get_by_label("Password", exact=True).fill("secret")
    await page.get_by_role("link", name="All cameras").click()
    await page.get_by_role("link", name="Add a camera").click()
    await expect(page.get_by_label("Address", exact=True)).to_have_value("rtsp://192.0.2.7/a")
    await expect(page.get_by_label("Name", exact=True)).to_have_value("Cellar")
    await expect(page.get_by_label("Password", exact=True)).to_have_value("")
    await page.route("**/api/v1/cameras", hold)
    await page.get_by_role("button", name="Add without a test").dblclick()
    go.set()
    await expect(page.get_by_role("heading", name="Cellar")).to_be_visible()
    names = [one["name"] for one in (await box.get("cameras"))["items"]]
    assert names.count("Cellar") == 1
    await page.get_by_role("link", name="All cameras").click()
    await page.get_by_role("link", name="Add a camera").click()
    await expect(page.get_by_label(PLACE)).to_have_value("")


async def test_an_address_that_was_changed_elsewhere_is_told_and_not_written_over(
    page: Page, box: Server
) -> None:
    """What is being written stays; the second address that somebody else gave stays as well."""
    status, made = await box.ask(
        "POST", "cameras", {"name": "Gate", "address": "rtsp://192.0.2.7/a", "enabled": False}
    )
    assert status == 201
    path = f"cameras/{made['id']}"
    await page.goto(f"{box.url}/{path}")
    address = page.get_by_label("Address", exact=True)
    await expect(address).to_have_value("rtsp://192.0.2.7/a")
    await address.fill("192.0.2.7/mine")
    elsewhere = {"address": "rtsp://192.0.2.7/theirs", "live_address": "rtsp://192.0.2.7/small"}
    assert (await box.ask("PATCH", path, elsewhere))[0] == 200
    await expect(page.get_by_text("It was changed elsewhere meanwhile")).to_contain_text("/theirs")
    await expect(page.get_by_label("Second address")).to_have_value("rtsp://192.0.2.7/small")
    await page.get_by_role("button", name="Save the address").click()
    await expect(page.get_by_text("Connecting to the new address.")).to_be_visible()
    await expect(address).to_have_value("rtsp://192.0.2.7/mine")
    found = await box.get(f"{path}/address")
    assert (found["address"], found["live_address"]) == (
        "rtsp://192.0.2.7/mine",
        "rtsp://192.0.2.7/small",
    )


async def test_a_schedule_is_drawn_with_two_taps_although_the_screen_is_scrolled_between(
    browser: Browser, box: Server
) -> None:
    """On a phone the week is longer than the window; opening a camera begins at its top."""
    camera_id = await added(box, "Attic")
    async with page_of(browser, PHONE, "dark") as (phone, troubles):
        await phone.goto(f"{box.url}/cameras")
        name = phone.get_by_role("link", name="Attic", exact=True)
        await name.scroll_into_view_if_needed()
        await phone.locator(".screen").evaluate("(it) => it.scrollBy(0, 200)")
        await name.click()
        await expect(phone.get_by_role("heading", name="Attic")).to_be_in_viewport()
        await expect(phone.locator("#screen")).to_be_focused()
        first, last = phone.locator('[data-cell="0 0"]'), phone.locator('[data-cell="0 23"]')
        await first.tap()
        await expect(first).to_have_attribute("aria-selected", "true")
        # So a browser tells that a finger has begun to scroll.
        await first.dispatch_event("pointercancel", {"pointerType": "touch", "bubbles": True})
        await last.tap()
        await expect(
            phone.locator(".words").get_by_text("Monday all day: nothing is recorded.")
        ).to_be_visible()
        day = phone.locator(".entry").get_by_role("checkbox", name="Mon")
        await day.dispatch_event("click")
        await expect(day).to_be_checked()
        assert troubles.said == []
    assert len((await box.get(f"cameras/{camera_id}"))["recording"]["schedule"]) == 1


async def test_a_change_applies_at_once_and_can_be_undone(page: Page, box: Server) -> None:
    """The name is saved when its field is left; the toast takes it back."""
    camera_id = await added(box, "Yard")
    await page.goto(f"{box.url}/cameras/{camera_id}")
    await page.get_by_label("Name", exact=True).fill("Back yard")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name="Back yard")).to_be_visible()
    assert (await box.get(f"cameras/{camera_id}"))["name"] == "Back yard"
    await page.get_by_role("button", name="Undo", exact=True).click()
    await expect(page.get_by_role("heading", name="Yard", exact=True)).to_be_visible()
    await page.get_by_label("Keep for days, at most").fill("-3")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("alert").filter(has_text="Write a number")).to_be_visible()


async def test_a_schedule_is_drawn_with_the_keyboard_and_with_the_mouse(page: Page, box: Server) -> None:
    """Shift and arrows choose, Enter draws; dragging does the same; words say what will be done."""
    camera_id = await added(box, "Shop")
    await page.goto(f"{box.url}/cameras/{camera_id}")
    await page.locator('[data-cell="0 8"]').focus()
    for key in ("Shift+ArrowRight", "Shift+ArrowDown", "Enter"):
        await page.keyboard.press(key)
    words = "Monday and Tuesday from 08:00 to 10:00: nothing is recorded."
    await expect(page.locator(".words").get_by_text(words)).to_be_visible()
    start, end = page.locator('[data-cell="5 0"]'), page.locator('[data-cell="6 23"]')
    await page.get_by_role("radio", name="When something moves").check()
    await start.scroll_into_view_if_needed()
    await start.hover()
    await page.mouse.down()
    await end.hover()
    await page.mouse.up()
    words = "Saturday and Sunday all day: it records when something moves."
    await expect(page.locator(".words").get_by_text(words)).to_be_visible()
    assert (await box.get(f"cameras/{camera_id}"))["recording"]["schedule"] == [
        {"days": ["mon", "tue"], "from": "08:00", "to": "10:00", "mode": "off"},
        {"days": ["sat", "sun"], "from": "00:00", "to": "24:00", "mode": "motion"},
    ]


async def test_a_camera_of_the_file_says_where_it_is_set(page: Page, box: Server) -> None:
    """Nothing of it can be changed, and it can't be deleted here."""
    await page.goto(f"{box.url}/cameras/street")
    await expect(page.get_by_text('id = "street"')).to_be_visible()
    await expect(page.get_by_label("Name", exact=True)).to_be_disabled()
    await expect(page.get_by_role("button", name="Delete this camera")).to_have_count(0)


async def test_deleting_asks_with_the_name(page: Page, box: Server) -> None:
    """And it is gone from the list."""
    camera_id = await added(box, "Old gate")
    await page.goto(f"{box.url}/cameras/{camera_id}")
    await page.get_by_role("button", name="Delete this camera").click()
    await page.get_by_role("button", name="Delete Old gate").click()
    await expect(page).to_have_url(f"{box.url}/cameras")
    await expect(page.get_by_role("heading", name="Old gate")).to_have_count(0)
    assert camera_id not in [one["id"] for one in (await box.get("cameras"))["items"]]


async def test_the_live_picture_lets_go_before_the_camera_is_deleted(page: Page, box: Server) -> None:
    """The box is asked only then: nothing is left that would connect again to what is gone."""
    camera_id = await added(box, "Side gate")
    live: list[WebSocket] = []
    page.on("websocket", lambda one: live.append(one) if f"/{camera_id}/live" in one.url else None)

    async def held(route: Route) -> None:
        if route.request.method == "DELETE":
            for one in live:
                if not one.is_closed():
                    await one.wait_for_event("close", timeout=5_000)
        await route.continue_()

    await page.route(f"**/api/v1/cameras/{camera_id}", held)
    await page.goto(f"{box.url}/cameras/{camera_id}")
    await expect(page.locator(".screen-of[data-live=playing]")).to_be_visible(timeout=20_000)
    assert len(live) == 1
    await page.get_by_role("button", name="Delete this camera").click()
    await page.get_by_role("button", name="Delete Side gate").click()
    await expect(page).to_have_url(f"{box.url}/cameras")
    assert len(live) == 1


async def test_a_live_picture_elsewhere_does_not_connect_again_to_what_is_deleted(
    page: Page, box: Server
) -> None:
    """Who looks on at another screen sees it go, although the word of it comes late."""
    camera_id = await added(box, "Back gate")
    live: list[WebSocket] = []
    page.on("websocket", lambda one: live.append(one) if f"/{camera_id}/live" in one.url else None)
    lateness = asyncio.Event()

    def late(socket: WebSocketRoute) -> None:
        server = socket.connect_to_server()

        async def pass_on(message: str | bytes) -> None:
            if "camera_deleted" in str(message):
                await lateness.wait()
            socket.send(message)

        server.on_message(lambda message: asyncio.ensure_future(pass_on(message)))

    await page.route_web_socket("**/api/v1/ws*", late)
    await page.goto(f"{box.url}/cameras")
    card = page.locator(f"[data-camera={camera_id}]")
    await expect(card.locator("[data-live=playing]")).to_be_visible(timeout=20_000)
    status, _ = await box.ask("DELETE", f"cameras/{camera_id}")
    assert status == 204
    await expect(card.get_by_text("The camera is deleted")).to_be_visible()
    # Longer than the pause before it would have connected again.
    await page.wait_for_timeout(1_500)
    assert len(live) == 1
    lateness.set()
    await expect(card).to_have_count(0)


async def test_a_rule_says_what_it_will_do_and_does_it(page: Page, box: Server) -> None:
    """The first rule is made from the empty list; its alert comes by itself, is put away, and had back."""
    await page.goto(f"{box.url}/alerts")
    await page.get_by_role("link", name="Make the first rule").click()
    words = (
        "Tells you when a person or something that moves is seen at any camera, at most once in 5 minutes."
    )
    await page.get_by_role("checkbox", name="motion", exact=True).check()
    await page.get_by_role("radio", name="Low").check()
    await expect(page.locator(".rule-words")).to_contain_text(words)
    await page.get_by_role("button", name="Add the rule").click()
    await expect(page.get_by_role("heading", name="Person and motion")).to_be_visible()
    await page.get_by_role("radio", name="Alerts").check()
    row = page.locator(".alert-row").first
    await expect(row).to_be_visible(timeout=ALERT_S)
    await row.get_by_role("button", name="Dismiss").click()
    await expect(row).to_have_count(0)
    await page.get_by_role("button", name="Undo", exact=True).click()
    await row.get_by_role("button", name="Acknowledge").click()
    await expect(row).to_have_count(0)
    await page.goto(f"{box.url}/alerts?state=acknowledged")
    await expect(row).to_be_visible()


async def test_a_rule_is_switched_off_and_its_deletion_taken_back(page: Page, box: Server) -> None:
    """The server is asked at once for the one, and only after a while for the other."""
    rule = {"name": "At night", "labels": ["dog"], "cameras": ["street"], "cooldown_s": 3600}
    status, made = await box.ask("POST", "rules", rule)
    assert status == 201
    await page.goto(f"{box.url}/alerts?tab=rules")
    card = page.locator(".rule").filter(has_text="At night")
    await expect(card).to_contain_text("Tells you when a dog is seen at Street, at most once an hour.")
    await card.get_by_role("checkbox").uncheck()
    await expect(card.get_by_text("Off")).to_be_visible()
    assert (await box.get(f"rules/{made['id']}"))["enabled"] is False
    await card.get_by_role("button", name="Delete").click()
    await expect(card).to_have_count(0)
    await page.get_by_role("button", name="Undo", exact=True).click()
    await expect(card).to_be_visible()
    assert (await box.get(f"rules/{made['id']}"))["name"] == "At night"


async def test_a_new_rule_is_not_lost_to_a_list_that_was_on_its_way(page: Page, box: Server) -> None:
    """The list was read before the rule was added, and comes after it: it is asked for again."""
    added_one = asyncio.Event()

    async def slow(route: Route) -> None:
        if route.request.method != "GET":
            await route.continue_()
            return
        answer = await route.fetch()
        await added_one.wait()
        await route.fulfill(response=answer)

    await page.route("**/api/v1/rules*", slow)
    await page.goto(f"{box.url}/alerts?tab=rules&new=1")
    await page.get_by_role("checkbox", name="motion", exact=True).check()
    async with page.expect_response(lambda answer: answer.request.method == "POST"):
        await page.get_by_role("button", name="Add the rule").click()
    await expect(page.get_by_role("heading", name="Person and motion")).to_have_count(1)
    async with page.expect_response(lambda answer: answer.url.endswith("/rules")):
        added_one.set()
    await page.wait_for_timeout(500)
    rules = (await box.get("rules"))["items"]
    await expect(page.locator(".rule")).to_have_count(len(rules))
    for rule in rules:
        assert (await box.ask("DELETE", f"rules/{rule['id']}"))[0] == 204


async def test_all_open_alerts_are_acknowledged_together(page: Page, box: Server) -> None:
    """None is left open of those that were shown, and the page says how many there were."""
    await box.ask("POST", "rules", {"name": "Everything", "deduplication": "visit"})
    await box.until("alerts", ALERT_S / 1000, state="open")
    await page.goto(f"{box.url}/alerts")
    await expect(page.locator(".alert-row").first).to_be_visible()
    newest = (await box.get("alerts", state="open"))["items"][0]
    await page.get_by_role("button", name="Acknowledge all").click()
    await expect(page.get_by_role("status").filter(has_text="acknowledged.")).to_be_visible()
    left = [one["created_at"] for one in (await box.get("alerts", state="open"))["items"]]
    assert all(at >= newest["created_at"] for at in left)
