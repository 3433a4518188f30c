"""How grave a visit is: a transparent sum of named factors, each with its reason. Pure functions."""

from collections.abc import Set as AbstractSet
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

from appliance.domain.arming import ArmState
from appliance.domain.detection import MOTION_LABEL
from appliance.domain.event import OFFLINE_LABEL, TAMPERING_LABEL, RiskFactor
from appliance.domain.passage import Passages
from appliance.domain.scene import ZoneId
from appliance.domain.second_look import FACTOR, Opinion, SecondLook
from appliance.domain.tampering import Tampering
from appliance.domain.time import US_PER_S, seconds_between
from appliance.events.baseline import Rarity
from appliance.events.settings import Settings
from appliance.events.words import counted, listed, spoiling

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
ZONE_POINTS, REQUIRED_ZONE_POINTS = 5, 10
"""Of a zone that is only drawn, and of one that the owner asks for before he is told of anything."""
LINE_POINTS = 5
ARM_POINTS = {ArmState.HOME: 0, ArmState.NIGHT: 5, ArmState.AWAY: 15}
FAST_KMH, FAST_POINTS = {"person": 10.0}, 5
OTHER_FAST_KMH = 40.0
"""A person who runs; anything else where people live."""
STAY_POINTS = {"left_behind": 20, "removed": 15}
"""In full whatever the label: a bag that somebody left is told by being left, not by being a bag."""
SHARE_POINTS = ((1 / 14, 10), (1 / 7, 5), (0.5, 0), (0.8, -5))
"""What comes on at most that part of the days; on more than the last of them it counts ``USUAL_POINTS``."""
USUAL_POINTS = -10
NEVER_SHARE = 0.01
"""A share below is what days long past have left."""

OFFLINE_POINTS = 30
"""A camera that is away sees nobody: more than a person by day, and less than one at night."""
OFFLINE_WEIGHT = 0.6
"""Of its time of day and its length; the state of the house counts in full."""


TAMPERING_POINTS = 45
"""Who does that to a camera knows that it is there, and wants not to be seen."""
TAMPERING_WEIGHT = 0.4
"""Of its time of day: by day it is hardly less grave."""


class Stay(StrEnum):
    """What became of a thing that stays."""

    LEFT_BEHIND = "left_behind"
    REMOVED = "removed"


class InZone(NamedTuple):
    """A zone in which the object was.

    Attributes:
        name: as the owner calls it.
        dwell_s: its longest stay there.
        is_required: events or alerts are made only of what was in it, or in another one so marked.
    """

    name: str
    dwell_s: float
    is_required: bool = False

    @classmethod
    def of(
        cls, passages: Passages, most_s: float, required: AbstractSet[ZoneId] = frozenset()
    ) -> tuple["InZone", ...]:
        """Return the zones in which an object was, each of them once.

        Args:
            passages: what it did.
            most_s: how long it was there at all, without the time for which it just rested.
            required: the zones that events or alerts are asked to be in.
        """
        if not passages.stays:
            return ()
        longest: dict[ZoneId, tuple[str, float]] = {}
        for stay in passages.stays:
            dwell_s = min(most_s, seconds_between(stay.entered_us, stay.seen_us))
            before = longest.get(stay.zone_id, ("", 0.0))[1]
            longest[stay.zone_id] = stay.name, max(before, dwell_s)
        return tuple([cls(name, dwell_s, zone in required) for zone, (name, dwell_s) in longest.items()])


class Circumstances(NamedTuple):
    """What a visit's risk is judged by.

    Attributes:
        number: objects of that label that were there at once, the visit's own among them; at least 1.
        local_start: when the visit began, in the owner's time zone.
        dwell_s: how long it has lasted.
        quiet_us: how long the label had not been seen at that camera before; ``None`` when never.
        zones: in which it was, in the order in which it came to them.
        lines: the names of the lines that it crossed, each of them once.
        arm: the state of the house when the visit began.
        speed_kmh: its highest steady speed; ``None`` where none was measured.
        stay: whether it is a thing that somebody left or took.
        rarity: how usual the label is at that camera and hour; ``None`` while that is not learnt.
    """

    label: str
    number: int
    local_start: datetime
    dwell_s: float
    quiet_us: int | None
    zones: tuple[InZone, ...] = ()
    lines: tuple[str, ...] = ()
    arm: ArmState = ArmState.HOME
    speed_kmh: float | None = None
    stay: Stay | None = None
    rarity: Rarity | None = None


class _Known(NamedTuple):
    """What the factors are made of: the circumstances, but for seconds that make no difference.

    Attributes:
        start: hour and minute at which the visit began, by the owner's clock.
        zones: names, and whether each is required.
        where: it was the longest.
        dwell: the place in ``DWELL_POINTS`` that it has come to; their number below all of them.
        night: the hours from and to which it is night.
    """

    label: str
    number: int
    start: tuple[int, int]
    quiet_us: int | None
    zones: tuple[tuple[str, bool], ...]
    lines: tuple[str, ...]
    arm: ArmState
    speed_kmh: float | None
    stay: Stay | None
    rarity: Rarity | None
    where: str
    dwell: int
    night: tuple[int, int]
    quiet_hours: float


def assess(circumstances: Circumstances, settings: Settings) -> tuple[int, tuple[RiskFactor, ...]]:
    """Return the risk score, 0 to 100, and the factors whose sum, clipped to that range, it is.

    The first five are always there; of the others those that have something to say.
    """
    label, number, local_start, dwell_s, quiet_us, zones, lines, arm, speed, stay, rarity = circumstances
    where = "there"
    if zones:
        # Who walks through a zone and waits outside of it does not loiter where it matters.
        longest = zones[0] if len(zones) == 1 else max(zones, key=lambda zone: zone.dwell_s)
        where, dwell_s = f"in {longest.name}", longest.dwell_s
    known = _Known(
        label=label,
        number=number,
        start=(local_start.hour, local_start.minute),
        quiet_us=quiet_us,
        zones=tuple([(zone.name, zone.is_required) for zone in zones]),
        lines=lines,
        arm=arm,
        speed_kmh=speed,
        stay=stay,
        rarity=rarity,
        where=where,
        dwell=sum([dwell_s < least_s for least_s, _, _ in DWELL_POINTS]),
        night=(settings.night_from_hour, settings.night_to_hour),
        quiet_hours=settings.quiet_hours,
    )
    return _assessed(known)


# From one frame to the next nothing of it changes but for the seconds.
@lru_cache(maxsize=256)
def _assessed(known: _Known) -> tuple[int, tuple[RiskFactor, ...]]:
    weight = WEIGHTS.get(known.label, OTHER_WEIGHT)
    factors = (
        _label(known),
        _number(known, weight),
        _time_of_day(known, weight),
        _dwell(known, weight),
        _first_appearance(known, weight),
        *_zone(known, weight),
        *_line(known, weight),
        *_arm(known, weight),
        *_speed(known, weight),
        *_stay(known),
        *_rarity(known, weight),
    )
    return score_of(factors), factors


def with_second_look(
    factors: tuple[RiskFactor, ...], look: SecondLook | None
) -> tuple[int, tuple[RiskFactor, ...]]:
    """Return score and factors, with what a model said as the last of them in place of an earlier one."""
    own = tuple(factor for factor in factors if factor.name != FACTOR)
    if look is None:
        return score_of(own), own
    words = {
        Opinion.HARMLESS: "finds it harmless",
        Opinion.UNCLEAR: "cannot tell what it is",
        Opinion.SUSPICIOUS: "finds it suspicious",
    }[look.opinion]
    whole = (*own, RiskFactor(FACTOR, look.points, f"the model {look.model} {words}"))
    return score_of(whole), whole


def score_of(factors: tuple[RiskFactor, ...]) -> int:
    """Return the sum of the factors, clipped to 0 to 100."""
    return max(0, min(100, sum(factor.points for factor in factors)))


def assess_absence(
    local_start: datetime, lasted_s: float, arm: ArmState, settings: Settings
) -> tuple[RiskFactor, ...]:
    """Return the risk factors of a camera that is not reached.

    Args:
        local_start: since when, in the owner's time zone.
        lasted_s: for how long so far.
        arm: the state of the house when it went.
        settings: for what is night.
    """
    start, night = (local_start.hour, local_start.minute), (settings.night_from_hour, settings.night_to_hour)
    reached = ((points, words) for least_s, points, words in DWELL_POINTS if lasted_s >= least_s)
    points, words = next(reached, (0, ""))
    detail = f"for {words} or longer" if words else "for less than 20 s"
    return (
        RiskFactor(OFFLINE_LABEL, OFFLINE_POINTS, "the camera was not reached"),
        _hour(start, night, OFFLINE_WEIGHT),
        RiskFactor("dwell", round(points * OFFLINE_WEIGHT), detail),
        *_house(arm, 1.0),
    )


def assess_tampering(
    local_start: datetime, how: Tampering, arm: ArmState, settings: Settings
) -> tuple[RiskFactor, ...]:
    """Return the risk factors of a camera that is tampered with.

    Args:
        local_start: since when, in the owner's time zone.
        how: what is done to it.
        arm: the state of the house when that began.
        settings: for what is night.
    """
    start, night = (local_start.hour, local_start.minute), (settings.night_from_hour, settings.night_to_hour)
    return (
        RiskFactor(TAMPERING_LABEL, TAMPERING_POINTS, f"the camera {spoiling(how)}"),
        _hour(start, night, TAMPERING_WEIGHT),
        *_house(arm, 1.0),
    )


def _label(known: _Known) -> RiskFactor:
    label = known.label
    return RiskFactor("label", LABEL_POINTS.get(label, OTHER_POINTS), label)


def _number(known: _Known, weight: float) -> RiskFactor:
    more = min((known.number - 1) * POINTS_FOR_EACH_MORE, POINTS_FOR_MANY)
    if known.label == MOTION_LABEL:
        return RiskFactor("number", 0, "not counted")
    return RiskFactor("number", round(more * weight), f"{counted(known.label, known.number)} at once")


def _time_of_day(known: _Known, weight: float) -> RiskFactor:
    return _hour(known.start, known.night, weight)


def _hour(start: tuple[int, int], night: tuple[int, int], weight: float) -> RiskFactor:
    (hour, minute), (first, last) = start, night
    is_night = first <= hour or hour < last if first > last else first <= hour < last
    points = round(NIGHT_POINTS * weight) if is_night else 0
    return RiskFactor(
        "time_of_day", points, f"{'at night' if is_night else 'by day'} ({hour:02d}:{minute:02d})"
    )


def _dwell(known: _Known, weight: float) -> RiskFactor:
    """Return what its time counts: that in a zone, if it was in one."""
    if known.dwell == len(DWELL_POINTS):
        return RiskFactor("dwell", 0, f"{known.where} for less than 20 s")
    _, points, words = DWELL_POINTS[known.dwell]
    return RiskFactor("dwell", round(points * weight), f"{known.where} for {words} or longer")


def _first_appearance(known: _Known, weight: float) -> RiskFactor:
    name, points = "first_appearance", round(FIRST_POINTS * weight)
    if known.quiet_us is None:
        return RiskFactor(name, points, f"no {known.label} was seen here before")
    hours = known.quiet_us / (3600 * US_PER_S)
    if hours >= known.quiet_hours:
        return RiskFactor(name, points, f"first {known.label} here for {round(hours)} h")
    return RiskFactor(name, 0, f"a {known.label} was here within {known.quiet_hours:g} h")


def _zone(known: _Known, weight: float) -> list[RiskFactor]:
    if not known.zones:
        return []
    is_required = any(required for _, required in known.zones)
    points = REQUIRED_ZONE_POINTS if is_required else ZONE_POINTS
    names = dict.fromkeys(name for name, _ in known.zones)
    return [RiskFactor("zone", round(points * weight), f"was in {listed(names)}")]


def _line(known: _Known, weight: float) -> list[RiskFactor]:
    if not known.lines:
        return []
    names = listed(dict.fromkeys(known.lines))
    return [RiskFactor("line", round(LINE_POINTS * weight), f"crossed {names}")]


def _arm(known: _Known, weight: float) -> list[RiskFactor]:
    return _house(known.arm, weight)


def _house(arm: ArmState, weight: float) -> list[RiskFactor]:
    if arm is ArmState.HOME:
        return []
    words = {ArmState.AWAY: "nobody is at home", ArmState.NIGHT: "the house is set for the night"}
    points = round(ARM_POINTS[arm] * weight)
    return [RiskFactor("arm_state", points, words[arm])]


def _speed(known: _Known, weight: float) -> list[RiskFactor]:
    speed = known.speed_kmh
    if speed is None:
        return []
    is_fast = speed >= FAST_KMH.get(known.label, OTHER_FAST_KMH)
    return [RiskFactor("speed", round(FAST_POINTS * weight) if is_fast else 0, f"at {round(speed)} km/h")]


def _stay(known: _Known) -> list[RiskFactor]:
    if known.stay is None:
        return []
    words = {Stay.LEFT_BEHIND: "was left behind", Stay.REMOVED: "was taken away"}[known.stay]
    return [RiskFactor(known.stay.value, STAY_POINTS[known.stay.value], words)]


def _rarity(known: _Known, weight: float) -> list[RiskFactor]:
    rarity = known.rarity
    if rarity is None:
        return []
    points = next((points for most, points in SHARE_POINTS if rarity.share <= most), USUAL_POINTS)
    return [RiskFactor("rarity", round(points * weight), _usualness(rarity, points))]


def _usualness(rarity: Rarity, points: int) -> str:
    when = f"at this hour{f' on {rarity.kind}' if rarity.kind else ''}"
    if rarity.share < NEVER_SHARE:
        return f"never seen here {when} in {int(rarity.days)} days"
    if points > 0:
        return f"rare here {when}: 1 in {round(1 / rarity.share)} days"
    often = f"on {round(10 * rarity.share)} of 10 days"
    return f"usual here {when}: {often}" if points < 0 else f"seen here {when} {often}"
