"""The timeline of several cameras over the API."""

from urllib.parse import urlencode

import pytest

from appliance.domain.footage import Cause
from appliance.domain.ids import CameraId
from appliance.store import footage
from appliance.store.times import iso_of_us
from tests.support.footage_rows import gap, minute, segment
from tests.support.rows import batch_row, camera_row, event_row
from tests.support.web import Answer, WebBox

YARD = CameraId("yard")


async def seed(box: WebBox) -> None:
    """Record the front camera for four minutes, with a gap of one and a half, and the yard not at all."""
    await box.add(
        camera_row("front"),
        camera_row("yard"),
        batch_row(),
        event_row("e1", started_us=minute(0.5), severity=1),
        event_row("e2", started_us=minute(1.9), severity=3),
        event_row("e3", started_us=minute(2), severity=0),
        event_row("e4", started_us=minute(9), camera_id="yard", severity=2),
    )
    segments = [segment(0, has_motion=True), segment(1), segment(2, end_us=minute(2.5)), segment(4)]
    gaps = [gap(2.5, 3, Cause.IDLE), gap(3, 4, Cause.CAMERA_DOWN), gap(-9, 30, Cause.OFF, YARD)]

    def work(connection):  # type: ignore[no-untyped-def]
        footage.save_segments(connection, segments)
        footage.protect(connection, CameraId("front"), minute(4), minute(5), is_protected=True)
        for one in gaps:
            footage.add_gap(connection, one)

    await box.spine.committer.commit(work)


async def ask(box: WebBox, begin: float, end: float, cameras: list[str], **others: object) -> Answer:
    """Ask for the time between two minutes."""
    times = {"from": iso_of_us(minute(begin)), "to": iso_of_us(minute(end))}
    return await box.get(f"/api/v1/timeline?{urlencode({'camera': cameras, **times, **others}, doseq=True)}")


async def test_each_bucket_says_what_there_is_in_it(box: WebBox) -> None:
    """Shares of what was recorded, moved and is missing, the cause, and the events that begin there."""
    await seed(box)
    answer = await ask(box, -2, 8, ["front"], buckets=5)
    assert answer.status == 200, answer.body
    assert (answer.json["bucket_s"], answer.json["cameras"][0]["camera_id"]) == (120.0, "front")
    plain = {"motion": 0.0, "missing": 0.0, "cause": None, "protected": False, "events": 0, "severity": None}
    assert answer.json["cameras"][0]["buckets"] == [
        {
            **plain,
            "at": iso_of_us(minute(0)),
            "recorded": 1.0,
            "motion": 0.5,
            "events": 2,
            "severity": "critical",
        },
        {
            **plain,
            "at": iso_of_us(minute(2)),
            "recorded": 0.25,
            "missing": 0.5,
            "cause": "camera_down",
            "events": 1,
            "severity": "low",
        },
        {**plain, "at": iso_of_us(minute(4)), "recorded": 0.5, "protected": True},
    ]


async def test_several_cameras_come_in_the_order_asked_for(box: WebBox) -> None:
    """From one snapshot, whose cursor the answer carries; an event without footage is shown as well."""
    await seed(box)
    answer = await ask(box, 0, 12, ["yard", "front"], buckets=2)
    yard, front = answer.json["cameras"]
    assert (yard["camera_id"], front["camera_id"]) == ("yard", "front")
    assert [(b["cause"], b["missing"], b["events"]) for b in yard["buckets"]] == [
        ("off", 0.0, 0),
        ("off", 0.0, 1),
    ]
    assert answer.cursor == (await box.get("/api/v1/events")).cursor


async def test_a_range_of_a_year_is_read_in_portions(box: WebBox) -> None:
    """What overlaps the border of a portion counts once."""
    await seed(box)
    days = 1440
    answer = await ask(box, -31 * days + 0.25, 300 * days, ["front"], buckets=1)
    (bucket,) = answer.json["cameras"][0]["buckets"]
    lasts = 331 * days - 0.25
    assert bucket["recorded"] == pytest.approx(3.5 / lasts, abs=1e-6)
    assert bucket["events"] == 3
    cut = await ask(box, 2.25, 2.25 + 31 * days, ["front"], buckets=31 * days)
    assert cut.status == 422


MISTAKES = [
    ({"camera": []}, "camera"),
    ({"camera": [f"c{n}" for n in range(17)]}, "camera"),
    ({"camera": "No Slug"}, "camera"),
    ({"buckets": 0}, "buckets"),
    ({"buckets": 2001}, "buckets"),
    ({"buckets": "many"}, "buckets"),
    ({"to": iso_of_us(minute(0.5))}, "to"),
    ({"to": iso_of_us(minute(-1))}, "to"),
    ({"to": iso_of_us(minute(367 * 1440))}, "to"),
    ({"from": "yesterday"}, "from"),
    ({"colour": "red"}, "colour"),
]


@pytest.mark.parametrize(("change", "field"), MISTAKES, ids=str)
async def test_what_does_not_fit_is_refused(box: WebBox, change: dict[str, object], field: str) -> None:
    """The answer names the field and says what was expected."""
    await seed(box)
    whole = {"camera": "front", "from": iso_of_us(minute(0)), "to": iso_of_us(minute(5)), **change}
    refused = await box.get(f"/api/v1/timeline?{urlencode(whole, doseq=True)}")
    assert refused.status == 422, refused.body
    assert refused.json["field"].startswith(field)
    assert refused.json["expected"]


async def test_an_unknown_camera_is_not_found(box: WebBox) -> None:
    """The answer names it, whichever of several it is."""
    await seed(box)
    refused = await ask(box, 0, 5, ["front", "nowhere"])
    assert refused.status == 404
    assert "nowhere" in refused.json["detail"]
