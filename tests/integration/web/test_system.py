"""The box itself, and the probes of whoever watches it."""

import sqlite3
from pathlib import Path

from appliance.commit.settings import CommitSettings
from appliance.recordings.disks.volume import Condition, State
from appliance.recordings.keeping.storage import StoredFootage
from appliance.recordings.settings import Role
from appliance.runtime.health import Level
from appliance.web.settings import WebSettings
from tests.support.accounts import PASSWORD, claim
from tests.support.fire import write_lock
from tests.support.rows import batch_row, camera_row, event_row
from tests.support.web import STARTED_AT, FakeStorage, WebBox, web_box


async def test_the_parts_of_the_system_are_the_same_alone_and_together(box: WebBox) -> None:
    """Who asks for one part learns what who asks for all of it does."""
    whole = (await box.get("/api/v1/system")).json
    assert (await box.get("/api/v1/system/health")).json == whole["health"]
    assert (await box.get("/api/v1/system/detector")).json == whole["detector"]
    assert (await box.get("/api/v1/system/gpu")).json == {"gpus": whole["gpus"]}
    assert (await box.get("/api/v1/system/version")).json == whole["version"]


async def test_the_version_names_the_database_and_its_library(box: WebBox) -> None:
    """A client knows whether its cursor still means anything."""
    assert (await box.get("/api/v1/system/version")).json == {
        "version": "0.1.0",
        "sqlite_version": sqlite3.sqlite_version,
        "epoch": box.spine.store.opening.epoch,
        "started_at": STARTED_AT,
    }


async def test_a_figure_that_a_gpu_does_not_report_is_absent(box: WebBox) -> None:
    """Nothing is invented: absent is not 0."""
    gpus = (await box.get("/api/v1/system/gpu")).json["gpus"]
    assert gpus == [{"index": 0, "name": "Test GPU", "utilization_percent": 12.0}]


async def test_the_storage_paths_tell_their_room_and_what_lies_in_them(box: WebBox) -> None:
    """What is not known is null, of a disk that nobody has seen yet nearly everything."""
    unseen = StoredFootage(
        id=None,
        path=Path("/"),
        role=Role.COLD,
        state=State(Condition.UNMOUNTED, "it is not mounted"),
        reserve=None,
        sizes={},
        protected_size=0,
        bytes_s=None,
        days_left=None,
    )
    assert isinstance(box.with_.storage, FakeStorage)
    box.with_.storage.now.append(unseen)
    answer = (await box.get("/api/v1/system/storage")).json
    first, second = answer["paths"]
    assert answer["absent"] == [
        {"id": "gone", "path": "/mnt/old", "footage_bytes": 9_000, "protected_bytes": 1_000}
    ]
    kept = {"continuous": 0, "motion": 400, "low": 0, "medium": 0, "high": 0, "critical": 0, "new": 7}
    assert first == {
        "id": "hot",
        "name": "footage",
        "path": "/mnt/footage",
        "role": "hot",
        "state": "ok",
        "reason": "",
        "capacity_bytes": 1000,
        "free_bytes": 300,
        "reserve_bytes": 50,
        "footage_bytes": kept,
        "protected_bytes": 9,
        "bytes_per_s": 2.5,
        "days_left": 0.25,
        "next": None,
    }
    assert answer["cameras"] == [
        {
            "camera_id": "front",
            "footage_bytes": 407,
            "protected_bytes": 9,
            "bytes_per_s": 2.5,
            "oldest_at": STARTED_AT,
        }
    ]
    assert (second["name"], second["state"], second["reason"]) == ("/", "unmounted", "it is not mounted")
    assert {second[name] for name in ("id", "capacity_bytes", "free_bytes", "days_left")} == {None}


async def test_a_part_that_has_failed_makes_the_service_unready_but_alive(box: WebBox) -> None:
    """A watcher restarts what does not answer and routes around what is not ready."""
    assert (await box.get("/readyz")).status == 200
    box.with_.health.report("detector", Level.FAILED, "no model")
    ready = await box.get("/readyz")
    assert (ready.status, ready.json["ready"], ready.json["writable"]) == (503, False, True)
    assert {"part": "detector", "level": "failed", "reason": "no model"} in ready.json["parts"]
    assert (await box.get("/healthz")).json == {"alive": True}


async def test_a_part_that_needs_attention_leaves_the_service_ready(box: WebBox) -> None:
    """One camera that is off does not take the box out of service."""
    box.with_.health.report("camera front", Level.DEGRADED, "no answer")
    assert (await box.get("/readyz")).status == 200


async def test_a_locked_database_makes_the_service_unready(tmp_path: Path) -> None:
    """Whether the database can be written is tried, not believed; reading goes on meanwhile."""
    async with web_box(tmp_path, WebSettings(ready_s=0.1)) as box:
        foreign = sqlite3.connect(box.spine.store.path, isolation_level=None)
        foreign.execute("BEGIN IMMEDIATE")
        ready = await box.get("/readyz")
        assert (ready.status, ready.json["writable"]) == (503, False)
        assert (await box.get("/api/v1/events")).status == 200
        foreign.execute("ROLLBACK")
        foreign.close()


async def test_a_locked_database_keeps_no_client_waiting(tmp_path: Path) -> None:
    """On a box with users reads are answered, a change and a login are refused in words, and stay undone.

    Of those who look whether it is ready nothing stays in the queue.
    """
    async with web_box(tmp_path, WebSettings(ready_s=0.1), commit=CommitSettings(request_s=0.2)) as box:
        await box.add(camera_row(), batch_row(), event_row())
        chief = await claim(box)
        with write_lock(tmp_path):
            for path in ("access", "events", "events/event-1", "system/health", "users", "sessions"):
                assert (await chief.get(path)).status == 200
            for answer in (
                await chief.ask("PATCH", "events/event-1", {"note": "in vain"}),
                await chief.ask("POST", "login", {"name": "Ann", "password": PASSWORD}),
            ):
                assert (answer.status, answer.headers["Retry-After"]) == (503, "2")
                assert answer.json["type"] == "urn:nightjar:problem:database-unavailable"
                assert answer.json["detail"].endswith("nothing was changed")
            assert [(await box.get("/readyz")).status for _ in range(3)] == [503] * 3
            assert box.spine.committer.waiting <= 3  # rows of the audit log, and a try that is under way
        await box.spine.committer.drain()
        assert (await chief.get("events/event-1")).json["note"] == ""
        assert (await chief.ask("PATCH", "events/event-1", {"note": "afterwards"})).status == 200


async def test_the_reason_of_a_part_shows_no_credentials(box: WebBox) -> None:
    """A library's message may contain a whole address."""
    box.with_.health.report("camera front", Level.FAILED, "cannot open rtsp://u:canary@cam/s")
    for path in ("/api/v1/system", "/api/v1/system/health", "/readyz"):
        assert b"canary" not in (await box.get(path)).body


async def test_metrics_count_answers_by_route(box: WebBox) -> None:
    """Only routes of the table become labels: what a client makes up does not fill the memory."""
    await box.get("/healthz")
    await box.get("/made-up")
    await box.ask("PROPFIND", "/healthz")
    metrics = await box.get("/metrics")
    assert metrics.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    text = metrics.body.decode()
    counted = "nightjar_http_responses_total"
    assert f'{counted}{{method="GET",route="/healthz",status="200"}} 1' in text
    assert f'{counted}{{method="GET",route="none",status="404"}} 1' in text
    assert f'{counted}{{method="other",route="none",status="405"}} 1' in text
    assert "made-up" not in text


async def test_a_watcher_may_ask_for_the_headers_alone(box: WebBox) -> None:
    """HEAD answers as GET does, without the body."""
    for path in ("/healthz", "/readyz", "/metrics", "/", "/api/v1/cameras"):
        answer = await box.ask("HEAD", path)
        assert (answer.status, answer.body) == (200, b"")
