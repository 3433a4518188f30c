"""A rule alerts when an event comes to satisfy it, once for each visit or chain."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from appliance.alerts.conditions import Situation
from appliance.alerts.desk import AlertDesk, Judgement
from appliance.alerts.ledger import AlertMemory
from appliance.domain.alert import Alert, Deduplication, Rule
from appliance.domain.event import Event, EventState
from appliance.domain.ids import BatchId, RuleId
from appliance.domain.scene import EMPTY_SCENE
from appliance.domain.severity import Severity
from appliance.domain.trace import Suppressed, TraceStep
from tests.support.scenes import event
from tests.support.sightings import CAMERA, wall

RULE = Rule(RuleId("r1"), "People")
BY_VISIT = replace(RULE, deduplication=Deduplication.VISIT)
CHAIN = BatchId("chain")
PERSON = event()
GRAVE = event(risk_score=70)


class Desk:
    """A camera's desk, spoken to in seconds after noon."""

    def __init__(self, *rules: Rule, memory: AlertMemory | None = None) -> None:
        self.desk = AlertDesk(rules, memory or AlertMemory())

    def judge(self, row: Event, at_s: float = 0, chain: BatchId = CHAIN) -> tuple[Alert, ...]:
        """Return the alerts of an event's newest state."""
        return self.verdict(row, at_s, chain).alerts

    def verdict(self, row: Event, at_s: float = 0, chain: BatchId = CHAIN) -> Judgement:
        """Return all that an event's newest state makes."""
        return self.desk.judge(row, chain, Situation(wall(at_s)))

    def set_rules(self, rules: Sequence[Rule], standing: Sequence[Event]) -> None:
        """Go by other rules while these events stand."""
        self.desk.configure(rules, EMPTY_SCENE, standing, Situation(wall(0)))


def test_an_alert_tells_what_the_event_is() -> None:
    """It carries what its row and its message need."""
    (alert,) = Desk(RULE).judge(PERSON, at_s=3)
    assert alert == Alert(
        *(alert.id, RULE.id, "People", PERSON.id, PERSON.batch_id, CAMERA, PERSON.visit_id),
        *("person", Severity.MEDIUM, wall(3), PERSON.summary, "chain"),
        trace=(TraceStep("repeat", passed=True, detail="first alert of these goings-on"),),
    )


def test_the_same_decision_has_the_same_name() -> None:
    """Another desk that sees the same makes the same alert, id and all; another rule's is another one."""
    first, again, other = (Desk(rule).judge(PERSON) for rule in (RULE, RULE, replace(RULE, id=RuleId("r2"))))
    assert first == again
    assert first[0].id != other[0].id


def test_every_rule_decides_for_itself() -> None:
    """Two rules make two alerts of one event, in their order."""
    other = replace(RULE, id=RuleId("r2"), name="Everything")
    assert [alert.rule_name for alert in Desk(RULE, other).judge(PERSON)] == ["People", "Everything"]


def test_an_event_that_grows_into_a_rule_alerts_then() -> None:
    """Not at its creation, but in the frame that makes it grave enough, and not again after it."""
    desk = Desk(replace(RULE, min_severity=Severity.HIGH))
    assert desk.judge(PERSON) == ()
    assert len(desk.judge(GRAVE, 1)) == 1
    assert desk.judge(replace(GRAVE, state=EventState.ENDED, ended_us=wall(5)), 2) == ()


def test_a_label_that_turns_out_makes_the_alert() -> None:
    """A dog that is a person after all is what the rule is for."""
    desk = Desk(replace(RULE, labels=frozenset({"person"})))
    assert desk.judge(event(label="dog")) == ()
    assert len(desk.judge(PERSON)) == 1


@pytest.mark.parametrize(
    ("deduplication", "same_chain", "other_chain"),
    [(Deduplication.BATCH, 0, 1), (Deduplication.VISIT, 1, 1)],
)
def test_a_rule_alerts_once_for_each_visit_or_chain(
    deduplication: Deduplication, same_chain: int, other_chain: int
) -> None:
    """By default the second person of the same goings-on makes no second alert."""
    desk = Desk(replace(RULE, deduplication=deduplication))
    assert len(desk.judge(PERSON)) == 1
    assert len(desk.judge(event("e2"))) == same_chain
    assert len(desk.judge(event("e3"), chain=BatchId("other"))) == other_chain


@pytest.mark.parametrize("deduplication", list(Deduplication))
def test_a_continuation_makes_no_second_alert(deduplication: Deduplication) -> None:
    """After a cut the same visit goes on, also in another chain."""
    desk = Desk(replace(RULE, deduplication=deduplication))
    desk.judge(PERSON)
    again = event("e2", visit_id=PERSON.visit_id, continues=PERSON.id)
    assert desk.judge(again, chain=BatchId("other")) == ()


@pytest.mark.parametrize(("at_s", "alerts"), [(0, 0), (59.9, 0), (60, 1), (-1, 1)])
def test_a_cooldown_holds_alerts_back(at_s: float, alerts: int) -> None:
    """For its time and no longer; an alert from before the clock was put back holds nothing back."""
    desk = Desk(replace(BY_VISIT, cooldown_s=60))
    desk.judge(PERSON)
    assert len(desk.judge(event("e2"), at_s=at_s)) == alerts


def test_what_a_cooldown_swallowed_is_not_made_up_for() -> None:
    """An event that satisfied the rule all along does not alert when the cooldown is over."""
    desk = Desk(replace(BY_VISIT, cooldown_s=60))
    desk.judge(PERSON)
    second = event("e2")
    assert desk.judge(second, at_s=30) == ()
    assert desk.judge(replace(second, last_seen_us=wall(90)), at_s=90) == ()


def test_a_rule_that_is_made_or_changed_does_not_look_back() -> None:
    """Who is there already made it no alert; who comes after it does, and who comes to satisfy it does."""
    desk, standing = Desk(), event(risk_score=10)
    desk.judge(standing)
    desk.set_rules([BY_VISIT], [standing])
    assert desk.judge(standing, 1) == ()
    assert len(desk.judge(event("e2"), 2)) == 1
    graver = replace(BY_VISIT, min_severity=Severity.HIGH)
    desk.set_rules([graver], [standing])
    assert desk.judge(standing, 3) == ()
    assert len(desk.judge(replace(standing, risk_score=90), 4)) == 1


def test_a_change_of_one_rule_leaves_the_others_as_they_are() -> None:
    """An event that has come to satisfy one does not do so again since another one was added."""
    desk = Desk(BY_VISIT, memory=AlertMemory())
    desk.judge(PERSON)
    desk.set_rules([BY_VISIT, replace(BY_VISIT, id=RuleId("r2"))], [PERSON])
    assert desk.judge(PERSON, 1) == ()


def test_a_start_knows_the_alerts_before_it() -> None:
    """The cooldown goes on, and a visit or chain that was alerted for is not alerted for again."""
    cooling = AlertMemory({RULE.id: wall(-10)})
    assert Desk(replace(RULE, cooldown_s=60), memory=cooling).judge(PERSON) == ()
    for word in (PERSON.visit_id, CHAIN):
        assert Desk(RULE, memory=AlertMemory(made=frozenset({(RULE.id, word)}))).judge(PERSON) == ()
    assert len(Desk(RULE, memory=AlertMemory(made=frozenset({(RULE.id, "another")}))).judge(PERSON)) == 1


def test_alerts_of_what_is_over_are_forgotten_and_those_of_what_goes_on_are_not() -> None:
    """A camera that alerts for years remembers no more than what may come again."""
    desk, crowded = Desk(BY_VISIT), []
    for number in range(100):
        desk.judge(event(f"e{number}"), number)
    crowded.append(desk.desk.is_crowded)
    desk.desk.tidy({event("e7").visit_id})
    crowded.append(desk.desk.is_crowded)
    assert crowded == [True, False]
    again = event("e200", visit_id=event("e7").visit_id)
    assert desk.judge(again, 300, BatchId("later")) == ()


def ended(row: Event) -> Event:
    """Return the event as it is over."""
    return replace(row, state=EventState.ENDED, ended_us=row.last_seen_us)


def test_an_alert_says_what_fulfilled_each_condition() -> None:
    """Every condition that the rule has, in words with value and limit, and what was asked of its past."""
    rule = replace(RULE, labels=frozenset({"person", "dog"}), min_severity=Severity.MEDIUM, cooldown_s=60)
    (alert,) = Desk(rule).judge(PERSON)
    assert [(step.name, step.detail) for step in alert.trace] == [
        ("label", "person is one of dog, person"),
        ("severity", "severity medium ≥ medium (risk 35)"),
        ("repeat", "first alert of these goings-on"),
        ("cooldown", "no alert of rule People in the last 60 s"),
    ]
    assert all(step.passed for step in alert.trace)


def test_what_a_cooldown_swallowed_is_told_with_the_events_end() -> None:
    """Once, with the reason, until when it was, and the whole of what was asked."""
    desk = Desk(replace(BY_VISIT, cooldown_s=90))
    desk.judge(PERSON)
    second = event("e2")
    assert desk.verdict(second, at_s=30) == Judgement()
    (candidate,) = desk.verdict(ended(second), at_s=40).candidates
    assert (candidate.what, candidate.event_id, candidate.rule_id) == (Suppressed.ALERT, "e2", RULE.id)
    assert candidate.reason == "cool-down of rule People until 12:01"
    assert [(step.name, step.passed) for step in candidate.trace] == [("repeat", True), ("cooldown", False)]
    assert desk.verdict(ended(PERSON), at_s=41).candidates == ()


def test_the_second_of_the_same_goings_on_says_so() -> None:
    """It made no alert because the first one did."""
    desk = Desk(RULE)
    desk.judge(PERSON)
    desk.judge(event("e2"))
    (candidate,) = desk.verdict(ended(event("e2"))).candidates
    assert candidate.reason == "these goings-on have made an alert already"


@pytest.mark.parametrize(
    ("changes", "reasons"),
    [
        ({"min_severity": Severity.HIGH}, ["severity medium < high (risk 35)"]),
        ({"min_dwell_s": 30}, ["there for 5 s < 30 s"]),
        ({"min_dwell_s": 30, "min_severity": Severity.HIGH}, []),
        ({"labels": frozenset({"car"})}, []),
        ({"labels": frozenset({"car"}), "min_dwell_s": 30}, []),
        ({"labels": frozenset({"person"}), "min_dwell_s": 30}, ["there for 5 s < 30 s"]),
        ({}, []),
    ],
)
def test_an_event_that_came_near_says_what_was_missing(changes: dict[str, Any], reasons: list[str]) -> None:
    """All but one condition hold, and it is of what the rule is about."""
    judged = Desk(replace(RULE, **changes)).verdict(ended(PERSON))
    assert [candidate.reason for candidate in judged.candidates] == reasons


def test_the_same_candidate_has_the_same_name() -> None:
    """A replay writes no second row."""
    rule = replace(RULE, min_dwell_s=30)
    first, again = (Desk(rule).verdict(ended(PERSON)).candidates for _ in range(2))
    assert first == again
