"""What a rule is for, and what it alerts for once."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.alerts.conditions import CONDITIONS, Situation
from appliance.alerts.decide import asked, dedup_key, is_near, satisfies, trace
from appliance.domain.alert import Deduplication, Rule
from appliance.domain.arming import ArmState, Hours
from appliance.domain.event import Event
from appliance.domain.ids import BatchId, CameraId, RuleId
from appliance.domain.passage import Crossing, Direction, Passages, ZoneStay
from appliance.domain.scene import Line, LineId, Requirement, Scene, Zone, ZoneId
from appliance.domain.severity import Severity
from appliance.domain.time import WallUs
from appliance.domain.track import Rest
from tests.support.scenes import event
from tests.support.sightings import CAMERA, STANDING, wall

RULE = Rule(RuleId("r1"), "People")
CHAIN = BatchId("chain")
DRIVE, LAWN, GATE = ZoneId("drive"), ZoneId("lawn"), LineId("gate")
CORNERS = ((0.1, 0.1), (0.9, 0.1), (0.9, 0.9))
SCENE = Scene(
    zones=(Zone(DRIVE, "Drive", CORNERS), Zone(LAWN, "Lawn", CORNERS)),
    lines=(Line(GATE, "Gate", (0, 0), (1, 1)),),
)
PASSAGES = Passages(
    stays=(
        ZoneStay(DRIVE, "Drive", wall(0), wall(4), is_over=True),
        ZoneStay(DRIVE, "Drive", wall(10), wall(41)),
    ),
    crossings=(Crossing(GATE, "Gate", wall(9), Direction.FORWARD),),
)
PERSON = event(last_s=45, zones=(DRIVE,), passages=PASSAGES)
NIGHT = Hours(frozenset(range(7)), 22 * 60, 6 * 60)
LUNCH = Hours(frozenset({0}), 11 * 60, 13 * 60)


def steps(rule: Rule, row: Event = PERSON, **others: Any) -> dict[str, tuple[bool, str]]:
    """Return each condition's answer and words, by its name."""
    situation = Situation(wall(45), scene=SCENE, **others)
    told = trace(row, rule, asked(rule, situation.scene), situation)
    return {step.name: (step.passed, step.detail) for step in told}


@pytest.mark.parametrize(
    ("changes", "name", "expected"),
    [
        ({"enabled": False}, "enabled", (False, "the rule is switched off")),
        ({"labels": frozenset({"person", "car"})}, "label", (True, "person is one of car, person")),
        ({"labels": frozenset({"car"})}, "label", (False, "person is none of car")),
        ({"labels": frozenset()}, "label", (False, "person is none of nothing")),
        ({"cameras": frozenset({CAMERA})}, "camera", (True, "camera front is one of front")),
        ({"cameras": frozenset({CameraId("yard")})}, "camera", (False, "camera front is none of yard")),
        ({"min_severity": Severity.MEDIUM}, "severity", (True, "severity medium ≥ medium (risk 35)")),
        ({"min_severity": Severity.HIGH}, "severity", (False, "severity medium < high (risk 35)")),
        ({"zones": frozenset({DRIVE, LAWN})}, "zone", (True, "was in Drive or Lawn")),
        ({"zones": frozenset({LAWN})}, "zone", (False, "outside Lawn")),
        ({"zones": frozenset({ZoneId("elsewhere")})}, "zone", (False, "outside elsewhere")),
        ({"lines": frozenset({GATE})}, "line", (True, "crossed Gate")),
        ({"lines": frozenset({LineId("kerb")})}, "line", (False, "did not cross kerb")),
        ({"min_dwell_s": 45}, "dwell", (True, "there for 45 s ≥ 45 s")),
        ({"min_dwell_s": 46}, "dwell", (False, "there for 45 s < 46 s")),
        ({"min_dwell_s": 31, "zones": frozenset({DRIVE})}, "dwell", (True, "in it for 31 s ≥ 31 s")),
        ({"min_dwell_s": 33, "zones": frozenset({DRIVE})}, "dwell", (False, "in it for 31 s < 33 s")),
        ({"min_dwell_s": 31.5, "zones": frozenset({DRIVE})}, "dwell", (False, "in it for 31 s < 31.5 s")),
        ({"min_dwell_s": 1, "zones": frozenset({LAWN})}, "dwell", (False, "in it for 0 s < 1 s")),
        ({"armed": frozenset({ArmState.HOME})}, "armed", (True, "the house is set to at home")),
        (
            {"armed": frozenset({ArmState.AWAY, ArmState.NIGHT})},
            "armed",
            (False, "the house is set to at home, not away or night"),
        ),
        ({"hours": (NIGHT, LUNCH)}, "hours", (True, "12:00 lies within its hours")),
        ({"hours": (NIGHT,)}, "hours", (False, "12:00 lies outside its hours")),
    ],
)
def test_each_condition_says_the_value_and_its_limit(
    changes: dict[str, Any], name: str, expected: tuple[bool, str]
) -> None:
    """In words, whether it holds or not; and the rule is satisfied if all of them hold."""
    rule = replace(RULE, **changes)
    told = steps(rule)
    assert told[name] == expected
    situation = Situation(wall(45), scene=SCENE)
    is_satisfied = satisfies(PERSON, rule, asked(rule, SCENE), situation)
    assert is_satisfied is all(passed for passed, _ in told.values())


def test_what_a_rule_does_not_name_is_not_asked() -> None:
    """A rule without conditions is for everything."""
    assert steps(RULE) == {}
    assert satisfies(PERSON, RULE, asked(RULE, SCENE), Situation(wall(0)))


def test_a_zone_that_alerts_require_is_asked_of_every_rule() -> None:
    """Whatever the rule says of zones, at that camera only what was in one so marked makes alerts."""
    required = replace(SCENE.zones[1], required_for=Requirement.ALERTS)
    scene = replace(SCENE, zones=(SCENE.zones[0], required))
    conditions, situation = asked(RULE, scene), Situation(wall(45), scene=scene)
    (step,) = trace(PERSON, RULE, conditions, situation)
    assert (step.passed, step.detail) == (False, "outside Lawn, which alerts require")
    visitor = replace(PERSON, zones=(DRIVE, LAWN))
    (step,) = trace(visitor, RULE, conditions, situation)
    assert (step.passed, step.detail) == (True, "was in Lawn, as alerts require")


def test_a_house_is_judged_by_the_state_at_that_moment() -> None:
    """Whoever is still there when it is armed is somebody then; what was parked before is nothing of it."""
    rule = replace(RULE, armed=frozenset({ArmState.AWAY}), hours=(LUNCH,))

    def arm(at: WallUs) -> ArmState:
        return ArmState.AWAY if at >= wall(40) else ArmState.HOME

    assert steps(rule, arm=arm)["armed"] == (True, "the house is set to away")
    parked = replace(PERSON, rest=Rest(wall(10), STANDING, 0))
    assert steps(rule, parked, arm=arm)["armed"] == (False, "the house is set to at home, not away")


def test_near_is_what_lacks_one_thing_and_is_what_the_rule_is_about() -> None:
    """A rule about people has not nearly alerted for a car."""
    rule = replace(RULE, labels=frozenset({"person"}), min_severity=Severity.HIGH)
    conditions, situation = asked(rule, SCENE), Situation(wall(45), scene=SCENE)
    assert is_near(trace(PERSON, rule, conditions, situation))
    assert not is_near(trace(replace(PERSON, label="car"), rule, conditions, situation))
    grave_car = replace(PERSON, label="car", risk_score=90)
    assert not is_near(trace(grave_car, rule, conditions, situation))
    assert not is_near(trace(replace(PERSON, risk_score=90), rule, conditions, situation))


def test_conditions_have_names_of_their_own() -> None:
    """A program can tell them apart."""
    names = [condition.name for condition in CONDITIONS]
    assert len(set(names)) == len(names)


rules = st.builds(
    Rule,
    id=st.just(RuleId("r1")),
    name=st.just("People"),
    labels=st.none() | st.frozensets(st.sampled_from(["person", "car"])),
    cameras=st.none() | st.frozensets(st.sampled_from([CAMERA, CameraId("yard")])),
    min_severity=st.sampled_from(Severity),
    zones=st.none() | st.frozensets(st.sampled_from([DRIVE, LAWN])),
    lines=st.none() | st.frozensets(st.sampled_from([GATE, LineId("kerb")])),
    min_dwell_s=st.sampled_from([0.0, 5.0, 31.0, 300.0]),
    armed=st.none() | st.frozensets(st.sampled_from(ArmState)),
    hours=st.lists(st.sampled_from([NIGHT, LUNCH]), max_size=2).map(tuple),
)


@given(rules, st.sampled_from(["person", "car", "dog"]), st.integers(0, 100), st.sampled_from(ArmState))
def test_a_rule_is_satisfied_if_and_only_if_every_step_says_so(
    rule: Rule, label: str, risk: int, state: ArmState
) -> None:
    """The trace is what decided, and not another telling of it."""
    row = replace(PERSON, label=label, risk_score=risk)
    situation = Situation(wall(45), arm=lambda _at: state, scene=SCENE)
    conditions = asked(rule, SCENE)
    told = trace(row, rule, conditions, situation)
    assert satisfies(row, rule, conditions, situation) is all(step.passed for step in told)
    assert all(step.detail for step in told)


def test_the_key_is_the_visit_or_the_chain() -> None:
    """Unique together with the rule, whichever the rule is about."""
    by_visit = replace(RULE, deduplication=Deduplication.VISIT)
    assert dedup_key(by_visit, PERSON, CHAIN) == PERSON.visit_id
    assert dedup_key(RULE, PERSON, CHAIN) == CHAIN
