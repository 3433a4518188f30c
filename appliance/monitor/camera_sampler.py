"""Every ten minutes: how each camera's stream was, as a row for the look back at its last 24 hours."""

import functools
import logging
from dataclasses import dataclass, field
from statistics import fmean

from appliance.commit.committer import Committer
from appliance.domain.camera import CameraStats
from appliance.domain.ids import CameraId
from appliance.domain.time import EARLIEST_US, WallUs
from appliance.errors import Overloaded
from appliance.monitor.camera_stats import CameraStatsReader
from appliance.monitor.presence import Attendance, Presence
from appliance.runtime.clock import Clock
from appliance.store import camera_samples
from appliance.store.camera_samples import CameraSample

log = logging.getLogger(__name__)

LOOK_EVERY_S = 60.0
LOOKS = 10
"""For each row."""
FIRST_S = 10.0
"""The first row comes soon, so that whoever has just started the service sees that there will be figures."""


@dataclass(slots=True)
class _Looks:
    """What was seen of a camera since its last row.

    Attributes:
        corrupt_before: what its decoder had counted when it was looked at last.
    """

    fps: list[float] = field(default_factory=list)
    bitrate_bps: list[float] = field(default_factory=list)
    corrupt: int = 0
    corrupt_before: int = 0

    def add(self, stats: CameraStats) -> None:
        """Look once; a reader that was made anew counts from 0 again."""
        if stats.fps is not None:
            self.fps.append(stats.fps)
        if stats.bitrate_bps is not None:
            self.bitrate_bps.append(stats.bitrate_bps)
        known = self.corrupt_before if stats.corrupt_frames >= self.corrupt_before else 0
        self.corrupt += stats.corrupt_frames - known
        self.corrupt_before = stats.corrupt_frames


class CameraSampler:
    """Looks once a minute and writes through the committer every tenth time; used from the event loop."""

    def __init__(
        self, clock: Clock, committer: Committer, presence: Presence, stats: CameraStatsReader
    ) -> None:
        self._clock = clock
        self._committer = committer
        self._presence = presence
        self._stats = stats
        self._seen: dict[CameraId, _Looks] = {}

    async def run(self) -> None:
        """Look and write until cancelled."""
        await self._clock.sleep(FIRST_S)
        self.look()
        while True:
            self.write()
            for _ in range(LOOKS):
                await self._clock.sleep(LOOK_EVERY_S)
                self.look()

    def look(self) -> None:
        """Look at each camera once."""
        found = self._stats.read()
        self._seen = {one.camera_id: self._seen.get(one.camera_id, _Looks()) for one in found}
        for one in found:
            self._seen[one.camera_id].add(one)

    def write(self) -> None:
        """Hand over a row for each camera that was to be there; a box whose clock was never set has none."""
        at_us = self._clock.wall_us()
        rows = [
            self._row(camera_id, there, at_us)
            for camera_id, there in self._presence.take().items()
            if there.watched_s > 0
        ]
        if not rows or at_us < EARLIEST_US:
            return
        try:
            self._committer.post(functools.partial(camera_samples.add, samples=rows))
        except Overloaded as err:
            log.warning("samples of the cameras are left out: %s", err)

    def _row(self, camera_id: CameraId, there: Attendance, at_us: WallUs) -> CameraSample:
        looks = self._seen.get(camera_id, _Looks())
        row = CameraSample(
            camera_id=camera_id,
            at_us=at_us,
            watched_s=round(there.watched_s, 1),
            online_s=round(there.online_s, 1),
            fps=round(fmean(looks.fps), 1) if looks.fps else None,
            bitrate_bps=round(fmean(looks.bitrate_bps)) if looks.bitrate_bps else None,
            losses=there.losses,
            corrupt_frames=looks.corrupt,
        )
        self._seen[camera_id] = _Looks(corrupt_before=looks.corrupt_before)
        return row
