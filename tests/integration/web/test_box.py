"""The machine, the database, the queues and the history, over HTTP."""

from pathlib import Path

import pytest
from sqlalchemy import Connection

from appliance.domain.time import WallUs
from appliance.monitor.host_stats import HostStats, ProcessStats, Temperature
from appliance.store import samples
from appliance.store.samples import Sample
from appliance.store.times import iso_of_us
from appliance.web.box import bucket_of
from appliance.web.times import Times
from tests.support.rows import NOON_US, camera_row
from tests.support.web import FakeHost, WebBox, web_box

MINUTE_US = 60_000_000
HISTORY = "/api/v1/system/history"


def asked(minutes: int, points: int = 300) -> str:
    """Return the question for so many minutes after noon."""
    begin, end = iso_of_us(NOON_US), iso_of_us(NOON_US + minutes * MINUTE_US)
    return f"{HISTORY}?from={begin}&to={end}&points={points}"


async def sample(box: WebBox, *cpu: float | None) -> None:
    """Add a sample for each minute after noon."""

    def unit(connection: Connection) -> None:
        for minute, percent in enumerate(cpu):
            samples.add(connection, Sample(WallUs(NOON_US + minute * MINUTE_US), cpu_percent=percent))

    await box.spine.committer.commit(unit)


async def test_what_the_machine_does_not_say_is_null(box: WebBox) -> None:
    """Nothing is invented: null is not 0."""
    nothing = (await box.get("/api/v1/system/host")).json
    assert nothing["cpu_percent"] is None
    assert nothing["clock_synchronised"] is None
    assert isinstance(box.with_.host, FakeHost)
    box.with_.host.stats = HostStats(
        cpu_percent=12.5,
        core_percents=[25.0, 0.0],
        processes=[ProcessStats("Service", None, 1000, 9)],
        temperatures=[Temperature("CPU", 50.5)],
        clock_synchronised=False,
    )
    found = (await box.get("/api/v1/system/host")).json
    assert (found["cpu_percent"], found["core_percents"]) == (12.5, [25.0, 0.0])
    assert found["processes"] == [
        {"name": "Service", "cpu_percent": None, "memory_bytes": 1000, "threads": 9}
    ]
    assert found["temperatures"] == [{"name": "CPU", "celsius": 50.5, "limit_c": None}]
    assert found["clock_synchronised"] is False


async def test_the_history_is_thinned_to_what_was_asked_for(box: WebBox) -> None:
    """Each part with least, mean and most; a time of which nothing is known has no point."""
    await sample(box, 10.0, 30.0, None, None, 50.0, 70.0)
    found = (await box.get(asked(6, points=3))).json
    assert (found["bucket_s"], found["from"]) == (120.0, iso_of_us(NOON_US))
    series = {one["figure"]: one["points"] for one in found["series"]}
    assert series["cpu_percent"] == [
        {"at": iso_of_us(NOON_US), "min": 10.0, "mean": 20.0, "max": 30.0},
        {"at": iso_of_us(NOON_US + 4 * MINUTE_US), "min": 50.0, "mean": 60.0, "max": 70.0},
    ]
    assert series["gpu_percent"] == []


@pytest.mark.parametrize("query", ["", "?from=2026-01-01T00:00:00Z", f"{asked(60)}0000"[len(HISTORY) :]])
async def test_a_history_needs_a_time_and_a_bounded_number_of_points(box: WebBox, query: str) -> None:
    """What is wrong is said with the field's name."""
    answer = await box.get(HISTORY + query)
    assert answer.status == 422
    assert answer.json["field"] in {"from", "to", "points"}


@pytest.mark.parametrize(
    ("minutes", "points", "bucket"), [(60, 60, 1), (60, 300, 1), (60, 7, 9), (31 * 1440, 300, 149)]
)
def test_a_part_is_whole_minutes_and_there_are_no_more_than_asked_for(
    minutes: int, points: int, bucket: int
) -> None:
    """Shorter ones than a minute would be empty."""
    whole = Times(WallUs(NOON_US), WallUs(NOON_US + minutes * MINUTE_US))
    assert bucket_of(whole, points) == bucket * MINUTE_US
    assert -(-minutes // bucket) <= points


async def test_the_database_tells_its_size_its_rows_its_log_and_its_commits(box: WebBox) -> None:
    """A commit was made just now, so it is known how long one takes."""
    await box.add(camera_row("front"), camera_row("yard"))
    found = (await box.get("/api/v1/system/database")).json
    rows = {table["table"]: (table["rows"], table["is_estimate"]) for table in found["tables"]}
    assert rows["cameras"] == (2, False)
    assert rows["events"] == (0, False)
    assert found["bytes"] > 0
    assert (found["log_oldest"]["cursor"], found["log_newest"]["cursor"]) == (1, 2)
    assert found["commits"]["count"] >= 1
    assert 0 < found["commits"]["p50_ms"] <= found["commits"]["p99_ms"] <= found["commits"]["longest_ms"]
    assert found["last_check"] is None
    assert found["copies"] == []


async def test_copies_beside_the_database_are_told(tmp_path: Path) -> None:
    """Those made before upgrades, and a damaged one that was put aside; not their companions."""
    async with web_box(tmp_path) as box:
        for name in ("nightjar.db.before-0001", "nightjar.db.corrupt.1", "nightjar.db.corrupt.1-wal"):
            (tmp_path / name).write_bytes(b"12345")
        copies = (await box.get("/api/v1/system/database")).json["copies"]
    assert {copy["name"] for copy in copies} == {"nightjar.db.before-0001", "nightjar.db.corrupt.1"}
    assert {copy["bytes"] for copy in copies} == {5}


async def test_the_look_at_the_start_is_told_of_a_database_that_was_there(tmp_path: Path) -> None:
    """Of a new one there is nothing to tell."""
    async with web_box(tmp_path) as box:
        assert box.spine.store.opening.checked_us is None
    async with web_box(tmp_path) as box:
        opening = box.spine.store.opening
        assert opening.checked_us is not None
        assert opening.is_check_whole


async def test_every_queue_says_how_full_it_is_and_what_becomes_of_one_more(box: WebBox) -> None:
    """In words, with what was left out in the last hour where that is counted."""
    found = {queue["key"]: queue for queue in (await box.get("/api/v1/system/queues")).json["items"]}
    analysed = found["analysed"]
    assert (analysed["kind"], analysed["length"], analysed["capacity"]) == ("queue", 0, 2000)
    assert (analysed["dropped"], analysed["dropped_last_hour"]) == (0, 0)
    assert analysed["when_full"] == "the oldest are left out"
    assert found["changes"]["dropped"] is None
