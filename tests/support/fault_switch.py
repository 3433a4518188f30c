"""The appliance with faults in it that a test switches on, for the product has no such switch.

``python -m tests.support.fault_switch FOLDER PYTHON -m appliance run …`` is the command behind it, in which
some functions fail as often as a file of the folder says: that of their place's name, with a number in it.
"""

import functools
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from appliance import __main__ as appliance
from appliance.commit.committer import Committer
from appliance.commit.event_broadcaster import EventBroadcaster
from appliance.ingest import CameraIngest
from appliance.web.events import EventHandlers
from appliance.web.websocket.session import Session
from tests.support.source import ROOT

SAID = "a fault that a test has switched on"
BEFORE_THE_COMMIT = "before the commit"
BEHIND_THE_COMMIT = "behind the commit"
AFTER_TELLING = "after telling"
LIST_OF_EVENTS = "list of events"
CHANGE_OF_EVENT = "change of an event"
WEBSOCKET = "websocket"


def reader_of(camera_id: str) -> str:
    """Return the place in a camera's reader where its packets are handed on."""
    return f"reader of {camera_id}"


def wrapper(folder: Path) -> list[str]:
    """Return what stands in front of the command that starts the appliance."""
    folder.mkdir(exist_ok=True)
    return ["env", f"PYTHONPATH={ROOT}", sys.executable, "-m", "tests.support.fault_switch", str(folder)]


def switch_on(folder: Path, place: str, times: int = 1) -> None:
    """Let the next calls at a place fail, so many of them; 0 lets none fail any more."""
    new = folder / f"{place}.new"
    new.write_text(str(times))
    new.replace(folder / place)


def is_on(folder: Path, place: str) -> bool:
    """Return whether a call at that place is still to fail."""
    return _left(folder / place) > 0


def put_faults_in(folder: Path) -> None:
    """Wrap the functions that can fail."""
    _wrap(folder, Committer, "_write", lambda _: BEFORE_THE_COMMIT)
    _wrap(folder, Committer, "_write", lambda _: BEHIND_THE_COMMIT, behind=True)
    _wrap(folder, EventBroadcaster, "wake", lambda _: AFTER_TELLING)
    _wrap(folder, CameraIngest, "on_packet", lambda ingest: reader_of(ingest._camera.id))
    _wrap(folder, EventHandlers, "list", lambda _: LIST_OF_EVENTS)
    _wrap(folder, EventHandlers, "change", lambda _: CHANGE_OF_EVENT)
    _wrap(folder, Session, "_subscribe", lambda _: WEBSOCKET)


def _wrap(
    folder: Path, owner: type, name: str, place_of: Callable[[Any], str], *, behind: bool = False
) -> None:
    real = getattr(owner, name)

    @functools.wraps(real)
    def faulty(self: Any, *arguments: Any) -> Any:
        if not behind:
            _fail(folder / place_of(self))
        result = real(self, *arguments)
        if behind:
            _fail(folder / place_of(self))
        return result

    setattr(owner, name, faulty)


def _fail(switch: Path) -> None:
    left = _left(switch)
    if left > 0:
        switch_on(switch.parent, switch.name, left - 1)
        raise RuntimeError(f"{SAID}: {switch.name}")


def _left(switch: Path) -> int:
    try:
        return int(switch.read_text())
    except FileNotFoundError:
        return 0


if __name__ == "__main__":
    put_faults_in(Path(sys.argv[1]))
    sys.argv = sys.argv[4:]
    sys.exit(appliance.main())
