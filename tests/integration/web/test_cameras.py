"""Cameras over the API."""

import asyncio
import base64
import threading
from urllib.parse import quote

import pytest
from sqlalchemy import text

from appliance.domain.camera import CameraStats, StreamFacts, Trial
from appliance.domain.ids import CameraId
from appliance.errors import SourceFailure
from appliance.packets.search import Found, Missed
from appliance.store.times import iso_of_us
from appliance.web import addresses
from tests.support.rows import camera_row
from tests.support.web import JPEG, FakeCameras, FakeStats, WebBox

CAMERAS = "/api/v1/cameras"
NEW = {"name": "Front door", "address": "rtsp://user:canary@192.0.2.7/stream"}


def fakes(box: WebBox) -> FakeCameras:
    """Return the made-up cameras behind the server."""
    assert isinstance(box.with_.cameras, FakeCameras)
    return box.with_.cameras


async def test_an_added_camera_is_in_the_list(box: WebBox) -> None:
    """What was added is there at once, with an id made of its name."""
    added = await box.ask("POST", CAMERAS, NEW)
    listed = await box.get(CAMERAS)
    assert (added.status, added.headers["Location"]) == (201, f"{CAMERAS}/front-door")
    assert added.json["status"] == "connecting"
    assert listed.json == {"items": [added.json], "next": None}
    assert (await box.get(added.headers["Location"])).json == added.json


async def test_cameras_of_the_same_name_get_ids_of_their_own(box: WebBox) -> None:
    """A made id is never in the way of another camera."""
    ids = [(await box.ask("POST", CAMERAS, NEW)).json["id"] for _ in range(3)]
    assert ids == ["front-door", "front-door-2", "front-door-3"]


async def test_a_chosen_id_that_is_taken_is_a_conflict(box: WebBox) -> None:
    """A camera is not replaced by another one unnoticed."""
    first = await box.ask("POST", CAMERAS, {**NEW, "id": "gate"})
    second = await box.ask("POST", CAMERAS, {**NEW, "id": "gate"})
    assert (first.status, second.status) == (201, 409)
    assert "gate" in second.json["detail"]


NIGHTLY = {"days": ["mon", "sun"], "from": "22:00", "to": "06:00", "mode": "continuous"}

MISFITS: list[tuple[dict[str, object], str]] = [
    ({"id": "Not A Slug"}, "id"),
    ({"id": "stats"}, "id"),
    ({"name": ""}, "name"),
    ({"name": "  "}, "name"),
    ({"name": "a\u0000b"}, "name"),
    ({"name": "x" * 101}, "name"),
    ({"name": 5}, "name"),
    ({"detect_fps": 0}, "detect_fps"),
    ({"detect_fps": 31}, "detect_fps"),
    ({"enabled": "yes"}, "enabled"),
    ({"labels": [""]}, "labels[0]"),
    ({"decode": "never"}, "decode"),
    ({"live_address": ""}, "live_address"),
    ({"live_address": 5}, "live_address"),
    ({"recording": 5}, "recording"),
    ({"recording": None}, "recording"),
    ({"recording": {"mode": "sometimes"}}, "recording.mode"),
    ({"recording": {"pre_roll_s": 61}}, "recording.pre_roll_s"),
    ({"recording": {"post_roll_s": -1}}, "recording.post_roll_s"),
    ({"recording": {"keep_days": 0}}, "recording.keep_days"),
    ({"recording": {"most_bytes": 5}}, "recording.most_bytes"),
    ({"recording": {"sound": "no"}}, "recording.sound"),
    ({"recording": {"colour": "red"}}, "recording.colour"),
    ({"recording": {"schedule": [{**NIGHTLY, "days": []}]}}, "recording.schedule[0].days"),
    ({"recording": {"schedule": [{**NIGHTLY, "days": ["monday"]}]}}, "recording.schedule[0].days[0]"),
    ({"recording": {"schedule": [{**NIGHTLY, "from": "24:00"}]}}, "recording.schedule[0].from"),
    ({"recording": {"schedule": [{**NIGHTLY, "to": "6"}]}}, "recording.schedule[0].to"),
    ({"recording": {"schedule": [{**NIGHTLY, "mode": "x"}]}}, "recording.schedule[0].mode"),
    ({"recording": {"schedule": [{**NIGHTLY, "until": "6"}]}}, "recording.schedule[0].until"),
    ({"recording": {"schedule": [NIGHTLY] * 65}}, "recording.schedule"),
    ({"colour": "red"}, "colour"),
    ({"status": "online"}, "status"),
]


async def test_a_field_that_does_not_fit_is_named(box: WebBox) -> None:
    """Nothing is stored, and the answer says which field was wrong and what was expected."""
    for change, field in MISFITS:
        refused = await box.ask("POST", CAMERAS, {**NEW, **change})
        assert (refused.status, refused.json["field"]) == (422, field)
        assert refused.json["expected"]
    assert (await box.get(CAMERAS)).json["items"] == []


@pytest.mark.parametrize("missing", ["name", "address"])
async def test_a_missing_field_is_named(box: WebBox, missing: str) -> None:
    """Name and address are all that a camera needs, and it needs both."""
    refused = await box.ask("POST", CAMERAS, {k: v for k, v in NEW.items() if k != missing})
    assert (refused.status, refused.json["field"]) == (422, missing)


@pytest.mark.parametrize(
    "address",
    ["", "ftp://x", "file:///etc/passwd", "rtsp://127.0.0.1/s", "rtsp://169.254.169.254/s", "rtsp://"],
)
async def test_an_address_that_may_not_be_read_is_refused(box: WebBox, address: str) -> None:
    """The API cannot make the box read files or talk to itself; to test such an address is refused alike."""
    added = await box.ask("POST", CAMERAS, {**NEW, "address": address})
    tested = await box.ask("POST", f"{CAMERAS}/test", {"address": address})
    assert (added.status, tested.status) == (422, 422)
    assert fakes(box).probed == []


async def test_the_demo_scene_can_be_added(box: WebBox) -> None:
    """Somebody without a camera can look around."""
    assert (await box.ask("POST", CAMERAS, {"name": "Demo", "address": "demo:"})).status == 201


async def test_a_change_changes_only_what_it_names(box: WebBox) -> None:
    """The other fields stay as they were."""
    before = (await box.ask("POST", CAMERAS, {**NEW, "labels": ["person"]})).json
    after = (await box.ask("PATCH", f"{CAMERAS}/front-door", {"name": "Gate", "labels": None})).json
    assert after == {**before, "name": "Gate", "labels": None}


DEFAULT_RECORDING = {
    "mode": "continuous",
    "pre_roll_s": 5.0,
    "post_roll_s": 5.0,
    "schedule": [],
    "keep_days": None,
    "most_bytes": None,
    "sound": True,
}


async def test_a_camera_is_recorded_continuously_unless_its_owner_says_otherwise(box: WebBox) -> None:
    """The answer holds all of it, whatever was named."""
    plain = await box.ask("POST", CAMERAS, NEW)
    assert plain.json["recording"] == DEFAULT_RECORDING
    wanted = {"mode": "motion", "keep_days": 14, "schedule": [NIGHTLY]}
    named = await box.ask("POST", CAMERAS, {**NEW, "recording": wanted})
    assert named.json["recording"] == {**DEFAULT_RECORDING, **wanted}


async def test_a_change_of_the_recording_changes_the_members_that_it_names(box: WebBox) -> None:
    """A schedule is replaced whole, and null takes a limit away."""
    wanted = {"mode": "events", "keep_days": 14.0, "most_bytes": 10**9, "schedule": [NIGHTLY, NIGHTLY]}
    await box.ask("POST", CAMERAS, {**NEW, "recording": wanted})
    for change in (
        {"pre_roll_s": 2.5},
        {"schedule": [NIGHTLY]},
        {"keep_days": None},
        {},
        {"mode": "off"},
        {"sound": False},
    ):
        wanted |= change
        changed = await box.ask("PATCH", f"{CAMERAS}/front-door", {"recording": change})
        assert changed.json["recording"] == {**DEFAULT_RECORDING, **wanted}
    assert (await box.get(f"{CAMERAS}/front-door")).json == changed.json


async def test_what_a_time_of_day_is_is_said_in_words(box: WebBox) -> None:
    """Not as the pattern that it is checked by."""
    wanted = {"schedule": [{**NIGHTLY, "from": "25:00"}]}
    refused = await box.ask("POST", CAMERAS, {**NEW, "recording": wanted})
    assert refused.json["detail"] == (
        'recording.schedule[0].from: expected a time of day from 00:00 to 23:59, got "25:00"'
    )


SMALL = "rtsp://192.0.2.7/small"


async def live_address_of(box: WebBox) -> object:
    """Return the second address that the camera's manager is shown."""
    return (await box.get(f"{CAMERAS}/front-door/address")).json["live_address"]


async def test_a_second_address_is_a_flag_in_the_list_and_shown_to_who_manages_cameras(box: WebBox) -> None:
    """Like the first one it is in no list and no message."""
    added = await box.ask("POST", CAMERAS, {**NEW, "live_address": SMALL, "decode": "keyframes"})
    assert (added.status, added.json["has_live_url"], added.json["decode"]) == (201, True, "keyframes")
    assert SMALL not in added.body.decode()
    assert await live_address_of(box) == SMALL
    changed = await box.ask("PATCH", f"{CAMERAS}/front-door", {"live_address": None, "decode": "always"})
    assert (changed.json["has_live_url"], changed.json["decode"]) == (False, "always")
    assert await live_address_of(box) is None


@pytest.mark.parametrize(
    ("live_address", "why"),
    [
        ("rtsp://user:canary@192.0.2.7/small", "the second one uses the same"),
        ("rtsp://192.0.2.8/small", "on the host of the first one"),
        ("demo:", "on the host of the first one"),
        ("file:///etc/passwd", "configuration file only"),
        ("rtsp://127.0.0.1/small", "configuration file only"),
    ],
)
async def test_a_second_address_that_leads_elsewhere_is_refused(
    box: WebBox, live_address: str, why: str
) -> None:
    """It is read with the camera's credentials; the answer names the field and repeats no password."""
    added = await box.ask("POST", CAMERAS, {**NEW, "live_address": live_address})
    await box.ask("POST", CAMERAS, NEW)
    changed = await box.ask("PATCH", f"{CAMERAS}/front-door", {"live_address": live_address})
    for refused in (added, changed):
        assert (refused.status, refused.json["field"]) == (422, "live_address")
        assert why in refused.json["detail"]
        assert "canary" not in refused.body.decode()
    assert await live_address_of(box) is None


@pytest.mark.parametrize(
    ("address", "kept"),
    [("rtsp://192.0.2.7/other", True), ("rtsp://192.0.2.8/stream", False), ("demo:", False)],
)
async def test_a_second_address_is_forgotten_when_the_camera_moves(
    box: WebBox, address: str, kept: bool
) -> None:
    """The new camera's password is not sent to the machine of the old one."""
    await box.ask("POST", CAMERAS, {**NEW, "live_address": SMALL})
    moved = await box.ask("PATCH", f"{CAMERAS}/front-door", {"address": address})
    assert (moved.status, moved.json["has_live_url"]) == (200, kept)
    assert await live_address_of(box) == (SMALL if kept else None)


async def test_both_addresses_can_move_together(box: WebBox) -> None:
    """The second one is held against the first one as it will be."""
    await box.ask("POST", CAMERAS, {**NEW, "live_address": SMALL})
    there = {"address": "rtsp://192.0.2.8/stream", "live_address": "rtsp://192.0.2.8/small"}
    assert (await box.ask("PATCH", f"{CAMERAS}/front-door", there)).status == 200
    assert await live_address_of(box) == "rtsp://192.0.2.8/small"


async def test_an_empty_change_changes_nothing_and_says_nothing(box: WebBox) -> None:
    """No message is sent for a row that stayed as it was."""
    before = await box.ask("POST", CAMERAS, NEW)
    after = await box.ask("PATCH", f"{CAMERAS}/front-door", {})
    assert (after.status, after.json, after.cursor) == (200, before.json, before.cursor)


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("rtsp://192.0.2.7/other", True),
        ("rtsp://192.0.2.8/stream", False),
        ("rtsp://192.0.2.7:8554/stream", False),
        ("demo:", False),
        ("rtsp://other:word@192.0.2.8/stream", True),
    ],
)
async def test_credentials_stay_only_with_their_host(box: WebBox, address: str, kept: bool) -> None:
    """A password given for one camera is never sent to another machine."""
    await box.ask("POST", CAMERAS, NEW)
    await box.ask("PATCH", f"{CAMERAS}/front-door", {"address": address})
    found = (await box.get(f"{CAMERAS}/front-door/address")).json
    assert found["has_credentials"] is kept
    assert "word" not in found["address"]


async def test_a_deleted_camera_is_gone_with_its_credentials(box: WebBox) -> None:
    """Nothing of a password is left once its camera is deleted."""
    await box.ask("POST", CAMERAS, NEW)
    deleted = await box.ask("DELETE", f"{CAMERAS}/front-door")
    assert (deleted.status, deleted.body) == (204, b"")
    assert (await box.get(f"{CAMERAS}/front-door")).status == 404
    async with box.spine.reader.read() as connection:
        left = (await connection.execute(text("SELECT count(*) FROM camera_credentials"))).scalar_one()
    assert left == 0


@pytest.mark.parametrize(("method", "body"), [("PATCH", {"name": "x"}), ("DELETE", None)])
async def test_a_camera_of_the_file_is_read_only(box: WebBox, method: str, body: object) -> None:
    """What the configuration file manages is changed there, and the answer says so."""
    await box.add(camera_row(managed_by="file"))
    refused = await box.ask(method, f"{CAMERAS}/front", body)
    assert refused.status == 409
    assert "configuration file" in refused.json["detail"]
    assert (await box.get(f"{CAMERAS}/front")).json["name"] == "Front door"


UNKNOWN = [("GET", ""), ("PATCH", ""), ("DELETE", ""), ("GET", "/address"), ("GET", "/frame.jpg")]


async def test_an_unknown_camera_is_not_found(box: WebBox) -> None:
    """The answer names the id that was asked for."""
    for method, path in UNKNOWN:
        answer = await box.ask(method, f"{CAMERAS}/nobody{path}", {} if method == "PATCH" else None)
        assert (answer.status, answer.json["type"]) == (404, "urn:nightjar:problem:not-found")
        assert "nobody" in answer.json["detail"]


async def test_the_newest_frame_is_a_jpeg_that_nobody_keeps(box: WebBox) -> None:
    """The page shows what is now, not what a cache remembers."""
    await box.add(camera_row())
    fakes(box).frames[CameraId("front")] = JPEG
    answer = await box.get(f"{CAMERAS}/front/frame.jpg")
    assert (answer.status, answer.body, answer.headers["Content-Type"]) == (200, JPEG, "image/jpeg")
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Nightjar-Taken-At"] == iso_of_us(fakes(box).taken_us)


async def test_a_small_frame_is_asked_for_by_its_size(box: WebBox) -> None:
    """Other names in the query are let pass; another size is refused with the two that there are."""
    await box.add(camera_row())
    fakes(box).frames[CameraId("front")] = JPEG
    fakes(box).small_frames[CameraId("front")] = b"small"
    for query, body in (("?size=small", b"small"), ("?size=full", JPEG), ("?t=17", JPEG)):
        assert (await box.get(f"{CAMERAS}/front/frame.jpg{query}")).body == body
    refused = await box.get(f"{CAMERAS}/front/frame.jpg?size=huge")
    assert (refused.status, refused.json["expected"]) == (422, "one of full, small")


async def test_why_a_second_address_cannot_be_read_is_shown_with_it(box: WebBox) -> None:
    """To whoever manages the camera."""
    await box.add(camera_row(live_url="rtsp://192.0.2.1/small"))
    fakes(box).notes[CameraId("front")] = "there is no such path"
    assert (await box.get(f"{CAMERAS}/front/address")).json == {
        "address": "rtsp://192.0.2.1/stream",
        "has_credentials": False,
        "live_address": "rtsp://192.0.2.1/small",
        "live_note": "there is no such path",
    }


async def test_without_a_frame_the_reason_is_said(box: WebBox) -> None:
    """A person reads why there is nothing to see."""
    await box.add(camera_row(status="offline", status_reason="no answer within 5 s"))
    answer = await box.get(f"{CAMERAS}/front/frame.jpg")
    assert answer.status == 404
    assert answer.json["detail"] == "Front door has no frame to show; it is offline: no answer within 5 s"


async def test_a_good_address_is_told_with_its_stream(box: WebBox) -> None:
    """The test connects with the credentials and stores nothing."""
    answer = await box.ask("POST", f"{CAMERAS}/test", {"address": NEW["address"]})
    assert answer.json["ok"] is True
    stream = {"codec": "h264", "width": 1280, "height": 720, "fps": 15.0, "gop_s": 2.0, "decoding": None}
    assert answer.json["stream"] == stream
    assert fakes(box).probed[0].credentials is not None
    assert (await box.get(CAMERAS)).json["items"] == []
    assert answer.json["advice"] == []
    assert base64.b64decode(answer.json["picture"]) == fakes(box).trial.jpeg


async def test_a_second_address_is_not_advised_where_there_is_one(box: WebBox) -> None:
    """Nor is anything said of it, which was not looked at."""
    fakes(box).trial = Trial(StreamFacts("h264", 2560, 1440, 10.0, 1.0), jpeg=b"\xff\xd8\xff\xd9")
    wanted = {"address": NEW["address"], "has_live_address": True}
    answer = (await box.ask("POST", f"{CAMERAS}/test", wanted)).json
    assert (answer["advice"], "second stream" in answer["message"]) == ([], False)
    assert len((await box.ask("POST", f"{CAMERAS}/test", {"address": NEW["address"]})).json["advice"]) == 1


async def test_a_test_ends_when_nobody_waits_for_it(box: WebBox) -> None:
    """Its camera is let go of at once, and may be tried again."""
    begun, stopped = threading.Event(), threading.Event()

    def hold(stop: threading.Event) -> None:
        begun.set()
        if stop.wait(20):
            stopped.set()

    fakes(box).holds_probes = hold
    asked = asyncio.create_task(box.ask("POST", f"{CAMERAS}/test", {"address": NEW["address"]}))
    assert await asyncio.to_thread(begun.wait, 10)
    asked.cancel()
    assert await asyncio.to_thread(stopped.wait, 10)


@pytest.mark.parametrize(
    ("facts", "trouble", "kind", "words"),
    [
        (StreamFacts("h264", 1280, 720, 15.0, 2.0), "", None, []),
        (StreamFacts("hevc", 1280, 720, 15.0, 2.0), "", None, ["only some browsers play it"]),
        (StreamFacts("mjpeg", 640, 480, 10.0), "", None, ["single pictures only"]),
        (StreamFacts("mpeg4", 640, 480, 10.0), "no place", "codec", ["cannot be recorded"]),
        (StreamFacts("h264", 640, 480, 10.0, 8.0), "", None, ["every 8.0 s. Set the camera's keyframe"]),
        (StreamFacts("h264", 640, 480, 10.0, None), "", None, ["No second keyframe"]),
        (StreamFacts("h264", 2560, 1440, 10.0, 1.0), "", None, ["second address"]),
    ],
)
async def test_a_test_says_what_could_be_better(
    box: WebBox, facts: StreamFacts, trouble: str, kind: str | None, words: list[str]
) -> None:
    """The codec, the distance of keyframes and the size each have their advice."""
    fakes(box).trial = Trial(facts, trouble, b"\xff\xd8\xff\xd9")
    said = (await box.ask("POST", f"{CAMERAS}/test", {"address": NEW["address"]})).json
    assert (said["ok"], said["kind"], len(said["advice"])) == (True, kind, len(words))
    assert all(word in text for word, text in zip(words, said["advice"], strict=True))


async def test_a_codec_that_can_neither_be_shown_nor_recorded_fails_the_test(box: WebBox) -> None:
    """It is told apart from a camera without video, and from a wrong address."""
    fakes(box).trial = Trial(StreamFacts("vp6", 640, 480, 10.0), "no place", None)
    said = (await box.ask("POST", f"{CAMERAS}/test", {"address": NEW["address"]})).json
    assert (said["ok"], said["kind"], said["picture"]) == (False, "codec", None)
    assert said["message"].endswith("Set the camera's video encoding to H.264.")


async def test_the_figures_of_the_moment_have_a_path_that_is_no_camera_s(box: WebBox) -> None:
    """A camera named like it gets another id."""
    assert isinstance(box.with_.stats, FakeStats)
    box.with_.stats.now = [CameraStats(CameraId("front"), bitrate_bps=4e6, is_quiet=True)]
    added = await box.ask("POST", CAMERAS, {**NEW, "name": "Stats"})
    assert added.json["id"] == "stats-camera"
    assert (await box.get(f"{CAMERAS}/stats")).json == {
        "cameras": [
            {"id": "front", "bitrate_bps": 4_000_000, "corrupt_frames": 0, "reconnects": 0, "is_quiet": True}
        ]
    }


KINDS = ("dns", "refused", "timeout", "unauthorized", "not_found", "no_video", "codec", "protocol", "ended")


async def test_a_failed_test_says_why_and_what_to_do(box: WebBox) -> None:
    """Each kind of failure comes with its next step."""
    for kind in KINDS:
        fakes(box).failure = SourceFailure(kind, "it did not work")
        answer = await box.ask("POST", f"{CAMERAS}/test", {"address": NEW["address"]})
        assert (answer.status, answer.json["ok"], answer.json["kind"]) == (200, False, kind)
        assert answer.json["message"].startswith("It did not work. ")
        assert len(answer.json["message"]) > len("It did not work. ")
    fakes(box).failure = SourceFailure("refused", "is it on?")
    answer = await box.ask("POST", f"{CAMERAS}/test", {"address": NEW["address"]})
    assert answer.json["message"].startswith("Is it on? Check ")


WANTED = {"host": "192.0.2.7", "user": "root", "password": "p@ss/canary"}


async def test_a_camera_is_found_by_host_user_and_password(box: WebBox) -> None:
    """The answer has both addresses without credentials, and how the main stream's trial went."""
    fakes(box).live_url = "rtsp://192.0.2.7/small"
    fakes(box).trial = Trial(StreamFacts("h264", 2560, 1440, 10.0, 8.0), jpeg=b"\xff\xd8\xff\xd9")
    answer = await box.ask("POST", f"{CAMERAS}/find", WANTED)
    assert (answer.status, answer.json["trial"]["ok"], answer.json["tried"]) == (200, True, 1)
    assert answer.json["trial"]["message"].endswith("It has a smaller second stream, too.")
    assert answer.json["address"] == "rtsp://192.0.2.7/main"
    assert answer.json["live_address"] == "rtsp://192.0.2.7/small"
    assert base64.b64decode(answer.json["trial"]["picture"]) == fakes(box).trial.jpeg
    assert "canary" not in answer.body.decode()
    (asked,) = fakes(box).probed
    assert asked.credentials is not None
    assert (asked.url, asked.credentials.password) == ("rtsp://192.0.2.7", "p@ss/canary")
    # A second address is not advised where it was found.
    assert [text.startswith("A keyframe comes every") for text in answer.json["trial"]["advice"]] == [True]
    assert (await box.get(CAMERAS)).json["items"] == []


@pytest.mark.parametrize(
    ("host", "port", "url"),
    [
        (" 192.0.2.7 ", 554, "rtsp://192.0.2.7"),
        ("192.0.2.7", 8554, "rtsp://192.0.2.7:8554"),
        ("2001:db8::5", 554, "rtsp://[2001:db8::5]"),
        ("[2001:db8::5]", 8554, "rtsp://[2001:db8::5]:8554"),
    ],
)
async def test_a_camera_is_looked_for_at_its_host_and_port(
    box: WebBox, host: str, port: int, url: str
) -> None:
    """Without a user there are no credentials."""
    assert (await box.ask("POST", f"{CAMERAS}/find", {"host": host, "port": port})).status == 200
    assert [(one.url, one.credentials) for one in fakes(box).probed] == [(url, None)]


@pytest.mark.parametrize(
    "change",
    [
        *({"host": host} for host in ("", "127.0.0.1", "localhost", "169.254.169.254", "::1", "0x7f.1")),
        *({"host": host} for host in ("root:canary@cam", "cam/canary", "rtsp://cam", "cam:554", "a b")),
        {"host": 5},
        {"user": 5},
        {"user": "x" * 257},
        {"password": "canary" * 43},
        {"user": "canary\u0001"},
        {"user": "\U0001f600" * 65},
        {"password": "canary\u0001"},
        {"password": "\U0001f600" * 65},
        {"port": 0},
        {"port": 65536},
        {"path": "/canary"},
    ],
)
async def test_a_host_that_may_not_be_read_from_is_not_looked_at(
    box: WebBox, change: dict[str, object]
) -> None:
    """What is wrong is said with the field's name, and nothing of it that might be a password."""
    refused = await box.ask("POST", f"{CAMERAS}/find", {**WANTED, **change})
    assert refused.status == 422
    assert refused.json["field"] in change
    assert "canary" not in refused.body.decode()
    assert fakes(box).probed == []


@pytest.mark.parametrize("part", ["\U0001f600" * 64, "%" * 256, "@:/?#" * 51])
async def test_the_longest_user_and_password_fit_into_an_address(box: WebBox, part: str) -> None:
    """What a search takes can be added, percent-encoded, with a long host and path."""
    wanted = {"host": f"{'x' * 60}.invalid", "user": part, "password": part}
    assert (await box.ask("POST", f"{CAMERAS}/find", wanted)).status == 200
    encoded = quote(part, safe="")
    address = f"rtsp://{encoded}:{encoded}@{'x.' * 126}x:65535/{'p' * 200}"
    assert (await box.ask("POST", CAMERAS, {**NEW, "address": address})).status == 201


async def test_a_name_is_looked_up_once_and_stays_in_what_is_found(
    box: WebBox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was looked at is what is searched: the name cannot lead elsewhere meanwhile."""
    asked: list[str] = []

    async def resolver(host: str, port: int, **_how: int) -> list[tuple[object, ...]]:
        asked.append(host)
        return [(10, 1, 6, "", ("2001:db8::5", port, 0, 0)), (2, 1, 6, "", ("192.0.2.7", port))]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", resolver)
    fakes(box).live_url = "rtsp://192.0.2.7:8554/small"
    wanted = {**WANTED, "host": " Cam.Lan ", "port": 8554}
    found = (await box.ask("POST", f"{CAMERAS}/find", wanted)).json
    assert asked == ["cam.lan"]
    assert [one.url for one in fakes(box).probed] == ["rtsp://192.0.2.7:8554"]
    assert (found["address"], found["live_address"]) == (
        "rtsp://cam.lan:8554/main",
        "rtsp://cam.lan:8554/small",
    )


@pytest.mark.parametrize("is_slow", [False, True])
async def test_a_name_that_nobody_knows_is_not_searched(
    box: WebBox, monkeypatch: pytest.MonkeyPatch, is_slow: bool
) -> None:
    """It is told as a trial tells it; a search would look it up again for each path."""

    async def resolver(_host: str, _port: int, **_how: int) -> list[tuple[object, ...]]:
        if is_slow:
            await asyncio.sleep(60)
        raise OSError("no such name")

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", resolver)
    monkeypatch.setattr(addresses, "LOOKUP_S", 0.05 if is_slow else 2.0)
    answer = await box.ask("POST", f"{CAMERAS}/find", {**WANTED, "host": "cam.lan"})
    assert (answer.status, answer.json["trial"]["kind"], answer.json["tried"]) == (200, "dns", 0)
    assert answer.json["trial"]["message"].endswith("write the camera's IP address.")
    assert fakes(box).probed == []


async def test_a_search_that_failed_says_why_and_what_to_do(box: WebBox) -> None:
    """As a trial does; that no usual path is known comes with a next step of its own."""
    for kind in (*KINDS, "no_known_path"):
        fakes(box).failure = SourceFailure(kind, "it did not work")
        answer = (await box.ask("POST", f"{CAMERAS}/find", WANTED)).json
        assert (answer["trial"]["ok"], answer["trial"]["kind"], answer["address"]) == (False, kind, None)
        assert len(answer["trial"]["message"]) > len("It did not work. ")
    assert "Look in the camera's settings" in answer["trial"]["message"]


async def test_searches_and_tests_have_one_bound_together(box: WebBox) -> None:
    """One too many is refused; a client that goes away ends its search and frees its place."""
    begun, ended = threading.Semaphore(0), threading.Semaphore(0)

    def search(stop: threading.Event) -> Found | Missed:
        begun.release()
        assert stop.wait(20)
        ended.release()
        return Missed(SourceFailure("not_found", "stopped"), 1)

    fakes(box).search = search
    asked = [asyncio.create_task(box.ask("POST", f"{CAMERAS}/find", WANTED)) for _ in range(2)]
    for _ in asked:
        assert await asyncio.to_thread(begun.acquire, timeout=10)
    for path, body in (("find", WANTED), ("test", {"address": "demo:"})):
        refused = await box.ask("POST", f"{CAMERAS}/{path}", body)
        assert (refused.status, "try again" in refused.json["detail"]) == (503, True)
    for one in asked:
        one.cancel()
    for _ in asked:
        assert await asyncio.to_thread(ended.acquire, timeout=10)
    fakes(box).search = None
    async with asyncio.timeout(10):
        while (await box.ask("POST", f"{CAMERAS}/find", WANTED)).status != 200:  # noqa: ASYNC110
            await asyncio.sleep(0)
