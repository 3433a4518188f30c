"""Where an object was: its stays in zones, the lines it crossed, and how fast it went."""

from dataclasses import dataclass
from enum import StrEnum

from appliance.domain.scene import LineId, ZoneId
from appliance.domain.time import WallUs


class Direction(StrEnum):
    """Forward is from the line's left to its right, seen from its ``a`` towards its ``b``."""

    FORWARD = "forward"
    BACKWARD = "backward"


@dataclass(frozen=True, slots=True)
class ZoneStay:
    """One stay of an object in a zone.

    Attributes:
        entered_us: the first analysed frame of the stay, not the one that made it certain.
        seen_us: the last analysed frame in which it was in the zone.
        is_over: it has left; a later stay is another one, and its dwell begins at 0.
    """

    zone_id: ZoneId
    name: str
    entered_us: WallUs
    seen_us: WallUs
    is_over: bool = False


@dataclass(frozen=True, slots=True)
class Crossing:
    """One crossing of a line.

    Attributes:
        at_us: when the foot point's path met the line, between two analysed frames.
    """

    line_id: LineId
    name: str
    at_us: WallUs
    direction: Direction


@dataclass(frozen=True, slots=True)
class Passages:
    """Everything that a track did at zones and lines, in order of time.

    Attributes:
        speed_kmh: its highest steady speed in a zone whose sides are known; ``None`` where there was none.
    """

    stays: tuple[ZoneStay, ...] = ()
    crossings: tuple[Crossing, ...] = ()
    speed_kmh: float | None = None


NO_PASSAGES = Passages()
