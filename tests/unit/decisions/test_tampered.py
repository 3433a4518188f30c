"""A camera that is covered, turned or put out of focus is an event, until it sees as usual again."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.decisions.changes import AlertMade
from appliance.decisions.decider import Decider
from appliance.decisions.setup import House
from appliance.domain.alert import Rule
from appliance.domain.arming import Arming, ArmState
from appliance.domain.event import Event, EventKind, EventState
from appliance.domain.ids import RuleId
from appliance.domain.scene import Requirement, Scene
from appliance.domain.tampering import Tampering, tampering_of
from appliance.errors import InvalidInput
from appliance.events.changes import BatchSaved, EventSaved
from appliance.events.recovery import Interrupted, Recovered
from appliance.events.settings import Settings
from tests.support.deciding import DRIVE, SETUP, START, Deciding, Frame, films
from tests.support.sightings import person, wall

WATCHED = Rule(RuleId("r9"), "Cameras", labels=frozenset({"tampering"}))
RULED = replace(SETUP, house=House((WATCHED,), Arming(ArmState.AWAY)))
COVERED, MOVED, BLURRED = Tampering.COVERED, Tampering.MOVED, Tampering.OUT_OF_FOCUS


def hear(made: Deciding, at_s: float, how: Tampering | None) -> None:
    """Say what is done to the camera."""
    made.changes += made.decider.tampered(wall(at_s), how)


def saved(made: Deciding) -> list[Event]:
    """Return the events that were written, each time anew."""
    return [change.event for change in made.changes if isinstance(change, EventSaved)]


@pytest.mark.parametrize(
    ("how", "now", "then"),
    [
        (COVERED, "Front door is covered", "Front door was covered for 3 min"),
        (MOVED, "Front door was moved", "Front door was moved for 3 min"),
        (BLURRED, "Front door is out of focus", "Front door was out of focus for 3 min"),
    ],
)
def test_it_goes_on_until_the_camera_sees_as_usual(how: Tampering, now: str, then: str) -> None:
    """One row with what was done, and its end."""
    made = Deciding()
    hear(made, 10, how)
    (event,) = saved(made)
    assert (event.kind, event.label, event.state) == (EventKind.TAMPERING, "tampering", EventState.OPEN)
    assert (event.started_us, event.last_seen_us, event.ended_us) == (wall(10), wall(10), None)
    assert (event.box, event.score, event.track_id) == (None, 0.0, 0)
    assert (event.summary, [step.name for step in event.trace]) == (now, ["tampering"])
    hear(made, 190, None)
    ended = saved(made)[-1]
    assert (ended.id, ended.state, ended.ended_us) == (event.id, EventState.ENDED, wall(190))
    assert ended.summary == then


def test_what_is_heard_twice_is_no_news() -> None:
    """Neither what is done nor that nothing is."""
    made = Deciding()
    hear(made, 10, None)
    hear(made, 11, COVERED)
    hear(made, 12, COVERED)
    hear(made, 13, None)
    hear(made, 14, None)
    assert len(saved(made)) == 2


def test_another_thing_that_is_done_is_another_event() -> None:
    """The one ends as the other begins."""
    made = Deciding()
    hear(made, 10, COVERED)
    hear(made, 40, MOVED)
    first, ended, second = saved(made)
    assert (ended.id, ended.ended_us) == (first.id, wall(40))
    assert (second.started_us, second.summary) == (wall(40), "Front door was moved")
    assert second.visit_id != first.visit_id


def test_its_factors_add_up_to_its_risk() -> None:
    """It is graver at night and when nobody is at home."""
    made = Deciding(setup=RULED)
    hear(made, 12 * 3600, COVERED)
    (event,) = saved(made)
    points = {factor.name: factor.points for factor in event.risk_factors}
    assert points == {"tampering": 45, "time_of_day": 10, "arm_state": 15}
    assert event.risk_score == 70
    day = Deciding()
    hear(day, 0, BLURRED)
    factor, hour, _ = saved(day)[-1].risk_factors
    assert (factor.detail, hour.points) == ("the camera was out of focus", 0)


def test_rules_alert_of_it_once() -> None:
    """By its label; a zone that alerts require is none of the camera's own."""
    scene = Scene((replace(DRIVE, required_for=Requirement.ALERTS),))
    made = Deciding(setup=replace(RULED, scene=scene))
    hear(made, 5, COVERED)
    made.tick(4000)
    hear(made, 4001, None)
    (alert,) = [change.alert for change in made.changes if isinstance(change, AlertMade)]
    assert (alert.label, alert.created_us, alert.rule_name) == ("tampering", wall(5), "Cameras")


def test_no_batch_is_held_open_for_days() -> None:
    """Its batch is complete after half a minute, and written again at the end; its row is seldom written."""
    made = Deciding()
    hear(made, 0, COVERED)
    made.tick(86_400)
    batches = [change.batch for change in made.changes if isinstance(change, BatchSaved)]
    assert [batch.state.value for batch in batches[:2]] == ["open", "completed"]
    assert 86_400 / 300 - 2 < len(saved(made)) < 86_400 / 300 + 2
    assert saved(made)[-1].last_seen_us > wall(86_000)
    hear(made, 86_400, None)
    last = [change.batch for change in made.changes if isinstance(change, BatchSaved)][-1]
    assert (last.id, last.event_count, last.ended_us) == (batches[0].id, 1, wall(86_400))
    assert last.summary == "Front door was tampered with for 24 h"


def test_who_did_it_is_in_the_same_batch() -> None:
    """The sentence says both, and that the camera went at last."""
    made = Deciding(setup=replace(SETUP, events=Settings(offline_after_s=5)))
    for _ in range(10):
        made.frame((0.2, (person(),)))
    hear(made, 3, COVERED)
    batch = [change.batch for change in made.changes if isinstance(change, BatchSaved)][-1]
    assert (batch.event_count, batch.summary) == (
        2,
        "1 person at Front door, which was tampered with meanwhile",
    )
    made.changes += made.decider.reached(wall(4), is_reached=False)
    made.tick(10)
    last = [change.batch for change in made.changes if isinstance(change, BatchSaved)][-1]
    assert last.summary == "1 person at Front door, which was tampered with and not reached meanwhile"


def test_a_time_that_is_put_back_makes_no_end_before_the_begin() -> None:
    """Then it ended when it was last known to go on."""
    made = Deciding()
    hear(made, 1000, COVERED)
    hear(made, 500, None)
    assert saved(made)[-1].ended_us == wall(1000)


def test_a_camera_that_is_switched_off_is_looked_at_by_nobody() -> None:
    """What was open is cut off, and what is heard later is an event of its own."""
    made = Deciding()
    hear(made, 0, COVERED)
    made.close(100)
    made.tick(9000)
    assert [event.state for event in saved(made)] == [EventState.OPEN, EventState.INTERRUPTED]
    hear(made, 9001, COVERED)
    assert saved(made)[-1].state is EventState.OPEN


def test_after_a_restart_nothing_goes_on_from_it() -> None:
    """What the camera sees is learnt anew: neither an object nor what is done next is the same."""
    made = Deciding(setup=RULED)
    hear(made, 0, COVERED)
    cut = replace(saved(made)[-1], state=EventState.INTERRUPTED)
    recovered = Recovered(interrupted=(Interrupted(cut, (0.0, 0.0, 1.0, 1.0)),))
    again = Deciding(setup=RULED, start=replace(START, at_us=wall(10), seed="next", recovered=recovered))
    again.at_s = 11
    for step in range(20):
        again.frame((0.2, (("motion", 0.9, (0.1 + step / 50, 0.1, 0.5 + step / 50, 0.9)),)))
    hear(again, 30, COVERED)
    events = saved(again)
    assert {event.kind for event in events} == {EventKind.OBJECT, EventKind.TAMPERING}
    assert all(event.continues is None for event in events)


def test_a_word_that_was_kept_means_what_it_meant() -> None:
    """One that means nothing is refused."""
    assert [tampering_of(how.value.encode()) for how in Tampering] == list(Tampering)
    assert tampering_of(b"") is None
    with pytest.raises(InvalidInput, match="expected a word"):
        tampering_of(b"stolen")


_words = st.lists(
    st.tuples(st.integers(0, 60), st.sampled_from([None, COVERED, MOVED, BLURRED, True, False])), max_size=8
)


@settings(max_examples=40)
@given(films, _words, st.integers(0, 60))
def test_from_any_state_the_same_calls_make_the_same(
    film: Sequence[Frame], words: Sequence[tuple[int, Tampering | bool | None]], middle: int
) -> None:
    """Frames and what is heard of the camera in any order; ticks, and a kept state, change nothing."""

    def played(*, is_restored: bool) -> Deciding:
        made = Deciding(setup=RULED)
        for index, frame in enumerate(film):
            for _, word in [one for one in words if one[0] == index]:
                if isinstance(word, bool):
                    made.changes += made.decider.reached(wall(made.at_s), is_reached=word)
                else:
                    hear(made, made.at_s, word)
            if is_restored:
                made.tick(made.at_s + frame[0] / 2)
            if is_restored and index == middle:
                made.decider = Decider.restore(made.decider.snapshot())
            made.frame(frame)
        hear(made, made.at_s + 100, None)
        hear(made, made.at_s + 101, COVERED)
        made.tick(made.at_s + 1000)
        return made

    made = played(is_restored=False)
    assert made.changes == played(is_restored=True).changes
    assert len({event.id for event in saved(made) if event.state is EventState.OPEN}) >= 1
    assert all(
        event.risk_score == min(100, sum(f.points for f in event.risk_factors)) for event in saved(made)
    )
