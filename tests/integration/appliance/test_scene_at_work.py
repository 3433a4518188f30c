"""What an owner draws and sets over the API, at work on a camera that runs: from the next frame on."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any

import pytest

from tests.support.listener import Heard, Listener
from tests.support.passer import ROUND_S, write_passer
from tests.support.server import Server, nightjar

CONFIG = """
[detector]
model = "builtin"
[tracks]
lost_s = 1
[events]
batch_idle_s = 1
[[cameras]]
id = "yard"
name = "Yard"
url = "{url}"
loop = true
detect_fps = 10
"""
RIGHT_PART = {"id": "drive", "name": "Drive", "points": [[0.75, 0], [1, 0], [1, 1], [0.75, 1]], "enter_s": 0}
MIDDLE = {"id": "gate", "name": "Gate", "a": [0.85, 0], "b": [0.85, 1]}
RULE = {"name": "Nobody is at home", "zones": ["drive"], "armed": ["away"], "deduplication": "visit"}

pytestmark = pytest.mark.timeout(180)


class Yard:
    """A camera before which a figure goes from left to right, again and again."""

    def __init__(self, server: Server, listener: Listener) -> None:
        self.server = server
        self.listener = listener

    async def ask(self, method: str, path: str, body: object = None) -> Any:
        """Send a request that is answered well, and return the answer."""
        status, answer = await self.server.ask(method, path, body)
        assert status in {200, 201}, answer
        return answer

    async def next_begins(self) -> str:
        """Wait for the begin of the next visit, in the left part of the picture; return its event's id."""
        known = len(self.listener.of("event_created"))
        assert await self.listener.until(lambda so_far: len(so_far.of("event_created")) > known, 3 * ROUND_S)
        return str(self.listener.of("event_created")[known].data["id"])

    async def end_of(self, event_id: str) -> Any:
        """Wait for the end of a visit and return its event."""

        def is_end(heard: Heard) -> bool:
            return heard.data.get("id") == event_id and heard.data.get("state") == "ended"

        await self.listener.first(is_end, 3 * ROUND_S)
        return await self.server.get(f"events/{event_id}")

    async def alerts_for(self, event: Any) -> list[str]:
        """Return the names of the rules that alerted for an event."""
        found = await self.server.every("alerts", event=event["id"])
        return [alert["rule_name"] for alert in found]


@asynccontextmanager
async def yard(folder: Path) -> AsyncIterator[Yard]:
    """Run the appliance with the camera, which the API manages."""
    config = CONFIG.format(url=write_passer(folder / "passer.mp4").as_uri())
    async with nightjar(folder / "data", config) as server, server.listener("events,system") as listener:
        # The API takes no files; whoever changes the row, it counts.
        with closing(sqlite3.connect(folder / "data" / "nightjar.db", timeout=10)) as database, database:
            database.execute("UPDATE cameras SET managed_by = 'api'")
        yield Yard(server, listener)


async def test_what_is_drawn_and_set_counts_at_once_and_interrupts_nothing(tmp_path: Path) -> None:
    """A zone that is drawn while somebody comes knows of that visit; neither reading nor recording stops."""
    async with yard(tmp_path) as at:
        await at.ask("POST", "rules", RULE)
        before = await at.end_of(await at.next_begins())
        assert before["zones"] == []

        # Drawn in the midst of a visit: what comes after it counts, also of the same object.
        begun = await at.next_begins()
        scene = {"zones": [RIGHT_PART], "lines": [MIDDLE]}
        await at.ask("PATCH", "cameras/yard", {"scene": scene, "name": "Back yard", "labels": ["motion"]})
        drawn = await at.end_of(begun)
        assert drawn["zones"] == ["drive"]
        passed = [(one["kind"], one["id"], one["direction"]) for one in drawn["passages"]]
        assert passed == [("zone", "drive", None), ("line", "gate", "backward")]
        assert await at.alerts_for(drawn) == []

        # The rule asks who is at home: nobody, from now on.
        await at.ask("PUT", "arm", {"state": "away"})
        away = await at.end_of(await at.next_begins())
        assert await at.alerts_for(away) == [RULE["name"]]

        # Undone, there is no zone any more, hence no alert.
        (change,) = await at.server.every("setting_changes", subject="camera:yard")
        await at.ask("POST", f"setting_changes/{change['id']}/undo")
        undone = await at.end_of(await at.next_begins())
        assert (undone["zones"], await at.alerts_for(undone)) == ([], [])

        said = [heard.data["status"] for heard in at.listener.of("camera_status")]
        footage = await at.server.get(
            "cameras/yard/footage", **{"from": before["started_at"], "to": undone["last_seen_at"]}
        )
        figures = await at.server.get("cameras/stats")
    assert said.count("online") == 1
    assert [one for one in footage["items"] if one["state"] == "gap"] == []
    assert [camera["reconnects"] for camera in figures["cameras"]] == [0]
