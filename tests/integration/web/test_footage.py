"""Footage over the API: what there is, playlists, bytes and preview pictures."""

import asyncio
import io
import re
import shutil
from dataclasses import replace

import av
import pytest

from appliance.domain.footage import Cause, Gap, SegmentState
from appliance.domain.ids import CameraId, SegmentId
from appliance.domain.time import US_PER_S, WallUs
from appliance.recordings.playback.footage_file import FootageFile
from appliance.store.footage import forget_segments
from tests.support.footage_files import number_of, record, write_footage
from tests.support.rows import NOON_US, batch_row, camera_row, event_row
from tests.support.web import WebBox

FFPROBE = shutil.which("ffprobe")
FRONT = "/api/v1/cameras/front"
NOON = "2026-09-21T14:13:20Z"
GAP = Gap(
    CameraId("front"), WallUs(NOON_US + 6 * US_PER_S), WallUs(NOON_US + 10 * US_PER_S), Cause.CAMERA_DOWN
)


def clock(seconds: int) -> str:
    """Return the time so many seconds after noon."""
    return f"2026-09-21T14:{13 + (20 + seconds) // 60}:{(20 + seconds) % 60:02}Z"


def span(begin: int, end: int) -> str:
    """Return the query of a range."""
    return f"from={clock(begin)}&to={clock(end)}"


async def two_files(box: WebBox) -> tuple[FootageFile, FootageFile]:
    """Record six seconds, lose four, and record six more."""
    files = (
        write_footage(box.footage_folder, "s1"),
        write_footage(box.footage_folder, "s2", NOON_US + 10 * US_PER_S, first=100),
    )
    await box.add(camera_row())
    await record(box, *files, gaps=[GAP])
    return files


async def test_a_timeline_tells_what_there_is_and_why_not(box: WebBox) -> None:
    """It adds up to what was asked for."""
    await two_files(box)
    answer = await box.get(f"{FRONT}/footage?{span(-5, 20)}")
    shown = [(item["state"], item["class"], item["cause"]) for item in answer.json["items"]]
    assert shown == [
        ("unknown", None, None),
        ("recorded", "continuous", None),
        ("gap", None, "camera_down"),
        ("recorded", "continuous", None),
        ("unknown", None, None),
    ]
    sums = [answer.json[f"{kind}_s"] for kind in ("recorded", "deliberate", "missing", "unknown")]
    assert sums == [12, 0, 4, 9]
    assert answer.json["items"][2]["from"] == "2026-09-21T14:13:26.000Z"


async def test_a_playlist_leads_to_bytes_that_play(box: WebBox) -> None:
    """Init and byte ranges of each file together are a file that decodes to the pictures of the range."""
    await two_files(box)
    answer = await box.get(f"{FRONT}/footage.m3u8?{span(2, 14)}")
    assert answer.headers["Content-Type"].startswith("application/vnd.apple.mpegurl")
    numbers: list[int] = []
    for part in answer.body.decode().split("#EXT-X-DISCONTINUITY\n"):
        found = re.search(r'#EXT-X-MAP:URI="\.\./\.\./(segments/\w+\.mp4)",BYTERANGE="(\d+)@0"', part)
        assert found is not None
        spans = [f"bytes=0-{int(found[2]) - 1}"]
        for size, offset in re.findall(r"#EXT-X-BYTERANGE:(\d+)@(\d+)", part):
            spans.append(f"bytes={offset}-{int(offset) + int(size) - 1}")
        data = b""
        for wanted in spans:
            got = await box.get(f"/api/v1/{found[1]}", Range=wanted)
            assert got.status == 206
            data += got.body
        with av.open(io.BytesIO(data), "r") as container:
            numbers += [number_of(frame.to_ndarray(format="gray")) for frame in container.decode(video=0)]
    assert numbers == [*range(20, 60), *range(100, 140)]


@pytest.mark.skipif(FFPROBE is None, reason="ffprobe is not installed (apt install ffmpeg)")
async def test_other_players_play_a_playlist(box: WebBox) -> None:
    """One such as ffmpeg reads all of it over the gap, and finds nothing wrong with it."""
    await two_files(box)
    assert FFPROBE is not None
    url = f"{box.url}{FRONT}/footage.m3u8?{span(2, 14)}"
    asked = "-v error -count_packets -show_entries stream=nb_read_packets -of csv=p=0 -f hls"
    process = await asyncio.create_subprocess_exec(
        *(FFPROBE, *asked.split(), url),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate()
    assert (out.split()[0].strip(b","), err) == (b"80", b"")


async def test_an_events_clip_has_some_seconds_around_it(box: WebBox) -> None:
    """As the settings say: five before, and five after its object was seen last."""
    await box.add(
        camera_row(),
        batch_row(),
        event_row("e1", started_us=NOON_US + 8 * US_PER_S, last_seen_us=NOON_US + 9 * US_PER_S),
    )
    await record(box, write_footage(box.footage_folder, "s1", seconds=30))
    answer = await box.get("/api/v1/events/e1/clip.m3u8")
    times = re.findall(r"PROGRAM-DATE-TIME:(\S+)", answer.body.decode())
    assert (times[0], times[-1]) == ("2026-09-21T14:13:22.000Z", "2026-09-21T14:13:32.000Z")
    assert "TIME-OFFSET=1.000000" in answer.body.decode()


async def test_the_clip_of_an_event_that_lasts_for_days_is_its_begin(box: WebBox) -> None:
    """As long as a playlist may be: a parked car is not listed by the week; and no export is that long."""
    later_us = NOON_US + 7 * 3600 * US_PER_S
    times = {"started_us": NOON_US, "last_seen_us": NOON_US + 25 * 3600 * US_PER_S}
    await box.add(camera_row(), batch_row(), event_row("e1", **times))
    await record(box, write_footage(box.footage_folder, "s1"))
    await record(box, write_footage(box.footage_folder, "s2", later_us))
    listed = (await box.get("/api/v1/events/e1/clip.m3u8")).body.decode()
    assert ("segments/s1" in listed, "segments/s2" in listed) == (True, False)
    refused = await box.ask("POST", "/api/v1/exports", {"event_id": "e1"})
    assert (refused.status, refused.json["expected"]) == (422, "at most 24 h after from")


@pytest.mark.parametrize(
    "times",
    [
        "from=0001-01-01T00:00:00%2B14:00&to=0001-01-02T00:00:00Z",
        "from=9999-12-31T23:00:00-14:00&to=9999-12-31T23:59:59-14:00",
        "from=1969-12-31T23:00:00Z&to=1970-01-01T01:00:00Z",
    ],
)
@pytest.mark.parametrize("path", ["footage", "footage.m3u8"])
async def test_times_beyond_the_calendar_are_refused(box: WebBox, path: str, times: str) -> None:
    """They cannot be said again in UTC; the answer says what can be asked for."""
    await box.add(camera_row())
    answer = await box.get(f"{FRONT}/{path}?{times}")
    assert (answer.status, answer.json["expected"]) == (422, "a time from 1970 to 9998")


async def test_a_segment_is_sent_whole_or_in_part(box: WebBox) -> None:
    """As RFC 9110 says it."""
    file, _ = await two_files(box)
    data, path = file.path.read_bytes(), "/api/v1/segments/s1"
    whole = await box.get(path)
    assert (whole.status, whole.body, whole.headers["Content-Type"]) == (200, data, "video/mp4")
    assert whole.headers["Accept-Ranges"] == "bytes"
    part = await box.get(path, Range="bytes=10-19")
    assert (part.status, part.body) == (206, data[10:20])
    assert part.headers["Content-Range"] == f"bytes 10-19/{len(data)}"
    assert (await box.get(path, Range="bytes=-7")).body == data[-7:]
    beyond = await box.get(path, Range=f"bytes={len(data)}-")
    assert (beyond.status, beyond.json["expected"]) == (416, f"bytes within 0-{len(data) - 1}")
    head = await box.ask("HEAD", path)
    assert (head.status, head.body, head.headers["Content-Length"]) == (200, b"", str(len(data)))
    stale = await box.get(path, **{"Range": "bytes=10-19", "If-Range": '"another"'})
    assert (stale.status, len(stale.body)) == (200, len(data))


async def test_only_what_was_synced_is_sent(box: WebBox) -> None:
    """What may be lost in a power cut was never shown."""
    file = write_footage(box.footage_folder, "s1")
    growing = FootageFile(replace(file.segment, size=1000, state=SegmentState.OPEN), file.folder)
    await record(box, growing)
    assert (await box.get("/api/v1/segments/s1")).body == file.path.read_bytes()[:1000]
    assert (await box.get("/api/v1/segments/s1", Range="bytes=900-5000")).headers["Content-Range"] == (
        "bytes 900-999/1000"
    )


async def test_a_preview_is_a_small_jpeg_of_that_time(box: WebBox) -> None:
    """In no shared cache, and in the browser's own only to be asked about."""
    await two_files(box)
    answer = await box.get(f"{FRONT}/preview.jpg?at={clock(3)}")
    assert (answer.status, answer.headers["Content-Type"]) == (200, "image/jpeg")
    assert answer.headers["Cache-Control"] == "private, no-cache"
    assert answer.body.startswith(b"\xff\xd8")
    again = await box.get(f"{FRONT}/preview.jpg?at={clock(3)}", **{"If-None-Match": answer.headers["ETag"]})
    assert (again.status, again.body) == (304, b"")


PATHS = [
    f"/footage?{span(0, 5)}",
    f"/footage.m3u8?{span(0, 5)}",
    f"/preview.jpg?at={NOON}",
]


@pytest.mark.parametrize("path", PATHS)
async def test_a_camera_that_never_was_is_not_found(box: WebBox, path: str) -> None:
    """One that was deleted is, as long as there is footage of it."""
    assert (await box.get(f"/api/v1/cameras/nobody{path}")).status == 404
    await record(box, write_footage(box.footage_folder, "s1", camera_id="nobody"))
    assert (await box.get(f"/api/v1/cameras/nobody{path}")).status == 200


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/segments/nothing",
        "/api/v1/segments/..%2F..%2Fnightjar.db",
        "/api/v1/segments/%2Fetc%2Fpasswd",
        "/api/v1/events/nothing/clip.m3u8",
        "/api/v1/exports/nothing",
        "/api/v1/exports/..%2Fnightjar.db/file",
        "/api/v1/cameras/..%2F/footage.m3u8?from=2026-09-21T14:13:20Z&to=2026-09-21T14:13:21Z",
    ],
)
async def test_nothing_is_found_by_a_path(box: WebBox, path: str) -> None:
    """Only ids that rows have lead to files."""
    assert (await box.get(path)).status == 404


async def test_a_row_that_leads_elsewhere_is_not_followed(box: WebBox) -> None:
    """Neither with dots nor through a link; the answer shows no path."""
    (box.footage_folder.parent / "outside.mp4").write_bytes(b"secret" * 100)
    (box.footage_folder / "link").symlink_to(box.footage_folder.parent)
    for number, path in enumerate(("../outside.mp4", "link/outside.mp4", "../nightjar.db")):
        file = write_footage(box.footage_folder, f"s{number}")
        await record(box, FootageFile(replace(file.segment, path=path, size=100), file.folder))
        answer = await box.get(f"/api/v1/segments/s{number}")
        assert answer.status == 404
        assert b"outside" not in answer.body


async def test_a_file_that_is_gone_is_not_found(box: WebBox) -> None:
    """Its disk may have been taken out; what asks for it gets a clear answer each time."""
    file, _ = await two_files(box)
    file.path.unlink()
    assert (await box.get("/api/v1/segments/s1")).status == 404
    assert (await box.get(f"{FRONT}/preview.jpg?at={NOON}")).status == 404


WRONG = [
    ("", "from"),
    (f"from={NOON}", "to"),
    (f"from={NOON}&to=later", "to"),
    ("from=2026-09-21T14:13:20&to=2026-09-21T14:13:21", "from"),
    (f"from={clock(5)}&to={clock(5)}", "to"),
    (f"from={clock(6)}&to={clock(5)}", "to"),
    (f"from={NOON}&to=2027-09-21T14:13:20Z", "to"),
]


@pytest.mark.parametrize(("asked", "field"), WRONG)
@pytest.mark.parametrize("what", ["footage", "footage.m3u8"])
async def test_a_wrong_range_is_refused_in_one_sentence(
    box: WebBox, what: str, asked: str, field: str
) -> None:
    """With the field, and for one that is too long with what may be asked for."""
    await box.add(camera_row())
    answer = await box.get(f"{FRONT}/{what}?{asked}")
    assert (answer.status, answer.json["field"]) == (422, field)
    if "2027" in asked:
        assert answer.json["expected"] == f"at most {192 if what == 'footage' else 6} h after from"


async def test_a_time_without_footage_has_no_preview(box: WebBox) -> None:
    """Neither an hour later nor in the middle of a long gap."""
    await two_files(box)
    assert (await box.get(f"{FRONT}/preview.jpg?at={clock(60)}")).status == 404
    assert (await box.get(f"{FRONT}/preview.jpg?at={clock(-60)}")).status == 404


async def test_a_preview_of_a_partly_recorded_time_is_its_first_picture(box: WebBox) -> None:
    """Asked for until when there may be one; where nothing was recorded by then there is none."""
    await two_files(box)
    first = (await box.get(f"{FRONT}/preview.jpg?at={NOON}")).body
    asked = f"{FRONT}/preview.jpg?at={clock(-15)}"
    assert (await box.get(f"{asked}&until={clock(5)}")).body == first
    assert (await box.get(f"{asked}&until={clock(-1)}")).status == 404
    assert (await box.get(f"{asked}&until=soon")).json["field"] == "until"


async def test_footage_is_protected_in_whole_segments_and_let_go_of(box: WebBox) -> None:
    """What overlaps the time; how much that is is told."""
    await two_files(box)
    asked = {"from": clock(5), "to": clock(9), "protected": True}
    answer = await box.ask("POST", f"{FRONT}/footage/protect", asked)
    assert answer.json == {
        "segments": 1,
        "from": "2026-09-21T14:13:20.000Z",
        "to": "2026-09-21T14:13:26.000Z",
    }
    items = (await box.get(f"{FRONT}/footage?{span(0, 16)}")).json["items"]
    assert [item["protected"] for item in items] == [True, False, False]
    await box.ask("POST", f"{FRONT}/footage/protect", asked | {"to": clock(11), "protected": False})
    items = (await box.get(f"{FRONT}/footage?{span(0, 16)}")).json["items"]
    assert [item["protected"] for item in items] == [False, False, False]


async def test_where_nothing_was_recorded_nothing_is_protected(box: WebBox) -> None:
    """The answer says so; a camera that never was is not found."""
    await two_files(box)
    asked = {"from": clock(7), "to": clock(8), "protected": True}
    answer = await box.ask("POST", f"{FRONT}/footage/protect", asked)
    assert answer.json == {"segments": 0, "from": None, "to": None}
    assert (await box.ask("POST", "/api/v1/cameras/nobody/footage/protect", asked)).status == 404
    wrong = await box.ask("POST", f"{FRONT}/footage/protect", asked | {"to": clock(6)})
    assert (wrong.status, wrong.json["field"]) == (422, "to")


async def test_pictures_of_deleted_footage_are_deleted_too(box: WebBox) -> None:
    """They show what was to be gone; those of other footage stay."""
    await two_files(box)
    for seconds in (1, 2, 12):
        await box.get(f"{FRONT}/preview.jpg?at={clock(seconds)}")
    folder = box.spine.store.path.parent / "previews"
    assert len(list(folder.iterdir())) == 3
    await box.spine.committer.commit(lambda connection: forget_segments(connection, [SegmentId("s1")]))
    await box.with_.playback.previews.run_once()
    assert [path.name[:3] for path in folder.iterdir()] == ["s2-"]
