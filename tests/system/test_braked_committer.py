"""A committer that fails at every try: the brake holds, the rest goes on, and nothing is lost by it."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.support import fault_switch
from tests.support.camera_simulator.simulator import simulator
from tests.support.camera_simulator.timecode_camera import TimecodeSpec
from tests.support.fault_switch import BEFORE_THE_COMMIT, SAID, switch_on
from tests.support.footage import digests_of, files_of, ledger, unaccounted
from tests.support.passer import write_passer
from tests.support.server import Server, nightjar, nightjar_command

pytestmark = [pytest.mark.system, pytest.mark.timeout(180)]

ALWAYS = 1_000_000
DEGRADED_WITHIN_S = 15.0
TRIED_WITHIN_S = 70.0


async def test_a_committer_that_always_fails_is_braked_and_loses_nothing(tmp_path: Path) -> None:
    """Five failures and it is degraded, tried once a minute; then all that waited is stored and said once."""
    switches, data = tmp_path / "switches", tmp_path / "data"
    door = write_passer(tmp_path / "passer.mp4").as_uri()
    with simulator() as sim:
        yard = sim.timecode_camera("yard", TimecodeSpec(), notes_pictures=True)
        lines = ["[detector]", 'model = "builtin"', "fetch = false", "[recordings]", "segment_s = 10.0"]
        lines += ["[[cameras]]", 'id = "door"', f'url = "{door}"', "loop = true"]
        lines += ["[[cameras]]", 'id = "yard"', f'url = "{yard.url}"', "detect_fps = 1.0"]
        config = "\n".join(lines) + "\n"
        async with (
            nightjar(data, config, wrapper=fault_switch.wrapper(switches)) as server,
            server.listener("events,detections,alerts,system") as listener,
        ):
            await listener.first(lambda heard: heard.type == "event_created")
            switch_on(switches, BEFORE_THE_COMMIT, ALWAYS)
            await _committer_is(server, "degraded", DEGRADED_WITHIN_S)
            before = len(listener.of("event_created"))
            assert len((await server.get("events"))["items"]) == before
            assert server.output.decode().count(f"RuntimeError: {SAID}: {BEFORE_THE_COMMIT}\n") == 5
            switch_on(switches, BEFORE_THE_COMMIT, 0)
            await _committer_is(server, "ok", TRIED_WITHIN_S)
            assert await listener.until(lambda so_far: len(so_far.of("event_created")) >= before + 6, 20.0)
            yard.stall()
            await asyncio.sleep(2.0)
            assert await server.stop() == 0
            said = [heard.message for heard in listener.heard if "cursor" in heard.message and heard.data]
    assert [message["cursor"] for message in said] == list(range(1, len(said) + 1))
    with closing(sqlite3.connect(data / "nightjar.db")) as connection:
        stored = connection.execute("SELECT cursor, type FROM outbox ORDER BY cursor").fetchall()
    assert stored[: len(said)] == [(message["cursor"], message["type"]) for message in said]
    pieces = [piece for piece in ledger(data) if piece.camera_id == "yard"]
    assert unaccounted(pieces) == []
    assert [d for file in files_of(data, "yard") for d in digests_of(file)] == [p.digest for p in yard.sent]
    assert (await nightjar_command("check", "--data", str(data)))[0] == 0


async def _committer_is(server: Server, level: str, within_s: float) -> None:
    """Wait until health says that of the committer."""
    async with asyncio.timeout(within_s):
        while ("committer", level) not in {  # noqa: ASYNC110
            (part["part"], part["level"]) for part in (await server.get("system/health"))["parts"]
        }:
            await asyncio.sleep(0.2)
