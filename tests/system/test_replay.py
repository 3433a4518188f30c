"""What a real service recorded is decided again, bit for bit: across a kill, a stop and changed settings."""

import asyncio
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.support.server import nightjar, nightjar_command

pytestmark = [pytest.mark.system, pytest.mark.timeout(300)]

EVENT_WITHIN_S = 90.0
DEMO = '[detector]\nmodel = "builtin"\n[[cameras]]\nid = "street"\nname = "Street"\nurl = "demo:"\n'
ZONE = {"id": "road", "name": "Road", "points": [[0.0, 0.3], [1.0, 0.3], [1.0, 1.0], [0.0, 1.0]]}


async def record(data: Path) -> None:
    """Let a service be killed while something is there, and another go on, with other rules and a zone."""
    async with nightjar(data, DEMO) as server:
        await server.ask("POST", "rules", {"name": "All"})
        await server.until("events", EVENT_WITHIN_S)
        await server.kill()
    async with nightjar(data, DEMO) as server:
        again = datetime.now(UTC).isoformat()
        await server.ask("PATCH", "cameras/street", {"scene": {"zones": [ZONE]}})
        await server.ask("POST", "rules", {"name": "Road", "zones": ["road"], "cooldown_s": 5})
        await server.until("events", EVENT_WITHIN_S, **{"from": again})
        await server.stop()


def test_a_killed_service_is_replayed_bit_for_bit(tmp_path: Path) -> None:
    """Every batch, event, alert and candidate of both runs is what frames and settings make of it again."""
    since = datetime.now(UTC).isoformat()

    async def story() -> tuple[int, str]:
        await record(tmp_path)
        return await nightjar_command("replay", "--from", since, "--json", "--data", str(tmp_path))

    status, text = asyncio.run(story())
    told = json.loads(text.splitlines()[-1])
    assert told["differences"] == []
    assert (status, told["same"]) == (0, True)
    assert told["events"] >= 2
    assert told["frames"] >= 6
