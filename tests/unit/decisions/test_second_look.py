"""What a model says of an event counts within bounds, at its own time; it may make an alert and take none."""

from dataclasses import replace

import pytest

from appliance.alerts.ledger import AlertMemory
from appliance.decisions.changes import AlertMade
from appliance.decisions.decider import Decider
from appliance.decisions.looked import frozen_of, looked_of
from appliance.decisions.setup import House
from appliance.domain.alert import Alert, Rule
from appliance.domain.event import Event, EventState
from appliance.domain.ids import EventId, RuleId
from appliance.domain.second_look import FACTOR, Opinion, SecondLook
from appliance.domain.severity import Severity
from appliance.errors import InvalidInput
from appliance.events.changes import BatchSaved, EventSaved
from tests.support.deciding import ARMING, SETUP, Deciding
from tests.support.sightings import person, wall

GRAVE = Rule(RuleId("grave"), "Grave", min_severity=Severity.HIGH)
"""What a person who walks by in the daytime does not satisfy by itself."""
ANY = Rule(RuleId("any"), "Any")


def deciding(*rules: Rule) -> Deciding:
    """Return decisions by these rules."""
    return Deciding(setup=replace(SETUP, house=House(rules, ARMING)))


def walk(made: Deciding, seconds: float) -> EventId:
    """Let a person stand there at five frames a second, and return the event."""
    for _ in range(round(seconds * 5)):
        made.frame((0.2, (person(),)))
    return newest(made).id


def leave(made: Deciding) -> None:
    """Let nobody be there for long enough."""
    for _ in range(60):
        made.frame((0.2, ()))


def newest(made: Deciding) -> Event:
    """Return the newest state of the newest event."""
    return [change.event for change in made.changes if isinstance(change, EventSaved)][-1]


def alerts(made: Deciding) -> list[Alert]:
    """Return the alerts so far."""
    return [change.alert for change in made.changes if isinstance(change, AlertMade)]


def look(made: Deciding, event_id: EventId, opinion: Opinion, at_s: float | None = None) -> SecondLook:
    """Let a model say something, by default at the time of the last frame."""
    said = SecondLook("qwen2.5vl", opinion, "Somebody waits.", wall(made.at_s if at_s is None else at_s))
    made.changes += made.decider.second_look(event_id, said)
    return said


@pytest.mark.parametrize(("opinion", "points"), [("harmless", -15), ("unclear", 0), ("suspicious", 15)])
def test_an_opinion_counts_within_its_bounds(opinion: str, points: int) -> None:
    """As a factor that says who said it; the factors add up to the score."""
    made = deciding()
    event_id = walk(made, 2)
    before = newest(made)
    said = look(made, event_id, Opinion(opinion))
    event = newest(made)
    (factor,) = [one for one in event.risk_factors if one.name == FACTOR]
    assert (factor.points, event.risk_score) == (points, before.risk_score + points)
    assert "the model qwen2.5vl" in factor.detail
    assert event.risk_score == sum(one.points for one in event.risk_factors)
    assert event.second_look == said


def test_it_stays_while_the_event_goes_on_and_at_its_end() -> None:
    """What is judged anew with each frame keeps it."""
    made = deciding()
    event_id = walk(made, 2)
    said = look(made, event_id, Opinion.SUSPICIOUS)
    walk(made, 6)
    leave(made)
    event = newest(made)
    assert (event.state, event.second_look) == (EventState.ENDED, said)
    assert [one.name for one in event.risk_factors].count(FACTOR) == 1
    assert event.risk_score == sum(one.points for one in event.risk_factors)


def test_a_second_one_replaces_the_first() -> None:
    """They do not add up beyond their bounds."""
    made = deciding()
    event_id = walk(made, 2)
    before = newest(made).risk_score
    for _ in range(5):
        look(made, event_id, Opinion.SUSPICIOUS)
    assert newest(made).risk_score == before + 15


@pytest.mark.parametrize("is_over", [False, True])
def test_a_raise_makes_the_alert_that_was_missing(is_over: bool) -> None:
    """Also when the event is over; at the time at which it was said, and once."""
    made = deciding(ANY, GRAVE)
    event_id = walk(made, 2)
    if is_over:
        leave(made)
    assert newest(made).severity is Severity.MEDIUM
    assert [alert.rule_name for alert in alerts(made)] == ["Any"]
    look(made, event_id, Opinion.SUSPICIOUS)
    assert newest(made).severity is Severity.HIGH
    look(made, event_id, Opinion.SUSPICIOUS)
    assert [alert.rule_name for alert in alerts(made)] == ["Any", "Grave"]
    assert alerts(made)[-1].created_us == wall(made.at_s)


@pytest.mark.parametrize("is_over", [False, True])
def test_a_lowering_makes_and_takes_no_alert(is_over: bool) -> None:
    """What was told was told; what a cooldown swallowed is not made up for."""
    quiet = replace(ANY, id=RuleId("quiet"), cooldown_s=1.0)
    made = Deciding(setup=replace(SETUP, house=House((ANY, quiet), ARMING)))
    memory = AlertMemory({quiet.id: wall(0)})
    made.decider = Decider(made.setup, replace(made.start, alerts=memory))
    event_id = walk(made, 2)
    if is_over:
        leave(made)
    assert [alert.rule_name for alert in alerts(made)] == ["Any"]
    assert alerts(made)[0].rule_id == ANY.id
    look(made, event_id, Opinion.HARMLESS)
    assert newest(made).severity < Severity.HIGH
    assert [alert.rule_id for alert in alerts(made)] == [ANY.id]


def test_of_an_event_that_is_over_event_and_batch_are_written_again() -> None:
    """Also when the batch is complete."""
    made = deciding()
    event_id = walk(made, 2)
    leave(made)
    made.tick(made.at_s + 300)
    count = len(made.changes)
    look(made, event_id, Opinion.SUSPICIOUS, made.at_s + 301)
    batch, event = made.changes[count:]
    assert isinstance(batch, BatchSaved)
    assert isinstance(event, EventSaved)
    assert (batch.batch.severity, event.event.severity) == (Severity.HIGH, Severity.HIGH)
    assert (event.event.state, event.previous is not None) == (EventState.ENDED, True)


def test_what_is_not_known_is_left_alone() -> None:
    """An event of a former run, or one that is long over."""
    made = deciding()
    walk(made, 2)
    count = len(made.changes)
    look(made, EventId("other"), Opinion.SUSPICIOUS)
    assert made.changes[count:] == []


def test_what_was_due_before_it_is_done_before() -> None:
    """So a replay, which does not know when somebody looked, does the same."""
    ticked, unticked = deciding(), deciding()
    for made in (ticked, unticked):
        event_id = walk(made, 2)
        if made is ticked:
            made.tick(100)
        look(made, event_id, Opinion.SUSPICIOUS, 120)
    assert ticked.changes == unticked.changes
    assert newest(ticked).state is EventState.INTERRUPTED


def test_state_keeps_it() -> None:
    """A decider that goes on from its state takes in the same look alike."""
    made = deciding(GRAVE)
    event_id = walk(made, 2)
    leave(made)
    other = Decider.restore(made.decider.snapshot())
    said = SecondLook("m", Opinion.SUSPICIOUS, "x", wall(made.at_s))
    changes = made.decider.second_look(event_id, said)
    assert len(changes) > 1
    assert other.second_look(event_id, said) == changes
    assert other.snapshot() == made.decider.snapshot()


def test_the_journal_keeps_it_whole() -> None:
    """And refuses what is none."""
    said = SecondLook("m", Opinion.UNCLEAR, "“x”", wall(1))
    assert looked_of(frozen_of(EventId("e"), said)) == (EventId("e"), said)
    with pytest.raises(InvalidInput):
        looked_of(b"nothing")
