"""What a rule asks of an event, condition by condition: whether each holds, and that in words. Pure."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from math import floor
from typing import NamedTuple

from appliance.domain.alert import Rule
from appliance.domain.arming import ArmState
from appliance.domain.event import Event, EventKind
from appliance.domain.passage import ZoneStay
from appliance.domain.scene import EMPTY_SCENE, Requirement, Scene
from appliance.domain.schedule import holds
from appliance.domain.severity import Severity
from appliance.domain.time import WallUs, seconds_between
from appliance.domain.trace import TraceStep

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
ARM_WORDS = {ArmState.HOME: "at home", ArmState.AWAY: "away", ArmState.NIGHT: "night"}


class Situation(NamedTuple):
    """What counts besides the event itself.

    Attributes:
        at: the time of the frame at hand.
        arm: says what state the house is in at a time.
        zone: the owner's time zone.
        scene: what is drawn at the camera: names, and zones that alerts require.
    """

    at: WallUs
    arm: Callable[[WallUs], ArmState] = lambda _at: ArmState.HOME
    zone: tzinfo = UTC
    scene: Scene = EMPTY_SCENE

    def counted_us(self, event: Event) -> WallUs:
        """Return the time by which hours and the house's state are judged.

        What rests counts as of when it came to its place: a car that was parked at noon is nothing of the
        night's, until it moves.
        """
        return self.at if event.rest is None else min(self.at, event.rest.since_us)


Test = Callable[[Event, Rule, Situation], bool]
Words = Callable[[Event, Rule, Situation, bool], str]


@dataclass(frozen=True, slots=True)
class Condition:
    """One thing that a rule asks.

    Attributes:
        name: a word for programs, unique among the conditions.
        is_asked: whether a rule asks it, at a camera with such a scene.
        holds: whether it is so.
        words: says the value and its limit, whether it holds or not.
        is_aim: it is what the rule is about: an event of which it does not hold did not come near.
    """

    name: str
    is_asked: Callable[[Rule, Scene], bool]
    holds: Test
    words: Words
    is_aim: bool = False

    def step(self, event: Event, rule: Rule, situation: Situation) -> TraceStep:
        """Return the condition's answer."""
        passed = self.holds(event, rule, situation)
        return TraceStep(self.name, passed, self.words(event, rule, situation, passed))


def _label_words(event: Event, rule: Rule, _: Situation, passed: bool) -> str:
    labels = ", ".join(sorted(rule.labels or ()))
    return f"{event.label} is {'one' if passed else 'none'} of {labels or 'nothing'}"


def _camera_words(event: Event, rule: Rule, _: Situation, passed: bool) -> str:
    cameras = ", ".join(sorted(rule.cameras or ()))
    return f"camera {event.camera_id} is {'one' if passed else 'none'} of {cameras or 'no camera'}"


def _severity_words(event: Event, rule: Rule, _: Situation, passed: bool) -> str:
    sign = "≥" if passed else "<"
    score, limit = event.severity.word, rule.min_severity.word
    return f"severity {score} {sign} {limit} (risk {event.risk_score})"


def _in_required(event: Event, _: Rule, situation: Situation) -> bool:
    return event.kind is not EventKind.OBJECT or not required_for(
        situation.scene, Requirement.ALERTS
    ).isdisjoint(event.zones)


def _required_words(event: Event, __: Rule, situation: Situation, passed: bool) -> str:
    if event.kind is not EventKind.OBJECT:
        return "it is of the camera itself, and in no zone"
    required = required_for(situation.scene, Requirement.ALERTS)
    names = _zone_names(situation.scene, required)
    return f"was in {names}, as alerts require" if passed else f"outside {names}, which alerts require"


def _in_zone(event: Event, rule: Rule, _: Situation) -> bool:
    return rule.zones is not None and not rule.zones.isdisjoint(event.zones)


def _zone_words(_: Event, rule: Rule, situation: Situation, passed: bool) -> str:
    names = _zone_names(situation.scene, rule.zones or frozenset())
    return f"was in {names}" if passed else f"outside {names}"


def _crossed(event: Event, rule: Rule, _: Situation) -> bool:
    lines = rule.lines or frozenset()
    return any(crossing.line_id in lines for crossing in event.passages.crossings)


def _line_words(_: Event, rule: Rule, situation: Situation, passed: bool) -> str:
    names = {line.id: line.name for line in situation.scene.lines}
    listed = " or ".join(sorted(names.get(line, line) for line in rule.lines or ()))
    return f"crossed {listed or 'no line'}" if passed else f"did not cross {listed or 'any line'}"


def _dwell_s(event: Event, rule: Rule) -> float:
    if rule.zones is None:
        return seconds_between(event.started_us, event.last_seen_us)
    return max([_stay_s(stay) for stay in event.passages.stays if stay.zone_id in rule.zones], default=0.0)


def _stay_s(stay: ZoneStay) -> float:
    return seconds_between(stay.entered_us, stay.seen_us)


def _dwelt(event: Event, rule: Rule, _: Situation) -> bool:
    return _dwell_s(event, rule) >= rule.min_dwell_s


def _dwell_words(event: Event, rule: Rule, _: Situation, passed: bool) -> str:
    where = "there" if rule.zones is None else "in it"
    sign = "≥" if passed else "<"
    # Cut and not rounded, so that 0.96 s are not said to be less than themselves.
    dwell_s = floor(_dwell_s(event, rule) * 10) / 10
    return f"{where} for {dwell_s:g} s {sign} {rule.min_dwell_s:g} s"


def _is_armed(event: Event, rule: Rule, situation: Situation) -> bool:
    return rule.armed is not None and situation.arm(situation.counted_us(event)) in rule.armed


def _armed_words(event: Event, rule: Rule, situation: Situation, passed: bool) -> str:
    state = ARM_WORDS[situation.arm(situation.counted_us(event))]
    wanted = " or ".join(ARM_WORDS[one] for one in sorted(rule.armed or ()))
    return f"the house is set to {state}" + ("" if passed else f", not {wanted or 'any state of the rule'}")


def _is_in_hours(event: Event, rule: Rule, situation: Situation) -> bool:
    at = situation.counted_us(event)
    return any(holds(hours, at, situation.zone) for hours in rule.hours)


def _hours_words(event: Event, _: Rule, situation: Situation, passed: bool) -> str:
    at = clock_words(situation.counted_us(event), situation.zone)
    return f"{at} lies {'within' if passed else 'outside'} its hours"


CONDITIONS = (
    Condition(
        "enabled",
        lambda rule, _: not rule.enabled,
        lambda _, rule, __: rule.enabled,
        lambda *_: "the rule is switched off",
        is_aim=True,
    ),
    Condition(
        "label",
        lambda rule, _: rule.labels is not None,
        lambda event, rule, _: rule.labels is not None and event.label in rule.labels,
        _label_words,
        is_aim=True,
    ),
    Condition(
        "camera",
        lambda rule, _: rule.cameras is not None,
        lambda event, rule, _: rule.cameras is not None and event.camera_id in rule.cameras,
        _camera_words,
        is_aim=True,
    ),
    Condition(
        "severity",
        lambda rule, _: rule.min_severity > Severity.LOW,
        lambda event, rule, _: event.severity >= rule.min_severity,
        _severity_words,
    ),
    Condition(
        "required",
        lambda _, scene: bool(required_for(scene, Requirement.ALERTS)),
        _in_required,
        _required_words,
    ),
    Condition("zone", lambda rule, _: rule.zones is not None, _in_zone, _zone_words),
    Condition("line", lambda rule, _: rule.lines is not None, _crossed, _line_words),
    Condition("dwell", lambda rule, _: rule.min_dwell_s > 0, _dwelt, _dwell_words),
    Condition("armed", lambda rule, _: rule.armed is not None, _is_armed, _armed_words),
    Condition("hours", lambda rule, _: bool(rule.hours), _is_in_hours, _hours_words),
)
"""In the order in which they are asked and told."""


def asked_of(rule: Rule, scene: Scene) -> tuple[Condition, ...]:
    """Return the conditions that a rule has at a camera with that scene."""
    return tuple(condition for condition in CONDITIONS if condition.is_asked(rule, scene))


def required_for(scene: Scene, requirement: Requirement) -> frozenset[str]:
    """Return the ids of the zones of which an object must have been in one."""
    return frozenset(zone.id for zone in scene.zones if zone.required_for is requirement)


def clock_words(at: WallUs, zone: tzinfo) -> str:
    """Return the time of day on the wall: ``02:14``."""
    return f"{(EPOCH + timedelta(microseconds=at)).astimezone(zone):%H:%M}"


def _zone_names(scene: Scene, zones: frozenset[str] | frozenset[object]) -> str:
    names = {str(zone.id): zone.name for zone in scene.zones}
    return " or ".join(sorted(names.get(str(zone), str(zone)) for zone in zones)) or "every zone"
