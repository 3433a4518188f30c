"""Readers' reports → how long each camera was there, of the time it was to be, and how often it broke off."""

import threading
from dataclasses import dataclass
from typing import NamedTuple

from appliance.domain.camera import CameraReport, CameraState
from appliance.domain.ids import CameraId
from appliance.domain.time import NS_PER_S, MonotonicNs
from appliance.runtime.clock import Clock

_NOT_WATCHED = frozenset({CameraState.DISABLED, CameraState.ENDED})
"""Nobody expects anything of a camera that is switched off, or of a file that was played."""


class Attendance(NamedTuple):
    """How a camera was there since the look before.

    Attributes:
        watched_s: it was to be there.
        online_s: it was, that long.
        losses: how often a connection that had worked broke.
    """

    watched_s: float
    online_s: float
    losses: int


@dataclass(slots=True)
class _Seen:
    state: CameraState
    since_ns: MonotonicNs
    watched_s: float = 0.0
    online_s: float = 0.0
    losses: int = 0


class Presence:
    """Adds up what the readers report; any thread."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._seen: dict[CameraId, _Seen] = {}

    def on_report(self, report: CameraReport) -> None:
        """Take a reader's word about its camera's state."""
        with self._lock:
            seen = self._seen.get(report.camera_id)
            if seen is None:
                self._seen[report.camera_id] = _Seen(report.state, self._clock.monotonic_ns())
                return
            self._add(seen)
            if seen.state is CameraState.ONLINE and _is_trouble(report.state):
                seen.losses += 1
            seen.state = report.state

    def forget(self, camera_id: CameraId) -> None:
        """Drop what is counted of a camera that is gone."""
        with self._lock:
            self._seen.pop(camera_id, None)

    def take(self) -> dict[CameraId, Attendance]:
        """Return what was added up since this was called before."""
        with self._lock:
            taken = {}
            for camera_id, seen in self._seen.items():
                self._add(seen)
                taken[camera_id] = Attendance(seen.watched_s, seen.online_s, seen.losses)
                seen.watched_s, seen.online_s, seen.losses = 0.0, 0.0, 0
            return taken

    def _add(self, seen: _Seen) -> None:
        """Count the time since the look before for the state that was."""
        now_ns = self._clock.monotonic_ns()
        passed_s, seen.since_ns = (now_ns - seen.since_ns) / NS_PER_S, now_ns
        if seen.state not in _NOT_WATCHED:
            seen.watched_s += passed_s
        if seen.state is CameraState.ONLINE:
            seen.online_s += passed_s


def _is_trouble(state: CameraState) -> bool:
    """Return whether a camera that was there is not any more, and nobody wanted that."""
    return state in {CameraState.OFFLINE, CameraState.AUTH_FAILED, CameraState.NO_VIDEO}
