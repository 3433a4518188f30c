"""How grave a visit is: a transparent sum of named factors, each with its reason. Pure functions."""

from dataclasses import dataclass
from datetime import datetime

from appliance.domain.detection import MOTION_LABEL
from appliance.domain.event import RiskFactor
from appliance.domain.time import US_PER_S
from appliance.events.settings import Settings
from appliance.events.words import counted

LABEL_POINTS = {
    "person": 25,
    "truck": 14,
    "car": 12,
    "motorcycle": 12,
    "bus": 10,
    "bicycle": 10,
    "dog": 8,
    "cat": 3,
    MOTION_LABEL: 5,
}
OTHER_POINTS = 8
"""Of a label that the table does not know."""

WEIGHTS = {"person": 1.0, "truck": 0.7, "car": 0.7, "motorcycle": 0.7, "bus": 0.7, "bicycle": 0.7}
OTHER_WEIGHT = 0.3
"""The other factors count in full for people: a cat at night is no burglar."""

POINTS_FOR_EACH_MORE, POINTS_FOR_MANY = 8, 24
NIGHT_POINTS = 25
DWELL_POINTS = ((600.0, 20, "10 min"), (180.0, 15, "3 min"), (60.0, 10, "1 min"), (20.0, 5, "20 s"))
FIRST_POINTS = 10


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What a visit's risk is judged by.

    Attributes:
        number: objects of that label that were there at once, the visit's own among them; at least 1.
        local_start: when the visit began, in the owner's time zone.
        dwell_s: how long it has lasted.
        quiet_us: how long the label had not been seen at that camera before; ``None`` when never.
    """

    label: str
    number: int
    local_start: datetime
    dwell_s: float
    quiet_us: int | None


def assess(circumstances: Circumstances, settings: Settings) -> tuple[int, tuple[RiskFactor, ...]]:
    """Return the risk score, 0 to 100, and the factors whose sum, clipped to that range, it is."""
    weight = WEIGHTS.get(circumstances.label, OTHER_WEIGHT)
    factors = (
        _label(circumstances),
        _number(circumstances, weight),
        _time_of_day(circumstances, weight, settings),
        _dwell(circumstances, weight),
        _first_appearance(circumstances, weight, settings),
    )
    return max(0, min(100, sum(factor.points for factor in factors))), factors


def _label(circumstances: Circumstances) -> RiskFactor:
    label = circumstances.label
    return RiskFactor("label", LABEL_POINTS.get(label, OTHER_POINTS), label)


def _number(circumstances: Circumstances, weight: float) -> RiskFactor:
    more = min((circumstances.number - 1) * POINTS_FOR_EACH_MORE, POINTS_FOR_MANY)
    if circumstances.label == MOTION_LABEL:
        return RiskFactor("number", 0, "not counted")
    return RiskFactor(
        "number", round(more * weight), f"{counted(circumstances.label, circumstances.number)} at once"
    )


def _time_of_day(circumstances: Circumstances, weight: float, settings: Settings) -> RiskFactor:
    start = circumstances.local_start
    first, last = settings.night_from_hour, settings.night_to_hour
    is_night = first <= start.hour or start.hour < last if first > last else first <= start.hour < last
    points = round(NIGHT_POINTS * weight) if is_night else 0
    return RiskFactor("time_of_day", points, f"{'at night' if is_night else 'by day'} ({start:%H:%M})")


def _dwell(circumstances: Circumstances, weight: float) -> RiskFactor:
    for least_s, points, words in DWELL_POINTS:
        if circumstances.dwell_s >= least_s:
            return RiskFactor("dwell", round(points * weight), f"there for {words} or longer")
    return RiskFactor("dwell", 0, "there for less than 20 s")


def _first_appearance(circumstances: Circumstances, weight: float, settings: Settings) -> RiskFactor:
    name, points = "first_appearance", round(FIRST_POINTS * weight)
    if circumstances.quiet_us is None:
        return RiskFactor(name, points, f"no {circumstances.label} was seen here before")
    hours = circumstances.quiet_us / (3600 * US_PER_S)
    if hours >= settings.quiet_hours:
        return RiskFactor(name, points, f"first {circumstances.label} here for {round(hours)} h")
    return RiskFactor(name, 0, f"a {circumstances.label} was here within {settings.quiet_hours:g} h")
