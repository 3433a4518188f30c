"""Whether an object is in a zone: once it was there for a while, until it was away for one."""

from appliance.domain.passage import ZoneStay
from appliance.domain.scene import Zone
from appliance.domain.time import US_PER_S, WallUs
from appliance.places.area import Area
from appliance.places.memory import Sight, ZoneMemory


class WatchedZone:
    """A zone made ready for many questions; remembers nothing of any track."""

    def __init__(self, zone: Zone) -> None:
        self.zone = zone
        self.area = Area(zone.points)
        self._enter_us = zone.enter_s * US_PER_S
        self._leave_us = zone.leave_s * US_PER_S

    def see(self, memory: ZoneMemory, sight: Sight) -> ZoneStay | None:
        """Take in where a track is in the next analysed frame, and return the stay that is over with it.

        Both times run from frame to frame, from the first in which it was seen inside, or outside: at a low
        rate no single frame decides.
        """
        if self._holds(sight):
            self._come(memory, sight.at_us)
            return None
        memory.since_us = None
        if memory.entered_us is None:
            return None
        memory.away_us = sight.at_us if memory.away_us is None else memory.away_us
        if sight.at_us - memory.away_us < self._leave_us:
            return None
        return self.leave(memory)

    def leave(self, memory: ZoneMemory) -> ZoneStay | None:
        """End the stay at hand, if there is one, where it was seen last, and return it."""
        stay = self.stay(memory, is_over=True)
        memory.entered_us = memory.since_us = memory.away_us = None
        return stay

    def stay(self, memory: ZoneMemory, *, is_over: bool = False) -> ZoneStay | None:
        """Return the stay at hand."""
        if memory.entered_us is None:
            return None
        zone, entered_us, seen_us = self.zone, WallUs(memory.entered_us), WallUs(memory.seen_us)
        return ZoneStay(zone.id, zone.name, entered_us, seen_us, is_over)

    def _holds(self, sight: Sight) -> bool:
        size = sight.width * sight.height
        return self.zone.min_area_ratio <= size <= self.zone.max_area_ratio and self.area.contains(
            sight.x, sight.y
        )

    def _come(self, memory: ZoneMemory, at_us: int) -> None:
        memory.away_us = None
        memory.since_us = at_us if memory.since_us is None else memory.since_us
        if memory.entered_us is None and at_us - memory.since_us >= self._enter_us:
            memory.entered_us = memory.since_us
        memory.seen_us = at_us
