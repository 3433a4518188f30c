"""The cameras' last 24 hours over the API."""

from typing import Any

import pytest
from sqlalchemy import Connection

from appliance.domain.camera import CameraStats
from appliance.domain.footage import Cause, Gap
from appliance.domain.ids import CameraId, SegmentId
from appliance.domain.time import WallUs
from appliance.store import camera_samples, footage
from appliance.store.camera_samples import CameraSample
from appliance.store.times import iso_of_us, us_of_iso
from tests.support.footage_rows import FRONT, MINUTE_US, gap, segment
from tests.support.rows import camera_row
from tests.support.web import FakeStats, WebBox

DAY_S = 86_400
PATH = "/api/v1/system/cameras"


async def days(box: WebBox) -> dict[str, Any]:
    """Return what is told of each camera."""
    answer = await box.get(PATH)
    assert answer.status == 200, answer.body
    assert us_of_iso(answer.json["to"]) - us_of_iso(answer.json["from"]) == DAY_S * 1_000_000
    return {one["camera_id"]: one for one in answer.json["items"]}


async def test_of_what_the_box_did_not_see_nothing_is_told(box: WebBox) -> None:
    """Null is not 0, and a time of which nobody knows is neither recorded nor missing."""
    await box.add(camera_row("front", status="offline", status_reason="no answer", status_since_us=1))
    (front,) = (await days(box)).values()
    assert (front["status"], front["status_reason"], front["status_since"]) == (
        *("offline", "no answer"),
        iso_of_us(1),
    )
    unknown = [
        *("fps", "bitrate_bps", "gop_s", "median_fps", "median_bitrate_bps", "online_share"),
        *("connection_losses", "corrupt_frames", "missing_cause", "longest_gap"),
    ]
    assert {name: front[name] for name in unknown} == dict.fromkeys(unknown)
    assert (front["watched_s"], front["unknown_s"]) == (0.0, DAY_S)
    assert (front["recorded_s"], front["deliberate_s"], front["missing_s"]) == (0.0, 0.0, 0.0)


async def test_the_stream_and_the_connection_are_told_as_now_and_as_usual(box: WebBox) -> None:
    """The share of the time in which it was to be there; a sample of two days ago does not count."""
    stream = {"codec": "h264", "width": 640, "height": 360, "fps": 25.0, "gop_s": 2.0, "decoding": None}
    await box.add(camera_row("front", stream=stream), camera_row("yard"))
    assert isinstance(box.with_.stats, FakeStats)
    box.with_.stats.now = [CameraStats(FRONT, fps=12.0, bitrate_bps=1_000_000.4)]
    now_us = box.with_.clock.wall_us()

    def sampled(minutes: int, online_s: float, fps: float | None) -> CameraSample:
        at_us = WallUs(now_us - minutes * MINUTE_US)
        bitrate = None if fps is None else round(fps * 100_000)
        return CameraSample(FRONT, at_us, 300.0, online_s, fps, bitrate, 1, 2)

    rows = [sampled(2880, 0.0, 1.0), sampled(30, 300.0, 25.0), sampled(20, 0.0, None), sampled(10, 300, 24)]
    await box.spine.committer.commit(lambda connection: camera_samples.add(connection, rows))
    found = await days(box)
    front = found["front"]
    assert (front["fps"], front["bitrate_bps"], front["gop_s"]) == (12.0, 1_000_000, 2.0)
    assert (front["median_fps"], front["median_bitrate_bps"]) == (24.5, 2_450_000)
    assert (front["watched_s"], front["online_share"]) == (900.0, 0.6667)
    assert (front["connection_losses"], front["corrupt_frames"]) == (3, 6)
    assert found["yard"]["online_share"] is None


async def test_recorded_wanted_and_missing_time_add_up_to_the_day(box: WebBox) -> None:
    """The longest gap is the place to look at; what was before the day does not count."""
    await box.add(camera_row("front"))
    now_us = box.with_.clock.wall_us()

    def ago(minutes: float) -> WallUs:
        return WallUs(now_us - round(minutes * MINUTE_US))

    def work(connection: Connection) -> None:
        spans = [(1500, 1400), (1400, 1300), (90, 60), (40, 0)]
        footage.save_segments(
            connection,
            [
                segment(
                    0, id=SegmentId(f"s{begin}"), path=f"{begin}.mp4", start_us=ago(begin), end_us=ago(end)
                )
                for begin, end in spans
            ],
        )
        for begin, end, cause in [
            (1300, 100, Cause.OFF),
            (100, 90, Cause.CAMERA_DOWN),
            (60, 45, Cause.DISK_FULL),
            (45, 40, Cause.DISK_FULL),
        ]:
            footage.add_gap(connection, Gap(FRONT, ago(begin), ago(end), cause))

    await box.spine.committer.commit(work)
    front = (await days(box))["front"]
    minutes = {name: front[f"{name}_s"] / 60 for name in ("recorded", "deliberate", "missing", "unknown")}
    expected = {"recorded": 210.0, "deliberate": 1200.0, "missing": 30.0, "unknown": 0.0}
    # Some milliseconds have passed since the rows were made.
    assert minutes == pytest.approx(expected, abs=0.05)
    assert sum(minutes.values()) == pytest.approx(1440.0, abs=1e-4)
    assert front["missing_cause"] == "disk_full"
    assert front["longest_gap"] == {
        "from": iso_of_us(ago(60)),
        "to": iso_of_us(ago(40)),
        "cause": "disk_full",
    }


async def test_cameras_come_in_the_order_of_their_names(box: WebBox) -> None:
    """And only those that there are: footage of one that is gone is told of elsewhere."""
    await box.add(camera_row("b", name="Yard"), camera_row("a", name="Zoo"), camera_row("c", name="Barn"))
    await box.spine.committer.commit(
        lambda connection: footage.add_gap(connection, gap(0, 1, Cause.OFF, CameraId("gone")))
    )
    assert list(await days(box)) == ["c", "b", "a"]
