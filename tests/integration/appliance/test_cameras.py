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
