"""A camera that is not reached is an event, from when that lasted too long until it is back."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.decisions.changes import AlertMade, CandidateKept
from appliance.decisions.decider import Decider
from appliance.decisions.setup import House
from appliance.domain.alert import Rule
from appliance.domain.arming import Arming, ArmState
from appliance.domain.event import Event, EventKind, EventState
from appliance.domain.ids import RuleId
from appliance.domain.scene import Requirement, Scene
from appliance.events.changes import BatchSaved, EventSaved
from appliance.events.recovery import Interrupted, Recovered
from appliance.events.settings import Settings
from tests.support.deciding import DRIVE, SETUP, START, Deciding, Frame, films
from tests.support.sightings import person, wall

WATCHED = Rule(RuleId("r9"), "Cameras", labels=frozenset({"offline"}))
RULED = replace(SETUP, house=House((WATCHED,), Arming(ArmState.AWAY)))


def reach(made: Deciding, at_s: float, *, is_reached: bool) -> None:
    """Let the camera go, or come back."""
    made.changes += made.decider.reached(wall(at_s), is_reached=is_reached)


def saved(made: Deciding) -> list[Event]:
    """Return the events that were written, each time anew."""
    return [change.event for change in made.changes if isinstance(change, EventSaved)]


def test_it_begins_when_the_camera_went_and_ends_when_it_is_back() -> None:
    """Nothing is written before it has lasted for a minute; then a row, and its end."""
    made = Deciding()
    reach(made, 10, is_reached=False)
    made.tick(69.9)
    assert made.changes == []
    made.tick(75)
    (event,) = saved(made)
    assert (event.kind, event.label, event.state) == (EventKind.OFFLINE, "offline", EventState.OPEN)
    assert (event.started_us, event.last_seen_us, event.ended_us) == (wall(10), wall(70), None)
    assert (event.box, event.score, event.track_id) == (None, 0.0, 0)
    reach(made, 200, is_reached=True)
    ended = saved(made)[-1]
    assert (ended.id, ended.state, ended.ended_us) == (event.id, EventState.ENDED, wall(200))
    assert ended.summary == "Front door was not reached for 3 min"
    assert [step.detail for step in ended.trace] == ["not reached for 60 s ≥ 60 s"]


def test_a_camera_that_is_back_in_time_is_no_event() -> None:
    """However often that happens."""
    made = Deciding()
    for at_s in range(0, 600, 60):
        reach(made, at_s, is_reached=False)
        reach(made, at_s + 59, is_reached=True)
        made.tick(at_s + 59.9)
    assert made.changes == []


def test_zero_is_never() -> None:
    """Who does not want to hear of it does not."""
    made = Deciding(setup=replace(SETUP, events=Settings(offline_after_s=0)))
    reach(made, 0, is_reached=False)
    made.tick(86_400)
    assert made.changes == []


def test_its_factors_add_up_to_its_risk() -> None:
    """It is graver at night, the longer it lasts, and when nobody is at home."""
    made = Deciding(setup=RULED)
    reach(made, 0, is_reached=False)
    made.tick(3600)
    event = saved(made)[-1]
    points = {factor.name: factor.points for factor in event.risk_factors}
    assert points == {"offline": 30, "time_of_day": 0, "dwell": 12, "arm_state": 15}
    assert event.risk_score == sum(points.values())
    night = Deciding(setup=RULED)
    reach(night, 12 * 3600, is_reached=False)
    night.tick(12 * 3600 + 60)
    assert {f.name: f.points for f in saved(night)[-1].risk_factors}["time_of_day"] == 15


def test_rules_alert_of_it_once() -> None:
    """By its label; a zone that alerts require is none of the camera's own."""
    scene = Scene((replace(DRIVE, required_for=Requirement.ALERTS),))
    made = Deciding(setup=replace(RULED, scene=scene))
    reach(made, 0, is_reached=False)
    made.tick(4000)
    reach(made, 4001, is_reached=True)
    (alert,) = [change.alert for change in made.changes if isinstance(change, AlertMade)]
    assert (alert.label, alert.created_us, alert.rule_name) == ("offline", wall(60), "Cameras")


def test_an_alert_that_it_nearly_made_has_no_box() -> None:
    """None is invented."""
    never = replace(WATCHED, min_dwell_s=3600)
    made = Deciding(setup=replace(RULED, house=House((never,))))
    reach(made, 0, is_reached=False)
    reach(made, 120, is_reached=True)
    (missed,) = [change.candidate for change in made.changes if isinstance(change, CandidateKept)]
    assert (missed.label, missed.box) == ("offline", None)


def test_no_batch_is_held_open_for_days() -> None:
    """Its batch is complete after half a minute, and written again when the camera is back."""
    made = Deciding()
    reach(made, 0, is_reached=False)
    made.tick(2 * 86_400)
    batches = [change.batch for change in made.changes if isinstance(change, BatchSaved)]
    assert [batch.state.value for batch in batches[:2]] == ["open", "completed"]
    writes = len(saved(made))
    assert writes < 2 * 86_400 / 300 + 2
    reach(made, 2 * 86_400, is_reached=True)
    last = [change.batch for change in made.changes if isinstance(change, BatchSaved)][-1]
    assert (last.id, last.event_count, last.ended_us) == (batches[0].id, 1, wall(2 * 86_400))
    assert last.summary == "Front door was not reached for 48 h"


def test_who_was_there_before_it_goes_on_in_the_same_batch() -> None:
    """The sentence says both."""
    made = Deciding(setup=replace(SETUP, events=Settings(offline_after_s=5)))
    for _ in range(10):
        made.frame((0.2, (person(),)))
    reach(made, 3, is_reached=False)
    made.tick(10)
    last = [change.batch for change in made.changes if isinstance(change, BatchSaved)][-1]
    assert (last.event_count, last.summary) == (2, "1 person at Front door, which was not reached meanwhile")


def test_a_time_that_is_put_back_makes_no_end_before_the_begin() -> None:
    """Then it ended when it was last known to go on."""
    made = Deciding()
    reach(made, 1000, is_reached=False)
    made.tick(1061)
    reach(made, 500, is_reached=True)
    assert saved(made)[-1].ended_us == wall(1060)


def test_a_camera_that_is_switched_off_is_not_away() -> None:
    """What was open is cut off, and nothing more comes."""
    made = Deciding()
    reach(made, 0, is_reached=False)
    made.tick(61)
    made.close(100)
    assert [event.state for event in saved(made)] == [EventState.OPEN, EventState.INTERRUPTED]
    made.tick(9000)
    assert len(saved(made)) == 2


def after_a_restart(cut: Event) -> Deciding:
    """Return the decisions of the next run, a minute later."""
    recovered = Recovered(interrupted=(Interrupted(cut, (0.0, 0.0, 1.0, 1.0)),))
    return Deciding(setup=RULED, start=replace(START, at_us=wall(300), seed="next", recovered=recovered))


@pytest.mark.parametrize("is_reached", [False, True])
def test_after_a_restart_another_event_continues_it_while_the_camera_is_away(is_reached: bool) -> None:
    """One that was reached in between has gone anew: that is a visit of its own."""
    made = Deciding(setup=RULED)
    reach(made, 0, is_reached=False)
    made.tick(61)
    cut = replace(saved(made)[-1], state=EventState.INTERRUPTED)
    again = after_a_restart(cut)
    if is_reached:
        reach(again, 301, is_reached=True)
    reach(again, 302, is_reached=False)
    again.tick(362)
    (event,) = saved(again)
    assert event.started_us == wall(302)
    assert event.continues == (None if is_reached else cut.id)
    assert (event.visit_id == cut.visit_id) is not is_reached


def test_no_object_goes_on_from_it() -> None:
    """Not even mere motion, which may have been anything."""
    made = Deciding(setup=RULED)
    reach(made, 0, is_reached=False)
    made.tick(61)
    again = after_a_restart(replace(saved(made)[-1], state=EventState.INTERRUPTED))
    again.at_s = 301
    for step in range(20):
        again.frame((0.2, (("motion", 0.9, (0.1 + step / 50, 0.1, 0.5 + step / 50, 0.9)),)))
    events = saved(again)
    assert events
    assert all(event.continues is None for event in events)


@settings(max_examples=40)
@given(films, st.lists(st.tuples(st.integers(0, 60), st.booleans()), max_size=8), st.integers(0, 60))
def test_from_any_state_the_same_calls_make_the_same(
    film: Sequence[Frame], words: Sequence[tuple[int, bool]], middle: int
) -> None:
    """Frames and what is heard of the camera in any order; ticks, and a kept state, change nothing."""

    def played(*, is_restored: bool) -> Deciding:
        made = Deciding(setup=RULED)
        for index, frame in enumerate(film):
            for _, is_reached in [word for word in words if word[0] == index]:
                reach(made, made.at_s, is_reached=is_reached)
            if is_restored:
                made.tick(made.at_s + frame[0] / 2)
            if is_restored and index == middle:
                made.decider = Decider.restore(made.decider.snapshot())
            made.frame(frame)
        reach(made, made.at_s + 100, is_reached=False)
        made.tick(made.at_s + 1000)
        return made

    made = played(is_restored=False)
    assert made.changes == played(is_restored=True).changes
    assert any(event.kind is EventKind.OFFLINE for event in saved(made))
