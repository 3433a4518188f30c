"""One real-time run of the real appliance on a clip of the demo street, with all that an owner does."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from appliance.packets.demo.scene import Scene
from tests.support.demo_clip import SEED, encode, good_window
from tests.support.listener import Heard, Listener
from tests.support.server import Server, nightjar, nightjar_command
from tests.support.visits import Span, Watched, watched

CLIP_FROM_S = 1200.0
"""Where a short stretch with three visits begins; the last of them stands still."""
LONGEST_S = 90.0
CONFIG = """
[detector]
model = "builtin"
[events]
batch_idle_s = 3
[[cameras]]
id = "street"
name = "Street"
url = "{url}"
"""


@dataclass(frozen=True, slots=True)
class StreetRun:
    """What was seen of the clip, and all that one client of the WebSocket heard until the end.

    Attributes:
        truth: the visits that are in the clip.
        heard: on all channels, also of what was asked for after the clip.
        stopped: the exit status of the service.
        check: the exit status and the words of ``nightjar check`` afterwards.
    """

    truth: Sequence[Span]
    seen: Watched
    heard: Sequence[Heard]
    stopped: int
    check: tuple[int, str]


async def street_run_in(folder: Path) -> StreetRun:
    """Encode the clip, watch it with a rule set, then do over the API what an owner does; about 75 s."""
    scene = Scene(SEED)
    visits = encode(folder / "street.mp4", scene, good_window(scene, CLIP_FROM_S))
    truth = [Span(f"V{n}", visit.first_s, visit.last_s) for n, visit in enumerate(visits, 1)]
    config = CONFIG.format(url=(folder / "street.mp4").as_uri())
    async with (
        nightjar(folder / "data", config) as server,
        server.listener("events,detections,alerts,system") as listener,
    ):
        rule = {"name": "anybody", "labels": ["person"], "deduplication": "visit"}
        assert (await server.ask("POST", "rules", rule))[0] == 201
        seen = await watched(server, listener, "street", LONGEST_S)
        await review(server, listener)
        await manage(server, listener)
        stopped = await server.stop()
    check = await nightjar_command("check", "--data", str(folder / "data"))
    return StreetRun(truth, seen, tuple(listener.heard), stopped, check)


async def review(server: Server, listener: Listener) -> None:
    """Handle two alerts, delete an event, and wait for the end of its batch."""
    await listener.first(lambda heard: heard.type == "batch_completed")
    seen, dismissed = [heard.data for heard in listener.of("alert_created")][:2]
    assert (await server.ask("POST", f"alerts/{seen['id']}/acknowledge"))[0] == 200
    await listener.first(lambda heard: heard.type == "alert_acknowledged")
    assert (await server.ask("POST", f"alerts/{dismissed['id']}/dismiss"))[0] == 200
    await listener.first(lambda heard: heard.type == "alert_dismissed")
    assert (await server.ask("DELETE", f"events/{seen['event_id']}"))[0] == 204
    await listener.first(lambda heard: heard.type == "event_deleted")


async def manage(server: Server, listener: Listener) -> None:
    """Add a camera at an address that belongs to nobody (RFC 5737), change it and remove it."""
    camera = {"id": "gate", "name": "Gate", "address": "rtsp://192.0.2.1/nothing"}
    assert (await server.ask("POST", "cameras", camera))[0] == 201
    assert (await server.ask("PATCH", "cameras/gate", {"name": "Back gate"}))[0] == 200
    assert (await server.ask("DELETE", "cameras/gate"))[0] == 204
    await listener.first(lambda heard: heard.type == "camera_deleted")
