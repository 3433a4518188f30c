"""A foreign program holds the database's write lock for a minute: nothing is lost, and no reader waits."""

import asyncio
import logging
import statistics
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from appliance.domain.time import WallUs
from appliance.store.times import iso_of_us
from tests.support.camera_simulator.simulator import simulator
from tests.support.camera_simulator.timecode_camera import TimecodeSpec
from tests.support.fire import write_lock
from tests.support.footage import digests_of, files_of, ledger, unaccounted
from tests.support.kills import stored
from tests.support.listener import Json, Listener
from tests.support.locked import CHIEF, PASSWORD, Client, claimed, client
from tests.support.passer import write_passer
from tests.support.server import Server, nightjar, nightjar_command

log = logging.getLogger(__name__)

pytestmark = [pytest.mark.system, pytest.mark.timeout(180)]

LOCKED_S = 60.0
FLOOR_S = 4.0
READ_WITHIN_S = 0.2
LAG_WITHIN_S = 0.05
ANSWERED_WITHIN_S = 8.0
ARRIVED_WITHIN_S = 20.0
READS = (
    "access",
    "cameras",
    "cameras/door",
    "events?limit=50",
    "alerts",
    "batches",
    "timeline?camera=door&camera=yard&from={from_}&to={to}&buckets=300",
    "exports",
    "system",
    "system/health",
    "system/queues",
    "system/database",
)
"""What the page asks for while somebody looks at it."""
LOST = ("nightjar_changes_lost_total ", "nightjar_commit_dropped_total ", "nightjar_audit_lost_total ")
ROUND_S = 8.0
"""Of the clip: something passes in each."""


@dataclass
class Looked:
    """How long reads took.

    Attributes:
        read_s: each read over the API, by somebody who has logged in.
        alive_s: each answer that needs nothing but the event loop.
        refused: statuses other than 200, with their paths.
    """

    read_s: list[float] = field(default_factory=list)
    alive_s: list[float] = field(default_factory=list)
    refused: list[tuple[str, int]] = field(default_factory=list)
    slowest: tuple[float, str] = (0.0, "")

    def __str__(self) -> str:
        """Return the figures as a line."""
        return f"{len(self.read_s)} reads {_figures(self.read_s)} (slowest {self.slowest[1]}), " + (
            f"event loop {_figures(self.alive_s)}"
        )


async def test_a_minute_of_a_foreign_lock_loses_nothing_and_keeps_no_reader_waiting(tmp_path: Path) -> None:
    """Messages come once it is over, each once; footage goes on; a change is refused in seconds, and undone.

    The box is claimed: each request shows a session, whose last use is written down, but not there.
    """
    data = tmp_path / "data"
    door = write_passer(tmp_path / "passer.mp4").as_uri()
    with simulator() as sim:
        yard = sim.timecode_camera("yard", TimecodeSpec(), notes_pictures=True)
        async with nightjar(data, _config(door, yard.url)) as server, client(server) as chief:
            await claimed(chief)
            async with _listening(server, chief) as listener:
                free = await _look(chief, FLOOR_S)
                await listener.first(lambda heard: heard.type == "event_updated", ARRIVED_WITHIN_S)
                event = (await chief.done("GET", "events"))["items"][0]
                locked, changed, quiet = await _under_lock(data, chief, listener, event["id"])
                arrived_s = await _everything_arrived(listener, data)
                note = (await chief.done("GET", f"events/{event['id']}"))["note"]
                again, _ = await chief.ask("PATCH", f"events/{event['id']}", {"note": "afterwards"})
                metrics = await _metrics(chief)
                yard.stall()
                await asyncio.sleep(1.0)
                assert await server.stop() == 0
                messages = [heard.message for heard in listener.heard if "cursor" in heard.message]
    log.info("free: %s", free)
    log.info("locked: %s", locked)
    log.info("changes: %s; all was said %.1f s after the lock", changed, arrived_s)
    assert (locked.refused, free.refused) == ([], [])
    assert statistics.median(locked.read_s) < READ_WITHIN_S
    assert statistics.median(locked.alive_s) < LAG_WITHIN_S
    assert quiet, "something was said that was not committed"
    for status, seconds in changed:
        assert (status, seconds < ANSWERED_WITHIN_S) == (503, True)
    assert (note, again) == ("", 200)
    assert [line for line in metrics if line.startswith(LOST) and not line.endswith(" 0")] == []
    _judge_messages(messages, data)
    pieces = [piece for piece in ledger(data) if piece.camera_id == "yard"]
    assert unaccounted(pieces) == []
    assert [piece.cause for piece in pieces[1:] if piece.cause] == []
    assert [d for file in files_of(data, "yard") for d in digests_of(file)] == [p.digest for p in yard.sent]
    assert (await nightjar_command("check", "--data", str(data)))[0] == 0


def _config(door: str, yard: str) -> str:
    lines = ["[detector]", 'model = "builtin"', "fetch = false", "[recordings]", "segment_s = 10.0"]
    lines += ["[[cameras]]", 'id = "door"', f'url = "{door}"', "loop = true"]
    lines += ["[[cameras]]", 'id = "yard"', f'url = "{yard}"', "detect_fps = 1.0"]
    return "\n".join(lines) + "\n"


@asynccontextmanager
async def _listening(server: Server, chief: Client) -> AsyncIterator[Listener]:
    """Follow everything as somebody who has logged in."""
    url = f"{server.url}/api/v1/ws?channels=events,detections,alerts,system&after=0"
    headers = {"Origin": server.url}
    async with chief.http.ws_connect(url, headers=headers, max_msg_size=0) as socket:
        listener = Listener(socket)
        try:
            yield listener
        finally:
            await listener.close()


async def _look(chief: Client, seconds: float) -> Looked:
    """Read all that the page reads, one after the other, for so long."""
    looked, ends_s = Looked(), time.monotonic() + seconds
    while time.monotonic() < ends_s:
        for path in READS:
            began = time.monotonic()
            status, _ = await chief.ask("GET", path.format(**_last_hour()))
            took_s = time.monotonic() - began
            looked.read_s.append(took_s)
            looked.slowest = max(looked.slowest, (took_s, path))
            if status != 200:
                looked.refused.append((path, status))
            began = time.monotonic()
            async with chief.http.get(f"{chief.url}/healthz") as answer:
                await answer.read()
            looked.alive_s.append(time.monotonic() - began)
            await asyncio.sleep(0.02)
    return looked


def _last_hour() -> dict[str, str]:
    now_us = round(1e6 * time.time())
    return {"from_": iso_of_us(WallUs(now_us - 3_600_000_000)), "to": iso_of_us(WallUs(now_us))}


async def _under_lock(
    data: Path, chief: Client, listener: Listener, event_id: str
) -> tuple[Looked, Sequence[tuple[int, float]], bool]:
    """Hold the lock for a minute; return how reads went, how two changes were answered, and the silence."""
    with write_lock(data):
        ends_s = time.monotonic() + LOCKED_S
        await asyncio.sleep(1.0)  # what was committed before is said by then
        said = _committed(listener)
        changes = asyncio.gather(
            _change(chief, "PATCH", f"events/{event_id}", {"note": "in vain"}),
            _change(chief, "POST", "login", {"name": CHIEF, "password": PASSWORD}),
        )
        looked = await _look(chief, ends_s - time.monotonic())
        answered = await changes
        return looked, answered, _committed(listener) == said


async def _change(chief: Client, method: str, path: str, body: object) -> tuple[int, float]:
    """Ask for a change, and return its status and its seconds; a refusal must say when to come back."""
    began = time.monotonic()
    url, headers = f"{chief.url}/api/v1/{path}", {"Origin": chief.url}
    async with chief.http.request(method, url, json=body, headers=headers) as answer:
        problem = await answer.json(content_type=None)
        if answer.status == 503:
            assert problem["type"] == "urn:nightjar:problem:database-unavailable"
            assert "nothing was changed" in problem["detail"]
            assert int(answer.headers["Retry-After"]) > 0
        return answer.status, time.monotonic() - began


def _committed(listener: Listener) -> int:
    """Return how many messages of the log were heard."""
    return sum("cursor" in heard.message and heard.type != "position" for heard in listener.heard)


async def _everything_arrived(listener: Listener, data: Path) -> float:
    """Wait until the passages of the locked minute are heard as events; return for how long."""
    began, wanted = time.monotonic(), int(LOCKED_S / ROUND_S) - 1

    def enough(so_far: Listener) -> bool:
        return len(so_far.of("event_created")) > wanted

    assert await listener.until(enough, ARRIVED_WITHIN_S)
    newest = len(stored(data))
    assert await listener.until(lambda so_far: _committed(so_far) >= newest, ARRIVED_WITHIN_S)
    return time.monotonic() - began


async def _metrics(chief: Client) -> list[str]:
    async with chief.http.get(f"{chief.url}/metrics") as answer:
        assert answer.status == 200
        return (await answer.text()).splitlines()


def _judge_messages(messages: Sequence[Json], data: Path) -> None:
    """Fail unless what was heard is what is stored, each once and in order."""
    said = [message for message in messages if message["type"] not in {"hello", "subscribed", "position"}]
    rows = stored(data)
    assert [message["cursor"] for message in said] == list(range(1, len(said) + 1))
    assert len(rows) >= len(said)
    for row, message in zip(rows, said, strict=False):
        assert row.is_said_by(message), (row, message)


def _figures(seconds: Sequence[float]) -> str:
    ordered = sorted(seconds)
    p95 = ordered[int(0.95 * (len(ordered) - 1))]
    median = statistics.median(ordered)
    return f"median {1e3 * median:.1f} ms, p95 {1e3 * p95:.1f} ms, longest {1e3 * ordered[-1]:.1f} ms"
