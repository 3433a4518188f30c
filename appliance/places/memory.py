"""What is remembered of the tracks of one camera between two analysed frames: plain data, fit for a snapshot.

Times are microseconds of the camera's wall time.
"""

from dataclasses import dataclass, field

from appliance.domain.passage import Crossing, ZoneStay


@dataclass(slots=True)
class Sight:
    """One sight of a track: its foot point and the sides of its box, in unit coordinates."""

    at_us: int
    x: float
    y: float
    width: float
    height: float
    is_cut_off: bool


@dataclass(slots=True)
class ZoneMemory:
    """One track at one zone.

    Attributes:
        since_us: since when it is in the zone without a break; ``None`` outside.
        away_us: since when it is outside without a break, during a stay; ``None`` inside.
        entered_us: when the stay at hand began; ``None`` while there is none.
        seen_us: the last analysed frame of it in the zone, during a stay.
    """

    since_us: int | None = None
    away_us: int | None = None
    entered_us: int | None = None
    seen_us: int = 0


@dataclass(slots=True)
class LineMemory:
    """One track at one line. Sides are 1 to the right of it, -1 to the left, 0 for neither.

    Attributes:
        side: the side on which it is known to be.
        doubted: the other side, while one sight alone showed it clear there.
        last_side: the side of the last foot point that did not lie exactly on the line.
        net: how often its path went through the line since it was clear of it: to the right less to the left.
        met_us: when it did so last.
    """

    side: int = 0
    doubted: int = 0
    last_side: int = 0
    net: int = 0
    met_us: int = 0


@dataclass(slots=True)
class SpeedMemory:
    """One track in one zone with known sides.

    Attributes:
        places: the last sights: microseconds, and metres across the ground from the zone's first corner.
        last_mps: the steady speed at the last sight; 0 for none.
        best_mps: the highest one that two sights in a row agreed on; 0 for none.
    """

    places: list[tuple[int, float, float]] = field(default_factory=list)
    last_mps: float = 0.0
    best_mps: float = 0.0


@dataclass(slots=True)
class TrackMemory:
    """One track.

    Attributes:
        label: at the last frame.
        score: likewise.
        sight: the last one; ``None`` before the first.
        unseen_us: the analysed frames since then in which it was not seen.
        stays: those that are over, whether or not the zone is for its label.
        crossings: of lines, likewise.
        zones: the stays at hand, by the zone's id.
        lines: where it is, by the line's id.
        speeds: by the id of a zone whose sides are known.
        speed_kmh: what was known of its speed before it was followed by this memory.
    """

    label: str = ""
    score: float = 0.0
    sight: Sight | None = None
    unseen_us: list[int] = field(default_factory=list)
    stays: list[ZoneStay] = field(default_factory=list)
    crossings: list[Crossing] = field(default_factory=list)
    zones: dict[str, ZoneMemory] = field(default_factory=dict)
    lines: dict[str, LineMemory] = field(default_factory=dict)
    speeds: dict[str, SpeedMemory] = field(default_factory=dict)
    speed_kmh: float | None = None


@dataclass(slots=True)
class Memory:
    """All tracks of one camera, by their numbers."""

    tracks: dict[int, TrackMemory] = field(default_factory=dict)
