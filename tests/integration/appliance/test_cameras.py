"""Cameras come, go and come again while the appliance runs."""

from pathlib import Path

from tests.support.server import nightjar

DEMO = {"id": "street", "name": "Street", "address": "demo:"}
CONFIG = """
[detector]
model = "builtin"
"""


async def test_a_camera_deleted_and_added_again_at_once_is_read_anew(tmp_path: Path) -> None:
    """Its new row says ``connecting``, and becomes ``online`` like any other."""
    async with (
        nightjar(tmp_path / "data", CONFIG) as server,
        server.socket("?channels=system&types=camera_status") as socket,
    ):
        for _ in range(3):
            status, _camera = await server.ask("POST", "cameras", DEMO)
            assert status == 201
            while (await socket.receive_json(timeout=10)).get("data", {}).get("status") != "online":
                pass
            status, _nothing = await server.ask("DELETE", "cameras/street")
            assert status == 204
            status, _camera = await server.ask("POST", "cameras", DEMO)
            assert status == 201
            while (await socket.receive_json(timeout=10)).get("data", {}).get("status") != "online":
                pass
            await server.ask("DELETE", "cameras/street")


async def test_what_decoding_left_out_and_woke_for_in_vain_is_at_metrics(tmp_path: Path) -> None:
    """Every drop is counted where an owner can see it."""
    async with (
        nightjar(tmp_path / "data", CONFIG) as server,
        server.socket("?channels=system&types=camera_status") as socket,
    ):
        await server.ask("POST", "cameras", DEMO)
        while (await socket.receive_json(timeout=10)).get("data", {}).get("status") != "online":
            pass
        metrics = await server.text("metrics")
    assert 'nightjar_packets_left_out_total{camera="street"}' in metrics
    assert 'nightjar_false_wakes_total{camera="street"} 0' in metrics
