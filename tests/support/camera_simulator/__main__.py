"""Cameras in a process of their own: prints their addresses, then ``ready``; ends with its standard input.

``python -m tests.support.camera_simulator [--port N] [--host H] [--cameras N] [--name cam] [--habits JSON]
[--timecodes N] [CLIP…]``

``--timecodes`` adds so many cameras ``time0``, ``time1`` … which encode the wall time into every picture.
Camera ``cam0`` plays the first clip, ``cam1`` the second, and so on in turn. A line on standard input is an
order: ``cam3 stall``, ``cam3 lose_packets 0.05``, ``cam3 change_clip "/clip.mp4"`` (a method of
``SimulatedCamera`` with its arguments in JSON), or ``seen``. Each is answered with one line of JSON: ``{}``,
what every camera saw by name, or ``{"error": …}``.
"""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from tests.support.camera_simulator.simulator import Simulator, facts, simulator

ORDERS = frozenset(
    (
        "stall",
        "resume",
        "refuse",
        "accept",
        "unplug",
        "plug",
        "cut",
        "end_stream",
        "hang",
        "answer",
        "drop_keyframes",
        "drop_pictures",
        "mute",
        "flip_bits",
        "lose_packets",
        "jump_timestamps",
        "repeat_timestamps",
        "change_clip",
        "send_broken_nal_units",
        "describe_as",
    )
)


def main() -> None:
    """Serve until standard input ends."""
    parser = argparse.ArgumentParser(prog="camera_simulator", description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--cameras", type=int, help="how many; one for each clip when not given")
    parser.add_argument("--name", default="cam")
    parser.add_argument("--habits", type=json.loads, default={}, help="see camera.Habits; a JSON object")
    parser.add_argument("--timecodes", type=int, default=0, help="how many cameras with the time in view")
    parser.add_argument("clips", nargs="*", type=Path)
    given = parser.parse_args()
    if not given.clips and not given.timecodes:
        parser.error("expected clips or --timecodes, got neither")
    with simulator(given.port, given.host) as sim:
        for i in range(given.timecodes):
            _say(sim.timecode_camera(f"time{i}", **given.habits).url)
        for i in range((given.cameras or len(given.clips)) if given.clips else 0):
            clip = given.clips[i % len(given.clips)]
            _say(sim.camera(f"{given.name}{i}", clip, **given.habits).url)
        _say("ready")
        for line in sys.stdin:
            _say(json.dumps(obeyed(sim, line)))


def obeyed(sim: Simulator, line: str) -> dict[str, Any]:
    """Carry an order out; return its answer."""
    if line.strip() == "seen":
        return {name: facts(camera) for name, camera in sim.cameras.items()}
    name, _, rest = line.strip().partition(" ")
    order, _, arguments = rest.partition(" ")
    if name not in sim.cameras or order not in ORDERS:
        return {"error": f"expected a camera's name and one of {sorted(ORDERS)}, got {line.strip()!r}"}
    values = json.loads(f"[{', '.join(arguments.split())}]") if arguments else []
    values = [Path(value) for value in values] if order == "change_clip" else values
    getattr(sim.cameras[name], order)(*values)
    return {}


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
