"""The service is killed while an alert is on its way: the next one takes it there."""

import asyncio
import sqlite3
from pathlib import Path

from appliance.store.engine import DATABASE
from tests.support.receiver import SECRET, Receiver, listening
from tests.support.rows import NOON_US
from tests.support.server import Server, nightjar

CONFIG = """
[detector]
model = "builtin"
fetch = false

[notifications]
picture_wait_s = 0
first_pause_s = 0.1
longest_pause_s = 0.5
"""
ALERT = """
INSERT INTO batches (id, chain_id, camera_id, started_us) VALUES ('b', 'b', 'front', {at});
INSERT INTO events (id, visit_id, batch_id, camera_id, label, started_us, last_seen_us)
VALUES ('e', 'v', 'b', 'front', 'person', {at}, {at});
INSERT INTO alerts (id, rule_id, rule_name, event_id, batch_id, camera_id, visit_id, label, severity,
created_us, dedup_key) VALUES ('a', 'r', 'Night', 'e', 'b', 'front', 'v', 'person', 1, {at}, 'v');
"""


def make_alert(data: Path) -> None:
    """Make an alert as another program would: the trigger makes its delivery all the same."""
    with sqlite3.connect(data / DATABASE, timeout=10) as raw:
        raw.executescript(f"BEGIN IMMEDIATE;{ALERT.format(at=NOON_US)}COMMIT;")


async def delivered(server: Server) -> None:
    """Wait until the one delivery is made."""
    async with asyncio.timeout(20):
        while not (await server.get("deliveries", state="delivered"))["items"]:  # noqa: ASYNC110
            await asyncio.sleep(0.05)


async def test_a_kill_between_alert_and_delivery_loses_nothing(tmp_path: Path) -> None:
    """It is on record as waiting, goes out after the next start, and is recorded once."""
    receiver = Receiver()
    receiver.hangs = True
    async with listening(receiver):
        async with nightjar(tmp_path, CONFIG) as server:
            given = {"name": "Home", "kind": "webhook", "address": receiver.url, "secret": SECRET}
            assert (await server.ask("POST", "targets", given))[0] == 201
            await asyncio.to_thread(make_alert, tmp_path)
            await receiver.until(1)
            await server.kill()
        receiver.hangs = False
        async with nightjar(tmp_path, CONFIG) as server:
            await receiver.until(2)
            await delivered(server)
            (only,) = (await server.get("deliveries"))["items"]
            assert (only["alert_id"], only["state"], only["attempts"]) == ("a", "delivered", 1)
    assert {one.headers["webhook-id"] for one in receiver.got} == {receiver.got[0].headers["webhook-id"]}
    assert all(one.is_signed_with(SECRET) for one in receiver.got)
