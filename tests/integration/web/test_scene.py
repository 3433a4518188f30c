"""Zones, lines and masks over the API, and where objects stood."""

from typing import Any

import pytest

from appliance.store.times import iso_of_us
from tests.support.rows import NOON_US, camera_row, detection_row
from tests.support.web import WebBox

CAMERA = "/api/v1/cameras/front"
SQUARE = [[0.1, 0.1], [0.9, 0.1], [0.9, 0.9], [0.1, 0.9]]
ZONE: dict[str, Any] = {
    "id": "drive",
    "name": "Drive",
    "points": SQUARE,
    "labels": None,
    "min_area_ratio": 0.0,
    "max_area_ratio": 1.0,
    "min_score": 0.0,
    "enter_s": 0.4,
    "leave_s": 1.0,
    "required_for": "none",
    "sides_m": None,
}
LINE: dict[str, Any] = {
    "id": "gate",
    "name": "Gate",
    "a": [0.1, 0.5],
    "b": [0.9, 0.5],
    "labels": ["car", "person"],
    "min_score": 0.0,
    "counts": "both",
}
MASK: dict[str, Any] = {"id": "tree", "name": "Tree", "points": SQUARE[:3], "kind": "motion", "labels": None}
NOTHING: dict[str, list[Any]] = {"zones": [], "lines": [], "masks": []}


async def scene(box: WebBox) -> Any:
    """Return what is drawn on the picture of ``front``."""
    return (await box.get(CAMERA)).json["scene"]


async def test_a_camera_begins_with_nothing_drawn(box: WebBox) -> None:
    """The three lists are there and empty."""
    await box.add(camera_row())
    assert await scene(box) == NOTHING


async def test_a_camera_is_added_with_its_scene(box: WebBox) -> None:
    """What the owner leaves out of a shape is told with its default."""
    short: dict[str, Any] = {"id": "drive", "name": "Drive", "points": SQUARE}
    new = {"name": "Front", "address": "demo:", "scene": {"zones": [short]}}
    made = await box.ask("POST", "/api/v1/cameras", new)
    assert made.json["scene"] == {**NOTHING, "zones": [ZONE]}


async def test_the_lists_that_are_named_are_replaced(box: WebBox) -> None:
    """The others stay as they are; an empty one is emptied. Labels come back in order."""
    await box.add(camera_row())
    unordered: dict[str, Any] = {**LINE, "labels": ["person", "car", "car"]}
    await box.ask("PATCH", CAMERA, {"scene": {"zones": [ZONE], "lines": [unordered]}})
    assert await scene(box) == {"zones": [ZONE], "lines": [LINE], "masks": []}
    await box.ask("PATCH", CAMERA, {"scene": {"masks": [MASK], "lines": []}})
    assert await scene(box) == {"zones": [ZONE], "lines": [], "masks": [MASK]}
    await box.ask("PATCH", CAMERA, {"name": "Another"})
    assert await scene(box) == {"zones": [ZONE], "lines": [], "masks": [MASK]}


async def test_a_change_is_said(box: WebBox) -> None:
    """Whoever shows the camera learns of its zones by the message about it."""
    await box.add(camera_row())
    cursor = (await box.get(CAMERA)).cursor
    changed = await box.ask("PATCH", CAMERA, {"scene": {"zones": [ZONE]}})
    assert changed.cursor == cursor + 1
    async with box.spine.reader.read() as connection:
        said = await connection.exec_driver_sql("SELECT type, data FROM outbox ORDER BY cursor DESC LIMIT 1")
        message = said.mappings().one()
    assert message["type"] == "camera_updated"
    assert '"drive"' in message["data"]


@pytest.mark.parametrize(
    ("change", "field", "expected"),
    [
        ({"zones": [ZONE, ZONE]}, "scene.zones[1].id", "an id of its own"),
        ({"zones": [{**ZONE, "id": "My drive"}]}, "scene.zones[0].id", "1 to 64 of a-z, 0-9, - and _"),
        ({"zones": [ZONE] * 33}, "scene.zones", "a list of length <= 32"),
        ({"zones": [{**ZONE, "points": SQUARE[:2]}]}, "scene.zones[0].points", "a list of length >= 3"),
        (
            {"zones": [{**ZONE, "points": [[0, 2], *SQUARE]}]},
            "scene.zones[0].points[0][1]",
            "a number <= 1.0",
        ),
        (
            {"zones": [{**ZONE, "points": [*SQUARE[:2], *SQUARE[:1:-1]]}]},
            "scene.zones[0].points",
            "a polygon that does not cross itself",
        ),
        (
            {"zones": [{**ZONE, "points": SQUARE[:3], "sides_m": [1, 2, 1, 2]}]},
            "scene.zones[0].sides_m",
            "no sides for a zone that has not 4 corners",
        ),
        ({"lines": [{**LINE, "b": LINE["a"]}]}, "scene.lines[0].b", "another point than a"),
        ({"masks": [{**MASK, "kind": "both"}]}, "scene.masks[0].kind", "one of motion, objects"),
        (
            {"masks": [{**MASK, "colour": 1}]},
            "scene.masks[0].colour",
            "some of id, name, points, kind, labels",
        ),
    ],
)
async def test_what_makes_no_sense_is_refused_with_its_place(
    box: WebBox, change: dict[str, object], field: str, expected: str
) -> None:
    """The page can mark the very shape; nothing is changed."""
    await box.add(camera_row())
    answer = await box.ask("PATCH", CAMERA, {"scene": change, "name": "Another"})
    assert (answer.status, answer.json["field"], answer.json["expected"]) == (422, field, expected)
    assert (await box.get(CAMERA)).json["name"] == "Front door"
    assert await scene(box) == NOTHING


async def test_a_camera_of_the_file_can_be_drawn_on_unless_the_file_does(box: WebBox) -> None:
    """Everything else of it is changed in the file; so are zones that are written there."""
    await box.add(camera_row(managed_by="file"))
    assert (await box.ask("PATCH", CAMERA, {"scene": {"zones": [ZONE]}, "name": "Door"})).status == 409
    assert (await box.ask("PATCH", CAMERA, {})).status == 409
    drawn = (await box.ask("PATCH", CAMERA, {"scene": {"zones": [ZONE]}})).json
    assert (drawn["scene"]["zones"], drawn["scene_managed_by"]) == ([ZONE], "api")
    await box.add(camera_row("yard", managed_by="file", scene_managed_by="file"))
    refused = await box.ask("PATCH", "/api/v1/cameras/yard", {"scene": {"zones": [ZONE]}})
    assert (refused.status, "configuration file" in refused.json["detail"]) == (409, True)


def asked(minutes: int) -> str:
    """Return the question for so many minutes after noon."""
    return f"{CAMERA}/footpoints?from={iso_of_us(NOON_US)}&to={iso_of_us(NOON_US + minutes * 60_000_000)}"


async def test_where_objects_stood(box: WebBox) -> None:
    """The middle of each box's lower edge; what is not followed has no track; other cameras are left out."""
    await box.add(camera_row(), detection_row(labels=("car", "person")), detection_row("yard"))
    car, person = (await box.get(asked(1))).json["points"]
    at = {
        "at": iso_of_us(NOON_US),
        "x": pytest.approx(0.0939, abs=2e-4),
        "y": pytest.approx(0.6111, abs=2e-4),
    }
    assert car == {**at, "label": "car", "track_id": None}
    assert person == {**at, "label": "person", "track_id": 1}


async def test_many_points_are_thinned_evenly(box: WebBox) -> None:
    """At most 2000 of them, from the first to the last minute, in order of time."""
    minute_us = 60_000_000
    rows = [detection_row(labels=("person", "car"), at_us=NOON_US + n * minute_us // 50) for n in range(3000)]
    await box.add(camera_row(), *rows)
    points = (await box.get(asked(60))).json["points"]
    assert len(points) == 2000
    times = [point["at"] for point in points]
    assert times == sorted(times)
    for minute in range(60):
        begin, end = (iso_of_us(NOON_US + (minute + n) * minute_us) for n in (0, 1))
        assert 32 <= sum(begin <= at < end for at in times) <= 35


@pytest.mark.parametrize(
    ("path", "status"), [(f"{CAMERA}/footpoints", 422), (asked(1441), 422), (asked(1), 404)]
)
async def test_footpoints_need_a_camera_and_a_day_at_most(box: WebBox, path: str, status: int) -> None:
    """So that no question takes long."""
    assert (await box.get(path)).status == status
