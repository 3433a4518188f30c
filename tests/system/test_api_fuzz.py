"""Whatever is asked of the API, the answer is one that its own description names."""

import asyncio
from pathlib import Path

import pytest

from tests.support.api_fuzzing import ApiFuzzer
from tests.support.locked import claimed, client
from tests.support.passer import write_passer
from tests.support.server import Server, nightjar

pytestmark = [pytest.mark.system, pytest.mark.timeout(240)]

SECONDS = 60.0
SEED = 20261127
SOCKETS = frozenset({"GET /api/v1/ws", "GET /api/v1/cameras/{camera_id}/live"})
"""Their good answer is no answer but a WebSocket: they have a fuzzer of their own."""

TOKEN = {"name": "fuzzer", "scope": "admin", "cameras": None, "expires_at": None}


async def known_ids(server: Server) -> dict[str, list[str]]:
    """Return ids of what there is, by the name that paths give them; each kind has at least one."""
    await server.ask("POST", "rules", {"name": "Somebody"})
    target = {"name": "Nowhere", "kind": "webhook", "url": "http://127.0.0.1:9/", "enabled": False}
    await server.ask("POST", "targets", target)
    ids = {"camera_id": ["door"]}
    for path, name in (("events", "event_id"), ("batches", "batch_id"), ("rules", "rule_id")):
        await server.until(path, 40)
        ids[name] = [item["id"] for item in await server.every(path)] if path != "rules" else []
    ids["rule_id"] = [rule["id"] for rule in (await server.get("rules"))["items"]]
    await server.until("alerts", 60)
    ids["alert_id"] = [alert["id"] for alert in await server.every("alerts")]
    ids["change_id"] = [str(change["id"]) for change in (await server.get("setting_changes"))["items"]]
    return ids


async def test_every_answer_is_declared_and_none_is_a_defect(tmp_path: Path) -> None:
    """F26: well-formed and ill-formed requests to every operation, those to what exists among them."""
    url = write_passer(tmp_path / "passer.mp4").as_uri()
    config = (
        '[detector]\nmodel = "builtin"\nfetch = false\n'
        f'[[cameras]]\nid = "door"\nurl = "{url}"\nloop = true\n'
    )
    async with nightjar(tmp_path / "data", config) as server, client(server) as somebody:
        known = await known_ids(server)
        # Else the fuzzer claims the box sooner or later, and is nobody from then on.
        owner = await claimed(somebody)
        token = await owner.done("POST", "tokens", TOKEN)
        headers = {"Authorization": f"Bearer {token['secret']}"}
        fuzzer = await asyncio.to_thread(ApiFuzzer, server.url, known, headers, SOCKETS)
        report = await asyncio.to_thread(fuzzer.run, SECONDS, SEED)
        assert report.findings == [], "\n".join(report.findings)
        assert (await owner.done("GET", "system/health"))["parts"]
        assert await server.stop() == 0
    assert "Traceback" not in server.output.decode()
    assert report.statuses[200] > 50, report.statuses
    assert report.statuses[422] > 50, report.statuses
