"""Exports over the API."""

import asyncio
import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import av
import pytest
from sqlalchemy import Connection

from appliance.domain.footage import Cause, Export, ExportState, Gap
from appliance.domain.ids import CameraId, ExportId
from appliance.domain.time import US_PER_S, WallUs
from appliance.store.footage import save_export
from tests.support.footage_files import number_of, record, write_footage
from tests.support.rows import NOON_US, batch_row, camera_row, event_row
from tests.support.web import WebBox, web_box

EXPORTS = "/api/v1/exports"
FRONT = CameraId("front")
GAP = Gap(FRONT, WallUs(NOON_US + 6 * US_PER_S), WallUs(NOON_US + 10 * US_PER_S), Cause.CAMERA_DOWN)


def new(begin: int, end: int, **others: Any) -> dict[str, Any]:
    """Return the body that asks for a range, told in seconds after noon."""
    clock = [f"2026-09-21T14:13:{20 + seconds:02}.500Z" for seconds in (begin, end)]
    return {"camera_id": "front", "from": clock[0], "to": clock[1], **others}


async def two_files(box: WebBox) -> None:
    """Record six seconds, lose four, and record six more."""
    folder = box.footage_folder
    await box.add(camera_row())
    files = [
        write_footage(folder, "s1", sound=True),
        write_footage(folder, "s2", NOON_US + 10 * US_PER_S, first=100, sound=True),
    ]
    await record(box, *files, gaps=[GAP])


async def ended(box: WebBox, export_id: str) -> dict[str, Any]:
    """Return an export once it has ended."""
    async with asyncio.timeout(20):
        while True:
            export: dict[str, Any] = (await box.get(f"{EXPORTS}/{export_id}")).json
            if export["state"] not in {"waiting", "running"}:
                return export
            await asyncio.sleep(0)


def shown(data: bytes) -> list[int]:
    """Return the numbers of the pictures that a player shows."""
    with av.open(io.BytesIO(data), "r") as container:
        return [number_of(frame.to_ndarray(format="gray")) for frame in container.decode(video=0)]


MODES = [(False, [*range(20, 60), *range(100, 135)]), (True, [*range(25, 60), *range(100, 135)])]


@pytest.mark.parametrize(("exact", "numbers"), MODES)
async def test_a_range_is_exported_over_a_gap(box: WebBox, exact: bool, numbers: list[int]) -> None:
    """Asked for, made, fetched: with a name, whole and in part, and with what is missing in it."""
    await two_files(box)
    answer = await box.ask("POST", EXPORTS, new(2, 13, exact=exact))
    assert (answer.status, answer.json["state"]) == (201, "waiting")
    assert answer.headers["Location"] == f"{EXPORTS}/{answer.json['id']}"
    export = await ended(box, answer.json["id"])
    assert (export["state"], export["reason"], export["progress"]) == ("done", "", 1)
    gap = {"from": "2026-09-21T14:13:26.000Z", "to": "2026-09-21T14:13:30.000Z", "cause": "camera_down"}
    assert export["gaps"] == [gap]
    file = await box.get(export["file"])
    assert (file.status, len(file.body)) == (200, export["size"])
    assert file.headers["Content-Disposition"] == 'attachment; filename="front_2026-09-21_141322.mp4"'
    assert shown(file.body) == numbers
    part = await box.get(export["file"], Range="bytes=4-7")
    assert (part.status, part.body) == (206, b"ftyp")
    assert answer.json["size"] == pytest.approx(len(file.body), rel=0.5)


async def test_a_moment_that_nobody_notices_is_no_gap(box: WebBox) -> None:
    """As when a range is told in milliseconds and the first picture came a little later."""
    await box.add(camera_row())
    await record(box, write_footage(box.footage_folder, "s1", NOON_US + 700))
    answer = await box.ask("POST", EXPORTS, {**new(0, 4), "from": "2026-09-21T14:13:20Z"})
    assert (answer.json["gaps"], (await ended(box, answer.json["id"]))["gaps"]) == ([], [])


async def test_an_event_is_exported(box: WebBox) -> None:
    """Its clip, and the export says of which event it is."""
    await two_files(box)
    times = {"started_us": NOON_US + 5 * US_PER_S, "last_seen_us": NOON_US + 6 * US_PER_S}
    await box.add(batch_row(), event_row("e1", **times))
    answer = await box.ask("POST", EXPORTS, {"event_id": "e1", "exact": True})
    export = await ended(box, answer.json["id"])
    assert (export["event_id"], export["from"]) == ("e1", "2026-09-21T14:13:20.000Z")
    assert shown((await box.get(export["file"])).body) == [*range(60), *range(100, 110)]


async def test_exports_are_listed_newest_first_and_deleted_with_their_files(box: WebBox) -> None:
    """One after the other is made."""
    await two_files(box)
    asked = [(await box.ask("POST", EXPORTS, new(0, end))).json["id"] for end in (2, 3, 4)]
    for export_id in asked:
        assert (await ended(box, export_id))["state"] == "done"
    listed = (await box.get(EXPORTS)).json["items"]
    assert [export["id"] for export in listed] == asked[::-1]
    folder = box.spine.store.path.parent / "exports"
    assert len(list(folder.iterdir())) == 3
    assert (await box.ask("DELETE", f"{EXPORTS}/{asked[0]}")).status == 204
    assert (await box.get(f"{EXPORTS}/{asked[0]}")).status == 404
    assert {path.name for path in folder.iterdir()} == {f"{key}.mp4" for key in asked[1:]}


async def test_one_that_waits_or_runs_is_cancelled(box: WebBox) -> None:
    """It stays in the list, without a file, until it is deleted as well."""
    await two_files(box)
    asked = [(await box.ask("POST", EXPORTS, new(0, 13))).json["id"] for _ in range(3)]
    assert (await box.ask("DELETE", f"{EXPORTS}/{asked[2]}")).status == 204
    export = await ended(box, asked[2])
    assert (export["state"], export["file"]) == ("cancelled", None)
    assert (await box.get(f"{EXPORTS}/{asked[2]}/file")).status == 409
    assert (await box.ask("DELETE", f"{EXPORTS}/{asked[2]}")).status == 204
    assert (await box.get(f"{EXPORTS}/{asked[2]}")).status == 404
    for export_id in asked[:2]:
        assert (await ended(box, export_id))["state"] == "done"


def stored(state: ExportState, export_id: str) -> Export:
    """Return an export of the first seconds as a former run left it."""
    times = (WallUs(NOON_US), WallUs(NOON_US + 2 * US_PER_S), False, WallUs(NOON_US))
    return Export(ExportId(export_id), FRONT, *times, state=state)


async def test_what_a_killed_service_left_is_set_right(tmp_path: Path) -> None:
    """What ran has failed, what waited is made, what is half written or belongs to nobody is removed."""
    async with web_box(tmp_path) as box:
        await two_files(box)

        def work(connection: Connection) -> None:
            for state, key in ((ExportState.RUNNING, "ran"), (ExportState.DONE, "lost")):
                save_export(connection, stored(state, key))

        await box.spine.committer.commit(work)
    folder = tmp_path / "exports"
    (folder / "ran.part").write_bytes(b"half")
    (folder / "nobody.mp4").write_bytes(b"whole")
    async with web_box(tmp_path) as box:
        waiting = stored(ExportState.WAITING, "waited")
        answer = await box.ask("POST", EXPORTS, new(0, 1))
        await box.spine.committer.commit(lambda connection: save_export(connection, waiting))
        assert (await ended(box, answer.json["id"]))["state"] == "done"
        assert (await ended(box, "waited"))["state"] == "done"
        ran, lost = await ended(box, "ran"), await ended(box, "lost")
        assert (ran["state"], "export it again" in ran["reason"]) == ("failed", True)
        assert lost["state"] == "failed"
        names = {path.name for path in folder.iterdir()}
        assert names == {"waited.mp4", f"{answer.json['id']}.mp4"}


async def test_a_file_that_is_gone_fails_the_export_with_its_reason(box: WebBox) -> None:
    """And leaves nothing behind; the next one is made all the same."""
    await two_files(box)
    path = box.footage_folder / "front/2026-09-21/s2.mp4"
    path.rename(path.with_suffix(".away"))
    failed = await ended(box, (await box.ask("POST", EXPORTS, new(0, 13))).json["id"])
    assert failed["state"] == "failed"
    assert failed["reason"] == "the file of the segment 's2' is not on its disk"
    done = await ended(box, (await box.ask("POST", EXPORTS, new(0, 3))).json["id"])
    assert done["state"] == "done"
    folder = box.spine.store.path.parent / "exports"
    assert [path.name for path in folder.iterdir()] == [f"{done['id']}.mp4"]


async def test_a_damaged_file_fails_the_export(box: WebBox) -> None:
    """A service that goes on is worth more than one export."""
    await two_files(box)
    path = box.footage_folder / "front/2026-09-21/s1.mp4"
    path.write_bytes(b"\xff" * path.stat().st_size)
    failed = await ended(box, (await box.ask("POST", EXPORTS, new(0, 3))).json["id"])
    assert failed["state"] == "failed"


async def test_another_size_within_the_range_is_refused(box: WebBox) -> None:
    """At once, with the moment, so that both parts can be asked for."""
    await box.add(camera_row())
    folder, later = box.footage_folder, NOON_US + 6 * US_PER_S
    await record(box, write_footage(folder, "s1"), write_footage(folder, "s2", later, size=(320, 192)))
    answer = await box.ask("POST", EXPORTS, new(0, 10))
    assert answer.status == 409
    assert "at 2026-09-21T14:13:26.000Z from avc1 160×96 to avc1 320×192" in answer.json["detail"]


BAD = [
    ({}, 422),
    ({"camera_id": "front"}, 422),
    ({"event_id": "e1", "camera_id": "front"}, 422),
    ({"event_id": "nothing"}, 404),
    ({**new(0, 1), "camera_id": "nobody"}, 404),
    ({**new(0, 1), "camera_id": "../front"}, 422),
    ({**new(0, 1), "path": "/etc"}, 422),
    (new(5, 1), 422),
    ({"camera_id": "front", "from": "2026-09-21T14:00:00Z", "to": "2026-09-23T14:00:00Z"}, 422),
    ({"camera_id": "front", "from": "2020-09-21T14:00:00Z", "to": "2020-09-21T14:01:00Z"}, 404),
]


@pytest.mark.parametrize(("body", "status"), BAD)
async def test_bad_requests_are_refused(box: WebBox, body: dict[str, Any], status: int) -> None:
    """And nothing is stored."""
    await two_files(box)
    answer = await box.ask("POST", EXPORTS, body)
    assert answer.status == status
    assert answer.json["detail"]
    assert (await box.get(EXPORTS)).json["items"] == []


async def test_a_disk_without_room_is_not_filled(tmp_path: Path) -> None:
    """What must stay free stays free, and the answer says how much that is."""
    async with web_box(tmp_path) as box:
        await two_files(box)
        exporter = box.with_.playback.exporter
        exporter._settings = replace(exporter._settings, reserve_bytes=1 << 60)
        answer = await box.ask("POST", EXPORTS, new(0, 3))
        assert answer.status == 409
        assert "MiB stay free" in answer.json["detail"]


async def test_only_so_many_wait(box: WebBox) -> None:
    """One more is refused for now."""
    await two_files(box)
    exporter = box.with_.playback.exporter
    exporter._settings = replace(exporter._settings, exports_waiting=1)
    statuses = [(await box.ask("POST", EXPORTS, new(0, 13))).status for _ in range(6)]
    assert statuses[0] == 201
    assert 503 in statuses
