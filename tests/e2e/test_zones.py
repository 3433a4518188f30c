"""Zones, lines and masks drawn on the picture, by mouse, finger and keyboard, against the real service."""

import re
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Locator, Page, expect

from tests.support.browser import DESK, PHONE, page_of
from tests.support.server import Server, nightjar

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(300)]

CONFIG = """
[detector]
model = "builtin"
fetch = false

[[cameras]]
id = "fixed"
name = "Fixed"
url = "demo:"
enabled = false

[[cameras.zones]]
id = "drive"
name = "Drive"
points = [[0.1, 0.6], [0.5, 0.6], [0.5, 0.9]]
"""
Points = list[tuple[float, float]]
CORNERS: Points = [(0.2, 0.3), (0.7, 0.3), (0.7, 0.8), (0.2, 0.8)]
NEAR = 0.02
FINGER_PX = 40
SEEN_S = 90.0


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def box(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Server]:
    """Run a service with a camera of the file; each test adds a camera of its own."""
    async with nightjar(tmp_path_factory.mktemp("zones") / "data", CONFIG) as server:
        yield server


@pytest_asyncio.fixture(loop_scope="module")
async def page(browser: Browser, box: Server) -> AsyncIterator[Page]:
    """Open a page on a desk; it must complain of nothing."""
    async with page_of(browser, DESK, "dark") as (opened, troubles):
        yield opened
    assert troubles.said == []


async def added(box: Server, scene: dict[str, Any] | None = None, *, enabled: bool = False) -> str:
    """Add a camera over the API, with what is drawn on it, and return its id; usually it has no picture."""
    body = {"name": "Street", "address": "demo:", "scene": scene or {}, "enabled": enabled}
    status, camera = await box.ask("POST", "cameras", body)
    assert status == 201, camera
    return str(camera["id"])


async def opened(page: Page, box: Server, camera: str) -> Locator:
    """Open the editor of a camera and return its drawing."""
    await page.goto(f"{box.url}/cameras/{camera}/zones")
    drawing = page.get_by_role("application", name="What is drawn on the picture")
    await expect(drawing).to_be_visible()
    return drawing


async def at(drawing: Locator, x: float, y: float) -> tuple[float, float]:
    """Return where a point of the picture is in the window."""
    place = await drawing.bounding_box()
    assert place is not None
    return place["x"] + x * place["width"], place["y"] + y * place["height"]


async def scene_of(box: Server, camera: str) -> Any:
    """Return what the service has drawn at a camera."""
    return (await box.get(f"cameras/{camera}"))["scene"]


def near(points: Any, expected: Points) -> bool:
    """Return whether points are those, as exactly as a pointer can be."""
    assert len(points) == len(expected), points
    pairs = zip(points, expected, strict=True)
    return all(abs(x - ex) < NEAR and abs(y - ey) < NEAR for (x, y), (ex, ey) in pairs)


async def pressed(page: Page, drawing: Locator, corners: Points) -> None:
    """Press these points of the picture one after the other."""
    for corner in corners:
        await page.mouse.click(*await at(drawing, *corner))


async def dragged(page: Page, drawing: Locator, from_: tuple[float, float], to: tuple[float, float]) -> None:
    """Drag from one point of the picture to another, as slowly as a hand does."""
    await page.mouse.move(*await at(drawing, *from_))
    await page.mouse.down()
    await page.mouse.move(*await at(drawing, (from_[0] + to[0]) / 2, (from_[1] + to[1]) / 2))
    await page.mouse.move(*await at(drawing, *to))
    await page.mouse.up()


async def save(page: Page) -> None:
    """Save, and wait until that is said."""
    await page.get_by_role("button", name="Save", exact=True).click()
    await expect(page.get_by_text("Saved. It counts from now on.").last).to_be_visible()


async def test_a_zone_is_drawn_with_a_mouse_and_is_kept(page: Page, box: Server, browser: Browser) -> None:
    """Corner by corner, dragged, one added and undone; the service has it, and another page at once."""
    camera = await added(box)
    async with page_of(browser, DESK, "light") as (other, troubles):
        await opened(other, box, camera)
        drawing = await opened(page, box, camera)
        await page.get_by_role("button", name="Add a zone").click()
        await pressed(page, drawing, CORNERS)
        await page.get_by_role("button", name="Done").click()
        await dragged(page, drawing, CORNERS[0], (0.1, 0.4))
        await dragged(page, drawing, (0.7, 0.55), (0.9, 0.55))
        await expect(page.get_by_role("button", name="Corner 5 of 5 of Zone 1")).to_be_visible()
        await page.get_by_role("button", name="Undo", exact=True).click()
        await expect(page.get_by_role("button", name="Corner 4 of 4 of Zone 1")).to_be_visible()
        await page.get_by_label("Name").fill("Drive")
        await save(page)
        (zone,) = (await scene_of(box, camera))["zones"]
        assert zone["name"] == "Drive"
        assert near(zone["points"], [(0.1, 0.4), *CORNERS[1:]])
        await expect(other.get_by_role("button", name="Zone Drive, 4 corners")).to_be_visible()
        assert troubles.said == []


async def test_a_zone_is_drawn_with_a_finger(browser: Browser, box: Server) -> None:
    """On a phone: tapped corner by corner and closed at its first; the handles are as large as a finger."""
    camera = await added(box)
    async with page_of(browser, PHONE, "light") as (page, troubles):
        drawing = await opened(page, box, camera)
        await page.get_by_role("button", name="Add a zone").tap()
        for corner in (*CORNERS, CORNERS[0]):
            await page.touchscreen.tap(*await at(drawing, *corner))
        await expect(page.get_by_role("button", name="Corner 4 of 4 of Zone 1")).to_be_visible()
        for button in await page.get_by_role("button", name="Corner").all():
            place = await button.bounding_box()
            assert place is not None
            assert min(place["width"], place["height"]) >= FINGER_PX
        await save(page)
        (zone,) = (await scene_of(box, camera))["zones"]
        assert near(zone["points"], CORNERS)
        width = await page.evaluate("document.documentElement.scrollWidth")
        assert width == PHONE[0]
        assert troubles.said == []


async def test_a_zone_is_drawn_with_the_keyboard_alone(page: Page, box: Server) -> None:
    """One is put in the middle; its corners are moved, added and deleted, undone, done again and saved."""
    camera = await added(box)
    await opened(page, box, camera)
    await page.get_by_role("button", name="Add a zone").focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("button", name="Put one in the middle")).to_be_focused()
    await page.keyboard.press("Enter")
    first = page.get_by_role("button", name="Corner 1 of")
    await expect(first).to_be_focused()
    await expect(first).to_have_accessible_name(
        "Corner 1 of 4 of Zone 1: 35 % from the left, 40 % from the top"
    )
    for key in ("Shift+ArrowLeft", "ArrowLeft", "Shift+ArrowDown", "ArrowUp"):
        await page.keyboard.press(key)
    await expect(first).to_have_accessible_name(
        "Corner 1 of 4 of Zone 1: 29.5 % from the left, 44.5 % from the top"
    )
    await page.keyboard.press("Insert")
    await expect(page.get_by_role("button", name="Corner 2 of 5 of Zone 1")).to_be_focused()
    await page.keyboard.press("Delete")
    await expect(page.get_by_role("button", name="Corner 2 of 4 of Zone 1")).to_be_focused()
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("button", name="Corner 3 of 4 of Zone 1")).to_be_focused()
    await page.keyboard.press("Delete")
    await expect(page.get_by_role("button", name="Corner 3 of 3 of Zone 1")).to_be_visible()
    await page.keyboard.press("Delete")
    await expect(page.get_by_role("button", name="Corner 3 of 3 of Zone 1")).to_be_visible()
    await page.keyboard.press("Control+z")
    await expect(page.get_by_role("button", name="Corner 4 of 4 of Zone 1")).to_be_visible()
    await page.keyboard.press("Control+Shift+z")
    await expect(page.get_by_role("button", name="Corner 3 of 3 of Zone 1")).to_be_visible()
    await page.get_by_role("button", name="Save", exact=True).focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("Saved. It counts from now on.")).to_be_visible()
    (zone,) = (await scene_of(box, camera))["zones"]
    assert zone["points"] == [[0.295, 0.445], [0.65, 0.4], [0.35, 0.75]]


async def test_a_line_says_which_way_is_which_and_turns(page: Page, box: Server) -> None:
    """Drawn from the left to the right, forward is down; turned round it is up; one way can count."""
    camera = await added(box)
    drawing = await opened(page, box, camera)
    await page.get_by_role("button", name="Add a line").click()
    await dragged(page, drawing, (0.2, 0.7), (0.8, 0.7))
    await expect(page.get_by_text("From A to B is down on the picture, from B to A up.")).to_be_visible()
    await page.get_by_role("button", name="Swap A and B").click()
    await expect(page.get_by_text("From A to B is up on the picture, from B to A down.")).to_be_visible()
    await page.get_by_role("radio", name="A → B").check()
    await save(page)
    (line,) = (await scene_of(box, camera))["lines"]
    assert near([line["a"], line["b"]], [(0.8, 0.7), (0.2, 0.7)])
    assert line["counts"] == "forward"


async def test_a_mask_snaps_to_the_edge_and_to_other_corners(page: Page, box: Server) -> None:
    """What ends a few pixels beside the edge or another shape's corner ends at it."""
    zone = {"id": "drive", "name": "Drive", "points": [[0.5, 0.5], [0.9, 0.5], [0.9, 0.9]]}
    camera = await added(box, {"zones": [zone]})
    drawing = await opened(page, box, camera)
    await page.get_by_role("button", name="Add a mask").click()
    await dragged(page, drawing, (0.006, 0.006), (0.495, 0.495))
    await page.get_by_role("radio", name="Motion").check()
    await save(page)
    scene = await scene_of(box, camera)
    assert scene["masks"][0]["points"] == [[0, 0], [0.5, 0], [0.5, 0.5], [0, 0.5]]
    assert scene["masks"][0]["kind"] == "motion"
    assert scene["zones"][0]["points"] == zone["points"]


async def test_a_polygon_that_crosses_itself_is_refused_in_words(page: Page, box: Server) -> None:
    """It is said while it is drawn and when it is to be saved; nothing is sent."""
    camera = await added(box, {"zones": [{"id": "drive", "name": "Drive", "points": CORNERS}]})
    drawing = await opened(page, box, camera)
    await page.mouse.click(*await at(drawing, 0.45, 0.55))
    await dragged(page, drawing, CORNERS[0], (0.85, 0.5))
    await expect(page.get_by_role("alert")).to_contain_text("This zone crosses itself.")
    await page.get_by_role("button", name="Save", exact=True).click()
    await expect(page.get_by_text("Not saved. This zone crosses itself.")).to_be_visible()
    (zone,) = (await scene_of(box, camera))["zones"]
    assert zone["points"] == [list(corner) for corner in CORNERS]


async def test_a_whole_shape_is_moved_and_stays_on_the_picture(page: Page, box: Server) -> None:
    """Dragged far beyond the edge it lies at the edge, as large as before."""
    camera = await added(box, {"zones": [{"id": "drive", "name": "Drive", "points": CORNERS}]})
    drawing = await opened(page, box, camera)
    await dragged(page, drawing, (0.45, 0.55), (0.45, 0.99))
    await dragged(page, drawing, (0.45, 0.75), (0.05, 0.75))
    await save(page)
    (zone,) = (await scene_of(box, camera))["zones"]
    assert near(zone["points"], [(0, 0.5), (0.5, 0.5), (0.5, 1), (0, 1)])


async def test_leaving_with_unsaved_changes_asks(page: Page, box: Server) -> None:
    """By a link, a key or the browser's way back; what is not saved is still there when somebody stays."""
    camera = await added(box)
    await page.goto(f"{box.url}/cameras/{camera}")
    await page.get_by_role("link", name="Draw on the picture").click()
    await page.get_by_role("button", name="Add a zone").click()
    await page.get_by_role("button", name="Put one in the middle").click()
    ask = page.get_by_role("dialog", name="Leave without saving?")
    for leave in ("link", "keys", "back"):
        if leave == "link":
            await page.get_by_role("navigation").get_by_role("link", name="Events").click()
        elif leave == "keys":
            await page.keyboard.press("g")
            await page.keyboard.press("e")
        else:
            await page.go_back()
        await expect(ask).to_be_visible()
        await page.get_by_role("button", name="Stay here").click()
        await expect(ask).to_be_hidden()
        await expect(page.get_by_role("button", name="Zone Zone 1, 4 corners")).to_be_visible()
        await expect(page).to_have_url(f"{box.url}/cameras/{camera}/zones")
    await page.get_by_role("navigation").get_by_role("link", name="Events").click()
    await page.get_by_role("button", name="Leave without saving").click()
    await expect(page).to_have_url(f"{box.url}/events")
    assert (await scene_of(box, camera))["zones"] == []


async def test_what_was_changed_is_listed_and_undone(page: Page, box: Server) -> None:
    """The camera's page says what was done to its zones, and takes it back."""
    camera = await added(box)
    zones = [{"id": "drive", "name": "Drive", "points": CORNERS}]
    assert (await box.ask("PATCH", f"cameras/{camera}", {"scene": {"zones": zones}}))[0] == 200
    await page.goto(f"{box.url}/cameras/{camera}")
    await expect(page.get_by_text("1 zone: Drive.")).to_be_visible()
    await page.get_by_role("button", name="Undo: Zone Drive was added").click()
    await expect(page.get_by_text("Zone Drive was deleted, by an undo")).to_be_visible()
    assert (await scene_of(box, camera))["zones"] == []
    await expect(page.get_by_text("Nothing is drawn: the whole picture counts alike.")).to_be_visible()


async def test_what_was_seen_counts_while_a_zone_is_moved(page: Page, box: Server) -> None:
    """The street's people are dots; a zone over all of the ground has caught them, in the sky it has none."""
    whole = [[0, 0.5], [1, 0.5], [1, 1], [0, 1]]
    camera = await added(box, {"zones": [{"id": "all", "name": "All", "points": whole}]}, enabled=True)
    await box.until("events", SEEN_S, camera=camera)
    drawing = await opened(page, box, camera)
    row = page.get_by_role("button", name="All Zone")
    await expect(row).to_contain_text(re.compile(r"[1-9]\d* objects?"))
    assert int(await page.locator(".dots").get_attribute("data-dots") or 0) > 0
    await page.mouse.move(*await at(drawing, 0.5, 0.75))
    await page.mouse.down()
    await page.mouse.move(*await at(drawing, 0.5, 0.1), steps=4)
    # Not released yet.
    await expect(row).to_contain_text("0 objects")
    await page.mouse.up()


async def test_what_the_file_draws_can_only_be_looked_at(page: Page, box: Server) -> None:
    """Nothing can be added, and the page says where to change it."""
    await page.goto(f"{box.url}/cameras/fixed/zones")
    await expect(page.get_by_text("set in the configuration file")).to_be_visible()
    await expect(page.get_by_role("button", name="Drive Zone")).to_be_visible()
    await expect(page.get_by_role("button", name="Add a zone")).to_have_count(0)
    await expect(page.get_by_role("button", name="Save", exact=True)).to_have_count(0)


async def test_who_is_at_home_is_set_from_everywhere(browser: Browser, box: Server) -> None:
    """On a desk beside the places, on a phone above the pictures; the box has it."""
    await added(box)
    for size, state in ((DESK, "Away"), (PHONE, "Night"), (DESK, "Home")):
        async with page_of(browser, size) as (page, troubles):
            await page.goto(f"{box.url}/")
            await page.get_by_role("button", name="Who is at home?").locator("visible=true").click()
            await page.get_by_role("dialog").get_by_role("button", name=state).click()
            shown = page.get_by_role("button", name=f"Who is at home? {state}").locator("visible=true")
            await expect(shown).to_be_visible()
            assert (await box.get("arm"))["state"] == state.lower()
            assert troubles.said == []


async def test_a_rule_says_where_how_long_and_while_who_is_at_home(page: Page, box: Server) -> None:
    """Its form has zones, the least stay, arm states and hours, and a sentence of them."""
    await added(box, {"zones": [{"id": "yard", "name": "Yard", "points": CORNERS}]})
    await page.goto(f"{box.url}/alerts?tab=rules&new=1")
    form = page.get_by_role("dialog")
    await form.get_by_label("Anywhere in the picture").uncheck()
    zones = form.get_by_role("group", name="In these zones")
    await zones.get_by_role("checkbox", name="Yard").check()
    for chip in await zones.get_by_role("checkbox").all():
        if await chip.is_checked() and "Yard" not in await chip.locator("..").inner_text():
            await chip.uncheck()
    await form.get_by_label("Once it was in one of them for").select_option("10 seconds")
    await form.get_by_label("Whoever is at home").uncheck()
    await form.get_by_label("Always").uncheck()
    await expect(form.locator(".rule-words")).to_contain_text(
        "a person of at least medium severity is in Yard"
    )
    await expect(form.locator(".rule-words")).to_contain_text("while nobody is at home, every day from 22:00")
    await form.get_by_role("button", name="Add the rule").click()
    await expect(page.get_by_role("heading", name="Person in Yard")).to_be_visible()
    (rule,) = (await box.get("rules"))["items"]
    assert (rule["zones"], rule["min_dwell_s"], rule["armed"]) == (["yard"], 10, ["away"])
    assert rule["hours"] == [{"days": rule["hours"][0]["days"], "from": "22:00", "to": "06:00"}]


async def test_before_it_is_saved_the_box_says_what_would_have_changed(page: Page, box: Server) -> None:
    """A zone without which nothing counts would have made the street's events go: each is linked."""
    camera = await added(box, enabled=True)
    await box.until("events", SEEN_S, camera=camera, state="ended")
    drawing = await opened(page, box, camera)
    await page.get_by_role("button", name="Add a zone").click()
    await dragged(page, drawing, (0.1, 0.05), (0.3, 0.15))
    await page.get_by_label("Must something have been here?").select_option("For events")
    await page.get_by_role("button", name="What would have changed in the last 24 hours?").click()
    answer = page.locator(".what-if-answer")
    await expect(answer.get_by_text(re.compile(r"Would go: [1-9]"))).to_be_visible(timeout=60_000)
    gone = answer.get_by_role("link").first
    await expect(gone).to_have_attribute("href", re.compile(r"^/events/\w+$"))
    assert (await scene_of(box, camera))["zones"] == []
    await save(page)
    (zone,) = (await scene_of(box, camera))["zones"]
    assert zone["required_for"] == "events"


async def test_a_rule_is_tried_before_it_is_switched_off(page: Page, box: Server) -> None:
    """Its alerts would have gone; nothing is set by asking, and saving sets it."""
    camera = await added(box, enabled=True)
    form = {"name": "Everybody", "labels": ["person", "motion"], "cameras": [camera]}
    status, rule = await box.ask("POST", "rules", form)
    assert status == 201, rule
    await box.until("alerts", SEEN_S, camera=camera)
    await page.goto(f"{box.url}/alerts?tab=rules")
    await page.get_by_role("button", name="Change the rule Everybody").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_role("checkbox", name="Switched on").uncheck()
    await dialog.get_by_role("button", name="What would have changed in the last 24 hours?").click()
    said = dialog.get_by_text(re.compile(r"^0 alerts instead of [1-9]\d*: [1-9]"))
    await expect(said).to_be_visible(timeout=60_000)
    assert (await box.get(f"rules/{rule['id']}"))["enabled"] is True
    await dialog.get_by_role("button", name="Save the rule").click()
    await expect(page.get_by_role("checkbox", name=re.compile("^Off ?: Everybody$"))).not_to_be_checked()
    assert (await box.get(f"rules/{rule['id']}"))["enabled"] is False
