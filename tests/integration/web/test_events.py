"""Events over the API."""

import asyncio
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from appliance.domain.detection import Detections, TrackedDetections
from appliance.domain.ids import CameraId, EventId
from appliance.domain.time import MediaTime, MonotonicNs, WallUs
from appliance.store.boxes import pack
from appliance.store.sights import MOST_FRAMES, event_course, sights
from appliance.store.tables import Detection
from appliance.web.events import LOOKED_UP, MARKED
from tests.support.rows import NOON_US, alert_row, batch_row, event_row
from tests.support.web import JPEG, WebBox

EVENTS = "/api/v1/events"
SECOND_US = 1_000_000
NOON = "2026-09-21T14:13:20Z"


async def ids(box: WebBox, query: str) -> list[str]:
    """Return the ids of the events that a query finds."""
    answer = await box.get(f"{EVENTS}?{query}")
    assert answer.status == 200, answer.body
    return [event["id"] for event in answer.json["items"]]


async def seed(box: WebBox) -> None:
    """Insert four events that differ in everything that can be filtered by."""
    await box.add(batch_row(), batch_row("batch-2"))
    await box.add(
        event_row("e1", label="person", severity=3, risk_score=90, started_us=NOON_US),
        event_row("e2", label="car", camera_id="yard", severity=0, started_us=NOON_US + SECOND_US),
        event_row("e3", label="dog", state="ended", started_us=NOON_US + 2 * SECOND_US, reviewed=1),
        event_row("e4", state="interrupted", batch_id="batch-2", started_us=NOON_US + 3 * SECOND_US),
    )


FILTERS = [
    ("", ["e4", "e3", "e2", "e1"]),
    ("camera=yard", ["e2"]),
    ("camera=yard&camera=front", ["e4", "e3", "e2", "e1"]),
    ("camera=nowhere", []),
    ("label=person", ["e4", "e1"]),
    ("label=car&label=dog", ["e3", "e2"]),
    ("severity=low", ["e4", "e3", "e2", "e1"]),
    ("severity=medium", ["e4", "e3", "e1"]),
    ("severity=critical", ["e1"]),
    ("state=open", ["e2", "e1"]),
    ("state=ended&state=interrupted", ["e4", "e3"]),
    ("reviewed=true", ["e3"]),
    ("reviewed=false", ["e4", "e2", "e1"]),
    ("batch=batch-2", ["e4"]),
    ("from=2026-09-21T14:13:22Z", ["e4", "e3"]),
    ("to=2026-09-21T14:13:22Z", ["e2", "e1"]),
    ("from=2026-09-21T16:13:21%2B02:00&to=2026-09-21T14:13:22Z", ["e2"]),
    ("label=person&severity=high&state=open&camera=front", ["e1"]),
    ("limit=2", ["e4", "e3"]),
]


async def test_a_filter_finds_what_it_names(box: WebBox) -> None:
    """Filters of different kinds are joined by *and*, values of one kind by *or*; the newest come first."""
    await seed(box)
    for query, found in FILTERS:
        assert await ids(box, query) == found, query


MISTAKES = (
    *("limit=0", "limit=501", "limit=x", "severity=grave", "state=closed", "reviewed=2", "from=yesterday"),
    *("from=2026-09-21T14:13:22", "page=zzz", "camera=No%20Slug", "colour=red", "limit=1&limit=2"),
)


async def test_a_filter_that_does_not_fit_is_refused(box: WebBox) -> None:
    """A mistyped filter is not taken for none, and the answer says what was expected."""
    for query in MISTAKES:
        refused = await box.get(f"{EVENTS}?{query}")
        assert refused.status == 422, query
        assert refused.json["field"]
        assert refused.json["expected"]


async def pages(box: WebBox, query: str) -> list[list[str]]:
    """Follow a list from page to page."""
    found, token = [], ""
    while True:
        answer = (await box.get(f"{EVENTS}?{query}{token}")).json
        found.append([event["id"] for event in answer["items"]])
        if answer["next"] is None:
            return found
        token = f"&page={answer['next']}"


async def test_pages_neither_repeat_nor_skip_events_of_the_same_instant(box: WebBox) -> None:
    """Where many events begin at once, the id decides, and each is on exactly one page."""
    await box.add(batch_row())
    await box.add(*(event_row(f"e{i:02}", started_us=NOON_US + i // 5) for i in range(23)))
    for limit in (1, 2, 3, 22, 23, 24):
        found = await pages(box, f"limit={limit}")
        assert [i for page in found for i in page] == [f"e{i:02}" for i in reversed(range(23))]
        assert all(len(page) == limit for page in found[:-1])
        assert found[-1]


async def test_a_page_begins_where_the_one_before_ended_whatever_came_in_between(box: WebBox) -> None:
    """New and deleted events shift nothing."""
    await box.add(batch_row())
    await box.add(*(event_row(f"e{i}", started_us=NOON_US + i) for i in range(6)))
    first = (await box.get(f"{EVENTS}?limit=3")).json
    await box.ask("DELETE", f"{EVENTS}/e3")
    await box.add(event_row("e9", started_us=NOON_US + 9))
    second = (await box.get(f"{EVENTS}?limit=3&page={first['next']}")).json
    assert [event["id"] for event in second["items"]] == ["e2", "e1", "e0"]


async def test_a_list_and_the_messages_after_it_fit_without_a_gap(box: WebBox) -> None:
    """The cursor of a list is that of its own snapshot: what comes after it is said after it."""
    await seed(box)
    listed = await box.get(EVENTS)
    changed = await box.ask("PATCH", f"{EVENTS}/e1", {"note": "the postman"})
    async with box.http.ws_connect(f"{box.url}/api/v1/ws?channels=events&after={listed.cursor}") as socket:
        async with asyncio.timeout(10):
            heard = [await socket.receive_json() for _ in range(3)]
    assert [said["type"] for said in heard] == ["hello", "subscribed", "event_updated"]
    assert heard[2]["cursor"] == changed.cursor == listed.cursor + 1
    assert heard[2]["data"] == changed.json == (await box.get(f"{EVENTS}/e1")).json


async def test_an_event_is_reviewed_and_noted(box: WebBox) -> None:
    """A person's mark and words are kept; nothing else of the event changes."""
    await seed(box)
    before = (await box.get(f"{EVENTS}/e1")).json
    changed = await box.ask("PATCH", f"{EVENTS}/e1", {"reviewed": True, "note": "ours"})
    assert changed.json == {**before, "reviewed": True, "note": "ours"}
    again = await box.ask("PATCH", f"{EVENTS}/e1", {"reviewed": False})
    assert again.json == {**before, "note": "ours"}


REVIEWS = [
    ({}, ["e1", "e2", "e4"]),
    ({"camera": ["front"]}, ["e1", "e4"]),
    ({"label": ["car", "dog"]}, ["e2"]),
    ({"severity": "medium"}, ["e1", "e4"]),
    ({"state": ["interrupted"]}, ["e4"]),
    ({"batch": "batch-2"}, ["e4"]),
    ({"from": "2026-09-21T14:13:21Z", "to": "2026-09-21T14:13:23Z"}, ["e2"]),
    ({"until": "2026-09-21T14:13:23Z"}, ["e1", "e2"]),
    ({"until": "2026-09-21T14:13:23Z", "to": "2026-09-21T14:13:21Z"}, ["e1"]),
    ({"label": ["zebra"]}, []),
]


@pytest.mark.parametrize(("asked", "marked"), REVIEWS, ids=str)
async def test_all_that_a_filter_finds_is_reviewed(
    box: WebBox, asked: dict[str, object], marked: list[str]
) -> None:
    """The filters are those of the list; what began at ``until`` or later stays, and a batch's mark too."""
    await seed(box)
    before = (await box.get(EVENTS)).cursor
    done = await box.ask("POST", f"{EVENTS}/review", {"reviewed": True, **asked})
    assert (done.status, done.json) == (200, {"count": len(marked)})
    assert done.cursor == before + len(marked), "each is said, and nothing else"
    assert sorted(await ids(box, "reviewed=true")) == sorted([*marked, "e3"])
    again = await box.ask("POST", f"{EVENTS}/review", {"reviewed": True, **asked})
    assert (again.json, again.cursor) == ({"count": 0}, done.cursor)
    batches = (await box.get("/api/v1/batches")).json["items"]
    assert not any(batch["reviewed"] for batch in batches)


async def test_all_are_marked_in_portions_with_room_for_others(box: WebBox) -> None:
    """However many they are: no unit of the writer has more than a portion, and another gets in between."""
    many = LOOKED_UP + MARKED + 7
    await box.add(batch_row(), *(event_row(f"e{n:05}", started_us=NOON_US + n // 3) for n in range(many)))
    marking = asyncio.create_task(box.ask("POST", f"{EVENTS}/review", {"reviewed": True}))
    while not await ids(box, "reviewed=true&limit=1"):
        pass
    noted = await box.ask("PATCH", f"{EVENTS}/e00000", {"note": "in between"})
    done = await marking
    assert noted.cursor < done.cursor
    assert done.json == {"count": many}
    assert await ids(box, "reviewed=false") == []
    assert (await box.ask("POST", f"{EVENTS}/review", {"reviewed": False})).json == {"count": many}


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"reviewed": 1},
        {"reviewed": True, "camera": "front"},
        {"reviewed": True, "until": "now"},
        {"reviewed": True, "colour": "red"},
        {"reviewed": True, "severity": "grave"},
    ],
    ids=str,
)
async def test_a_review_that_does_not_fit_marks_nothing(box: WebBox, body: object) -> None:
    """A mistyped filter is not taken for none."""
    await seed(box)
    assert (await box.ask("POST", f"{EVENTS}/review", body)).status == 422
    assert await ids(box, "reviewed=true") == ["e3"]


@pytest.mark.parametrize(
    "change", [{"severity": "low"}, {"reviewed": 1}, {"note": None}, {"note": "x" * 2001}, [], "text"]
)
async def test_nothing_else_of_an_event_can_be_changed(box: WebBox, change: object) -> None:
    """What was seen is not rewritten."""
    await seed(box)
    assert (await box.ask("PATCH", f"{EVENTS}/e1", change)).status == 422


async def test_a_deleted_event_takes_its_alerts_and_its_picture_along(box: WebBox) -> None:
    """After the commit nothing of it is left but its detections."""
    box.with_.pictures.write("e1-1.jpg", JPEG)  # type: ignore[attr-defined]
    await box.add(batch_row(), event_row("e1", picture="e1-1.jpg"), alert_row(event_id="e1"))
    assert (await box.ask("DELETE", f"{EVENTS}/e1")).status == 204
    assert (await box.get(f"{EVENTS}/e1")).status == 404
    assert (await box.get("/api/v1/alerts")).json["items"] == []
    assert box.with_.pictures.read("e1-1.jpg") is None


UNKNOWN = [
    ("GET", ""),
    ("PATCH", ""),
    ("DELETE", ""),
    ("GET", "/detections"),
    ("GET", "/story"),
    ("GET", "/picture"),
]


async def test_an_unknown_event_is_not_found(box: WebBox) -> None:
    """The answer names the id that was asked for."""
    for method, path in UNKNOWN:
        answer = await box.ask(method, f"{EVENTS}/nothing{path}", {} if method == "PATCH" else None)
        assert answer.status == 404
        assert "nothing" in answer.json["detail"]


async def test_a_picture_is_fetched_once_and_then_asked_about(box: WebBox) -> None:
    """Whoever has logged out, or sees the camera no more, is shown nothing that the browser has kept."""
    box.with_.pictures.write("e1-1.jpg", JPEG)  # type: ignore[attr-defined]
    await box.add(batch_row(), event_row("e1", picture="e1-1.jpg"))
    address = (await box.get(f"{EVENTS}/e1")).json["picture"]
    picture = await box.get(address)
    assert (picture.body, picture.headers["Content-Type"]) == (JPEG, "image/jpeg")
    assert picture.headers["Cache-Control"] == "private, no-cache"
    again = await box.get(address, **{"If-None-Match": picture.headers["ETag"]})
    assert (again.status, again.body) == (304, b"")


async def test_a_missing_picture_is_told_apart_from_a_lost_one(box: WebBox) -> None:
    """An event without picture, and one whose file is gone, say which of the two it is."""
    await box.add(batch_row(), event_row("e1"), event_row("e2", picture="e2-1.jpg"))
    none, lost = await box.get(f"{EVENTS}/e1/picture"), await box.get(f"{EVENTS}/e2/picture")
    assert (none.status, lost.status) == (404, 404)
    assert "has no picture" in none.json["detail"]
    assert "not on the disk" in lost.json["detail"]


def frame_row(at_us: int, tracks: list[int], **changes: Any) -> Detection:
    """Return an analysed frame with one box for each of these tracks; 0 is a box of no track."""
    n = len(tracks)
    found = Detections(
        CameraId("front"),
        WallUs(at_us),
        MediaTime(0, Fraction(1)),
        MonotonicNs(0),
        640,
        360,
        np.tile(np.array([10, 20, 110, 220], np.float32), (n, 1)),
        np.full(n, 0.5, np.float32),
        ("person",) * n,
    )
    packed = pack(TrackedDetections(found, np.array(tracks, np.int64)))
    values = {"camera_id": "front", "at_us": at_us, "width": 640, "height": 360, "model_id": 1}
    return Detection(**{**values, "labels": packed.labels, "boxes": packed.boxes, **changes})


async def seed_track(box: WebBox) -> None:
    """Insert an event of track 7 with seven frames in its time, and what does not belong to it."""
    await box.add(batch_row(), event_row("e1", track_id=7, last_seen_us=NOON_US + 6 * SECOND_US))
    times = [NOON_US + i * SECOND_US for i in range(7)]
    tracks = [[7, 8], [7], [0, 8], [7], [], [7, 7], [7]]
    await box.add(*(frame_row(at, track) for at, track in zip(times, tracks, strict=True)))
    await box.add(
        frame_row(NOON_US - SECOND_US, [7]),
        frame_row(NOON_US + 7 * SECOND_US, [7]),
        frame_row(NOON_US, [7], camera_id="yard"),
    )


async def test_the_boxes_of_an_event_are_those_of_its_own_object(box: WebBox) -> None:
    """Only its track, its camera and its time count; frames in which it was not found are left out."""
    await seed_track(box)
    items = (await box.get(f"{EVENTS}/e1/detections")).json["items"]
    assert [item["at"][17:19] for item in items] == ["20", "21", "23", "25", "26"]
    assert {found["track_id"] for item in items for found in item["boxes"]} == {7}
    assert items[0]["boxes"] == [
        {"box": [10.0, 20.0, 110.0, 220.0], "label": "person", "score": 0.5, "track_id": 7}
    ]


@pytest.mark.parametrize("limit", [1, 2, 3, 7])
async def test_the_boxes_of_an_event_come_in_pages(box: WebBox, limit: int) -> None:
    """Every frame is on exactly one page, oldest first."""
    await seed_track(box)
    found: list[str] = []
    token = ""
    while True:
        answer = (await box.get(f"{EVENTS}/e1/detections?limit={limit}{token}")).json
        found += [item["at"][17:19] for item in answer["items"]]
        if answer["next"] is None:
            break
        token = f"&page={answer['next']}"
    assert found == ["20", "21", "23", "25", "26"]


async def test_the_boxes_of_an_event_can_be_limited_to_a_time(box: WebBox) -> None:
    """A player asks only for what it shows."""
    await seed_track(box)
    query = "from=2026-09-21T14:13:21Z&to=2026-09-21T14:13:25Z"
    items = (await box.get(f"{EVENTS}/e1/detections?{query}")).json["items"]
    assert [item["at"][17:19] for item in items] == ["21", "23"]


async def test_an_event_is_told_as_a_story(box: WebBox) -> None:
    """Of its own object's boxes, in parts of the picture; the way ends where it was seen last."""
    await seed_track(box)
    answer = await box.get(f"{EVENTS}/e1/story")
    story = answer.json
    assert answer.cursor > 0
    assert story["event_id"] == "e1"
    assert [(one["kind"], one["at"][17:19]) for one in story["moments"]] == [
        ("appeared", "20"),
        ("stood_still", "20"),
        ("still_there", "26"),
    ]
    assert [one["at"][17:19] for one in story["path"]] == ["20", "21", "23", "25", "26"]
    assert story["path"][0]["box"] == [0.0156, 0.0556, 0.1719, 0.6111]


async def test_the_story_of_hours_costs_no_more_than_that_of_minutes(box: WebBox) -> None:
    """Of thousands of analysed frames some hundreds are looked at; the ends are told all the same."""
    count = 2_000
    await box.add(batch_row(), event_row("e1", track_id=7, last_seen_us=NOON_US + count * SECOND_US))
    await box.add(*(frame_row(NOON_US + i * SECOND_US, [7]) for i in range(count + 1)))
    async with box.with_.reader.read() as connection:
        seen = await sights(connection, await event_course(connection, EventId("e1")))
    assert len(seen) <= MOST_FRAMES
    assert seen[0].at_us == NOON_US
    assert NOON_US + (count - count / MOST_FRAMES - 1) * SECOND_US <= seen[-1].at_us
    story = (await box.get(f"{EVENTS}/e1/story")).json
    assert len(story["path"]) == 200
    assert story["moments"][-1]["at"] == "2026-09-21T14:46:40.000Z"


async def test_an_event_whose_boxes_are_gone_still_has_a_story(box: WebBox) -> None:
    """Boxes are kept for a month, events for a year: then it says only when it began and ended."""
    await box.add(batch_row(), event_row("e1", state="ended", ended_us=NOON_US + SECOND_US))
    story = (await box.get(f"{EVENTS}/e1/story")).json
    assert [one["kind"] for one in story["moments"]] == ["appeared", "left"]
    assert story["path"] == []


async def test_the_token_of_another_list_is_refused(box: WebBox) -> None:
    """A token of the events does not stand for a place among the boxes."""
    await seed_track(box)
    await box.add(event_row("e2", started_us=NOON_US - 1))
    token = (await box.get(f"{EVENTS}?limit=1")).json["next"]
    assert (await box.get(f"{EVENTS}/e1/detections?page={token}")).status == 422
