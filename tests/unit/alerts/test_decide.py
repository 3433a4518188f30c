"""A rule alerts when an event comes to satisfy it, once for each visit or chain."""

from dataclasses import dataclass, field, replace

import pytest

from appliance.alerts.decide import decide, dedup_key, satisfies
from appliance.domain.alert import Alert, Deduplication, Rule
from appliance.domain.event import Event, EventState
from appliance.domain.ids import BatchId, CameraId, RuleId, VisitId
from appliance.domain.severity import Severity
from appliance.domain.time import WallUs
from tests.support.scenes import Ids, event
from tests.support.sightings import CAMERA, wall

RULE = Rule(RuleId("r1"), "People")
CHAIN = BatchId("chain")
PERSON = event()
GRAVE = event(risk_score=70)


@dataclass
class Kept:
    """The alerts made so far, as a transaction sees them."""

    alerts: list[Alert] = field(default_factory=list)

    def last_alert_us(self, rule_id: RuleId, camera_id: CameraId) -> WallUs | None:
        """Return when the rule made its latest alert at that camera."""
        times = [a.created_us for a in self.alerts if (a.rule_id, a.camera_id) == (rule_id, camera_id)]
        return max(times, default=None)

    def has_alert(self, rule_id: RuleId, visit_id: VisitId, dedup_key: str) -> bool:
        """Return whether there is one of that visit or key."""
        return any(
            a.rule_id == rule_id and (a.visit_id == visit_id or a.dedup_key == dedup_key) for a in self.alerts
        )


class Desk:
    """Decides event after event and keeps the alerts."""

    def __init__(self, *rules: Rule) -> None:
        self.rules = rules
        self.kept = Kept()
        self._new_id = Ids("a")

    def decide(
        self, row: Event, previous: Event | None = None, at_s: float = 0, chain: BatchId = CHAIN
    ) -> tuple[Alert, ...]:
        """Return the alerts of a change."""
        made = decide(row, previous, chain, self.rules, self.kept, wall(at_s), self._new_id)
        self.kept.alerts += made
        return made


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, True),
        ({"enabled": False}, False),
        ({"labels": frozenset({"person", "car"})}, True),
        ({"labels": frozenset({"car"})}, False),
        ({"labels": frozenset()}, False),
        ({"cameras": frozenset({CAMERA})}, True),
        ({"cameras": frozenset({CameraId("garden")})}, False),
        ({"min_severity": Severity.MEDIUM}, True),
        ({"min_severity": Severity.HIGH}, False),
    ],
)
def test_what_a_rule_is_for(changes: dict[str, object], expected: bool) -> None:
    """Labels, cameras and severity must all fit; none named means all."""
    assert satisfies(PERSON, replace(RULE, **changes)) is expected  # type: ignore[arg-type]


def test_an_alert_tells_what_the_event_is() -> None:
    """It carries what its row and its message need."""
    (alert,) = Desk(RULE).decide(PERSON, at_s=3)
    assert alert == Alert(
        *(alert.id, RULE.id, "People", PERSON.id, PERSON.batch_id, CAMERA, PERSON.visit_id),
        *("person", Severity.MEDIUM, wall(3), PERSON.summary, "chain"),
    )


def test_every_rule_decides_for_itself() -> None:
    """Two rules make two alerts of one event."""
    other = replace(RULE, id=RuleId("r2"), name="Everything")
    assert [alert.rule_name for alert in Desk(RULE, other).decide(PERSON)] == ["People", "Everything"]


def test_an_event_that_grows_into_a_rule_alerts_then() -> None:
    """Not at its creation, but with the change that makes it grave enough, and not again after it."""
    desk = Desk(replace(RULE, min_severity=Severity.HIGH))
    assert desk.decide(PERSON) == ()
    assert len(desk.decide(GRAVE, PERSON)) == 1
    desk.kept.alerts.clear()
    assert desk.decide(replace(GRAVE, state=EventState.ENDED, ended_us=wall(5)), GRAVE) == ()


def test_a_label_that_turns_out_makes_the_alert() -> None:
    """A dog that is a person after all is what the rule is for."""
    desk = Desk(replace(RULE, labels=frozenset({"person"})))
    dog = event(label="dog")
    assert desk.decide(dog) == ()
    assert len(desk.decide(PERSON, dog)) == 1


@pytest.mark.parametrize(
    ("deduplication", "same_chain", "other_chain"),
    [(Deduplication.BATCH, 0, 1), (Deduplication.VISIT, 1, 1)],
)
def test_a_rule_alerts_once_for_each_visit_or_chain(
    deduplication: Deduplication, same_chain: int, other_chain: int
) -> None:
    """By default the second person of the same goings-on makes no second alert."""
    desk = Desk(replace(RULE, deduplication=deduplication))
    assert len(desk.decide(PERSON)) == 1
    assert len(desk.decide(event("e2"))) == same_chain
    assert len(desk.decide(event("e3"), chain=BatchId("other"))) == other_chain


@pytest.mark.parametrize("deduplication", list(Deduplication))
def test_a_continuation_makes_no_second_alert(deduplication: Deduplication) -> None:
    """After a cut the same visit goes on, also in another chain."""
    desk = Desk(replace(RULE, deduplication=deduplication))
    desk.decide(PERSON)
    again = event("e2", visit_id=PERSON.visit_id, continues=PERSON.id)
    assert desk.decide(again, chain=BatchId("other")) == ()


@pytest.mark.parametrize(("at_s", "alerts"), [(0, 0), (59.9, 0), (60, 1), (-1, 1)])
def test_a_cooldown_holds_alerts_back_at_its_camera(at_s: float, alerts: int) -> None:
    """For its time and no longer; an alert from before the clock was put back holds nothing back."""
    desk = Desk(replace(RULE, cooldown_s=60, deduplication=Deduplication.VISIT))
    desk.decide(PERSON)
    assert len(desk.decide(event("e2"), at_s=at_s)) == alerts
    assert len(desk.decide(event("e3", camera_id=CameraId("garden")), at_s=at_s)) == 1


def test_what_a_cooldown_swallowed_is_not_made_up_for() -> None:
    """An event that satisfied the rule all along does not alert when the cooldown is over."""
    desk = Desk(replace(RULE, cooldown_s=60, deduplication=Deduplication.VISIT))
    desk.decide(PERSON)
    second = event("e2")
    assert desk.decide(second, at_s=30) == ()
    assert desk.decide(replace(second, last_seen_us=wall(90)), second, at_s=90) == ()


def test_the_key_is_the_visit_or_the_chain() -> None:
    """Unique together with the rule, whichever the rule is about."""
    by_visit = replace(RULE, deduplication=Deduplication.VISIT)
    assert dedup_key(by_visit, PERSON, CHAIN) == PERSON.visit_id
    assert dedup_key(RULE, PERSON, CHAIN) == CHAIN
