"""A camera's decisions follow from its frames alone: no clock, no chance, no matter who looks when."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.decisions.changes import AlertMade, CandidateKept
from appliance.decisions.decider import Decider
from appliance.decisions.setup import House
from appliance.decisions.start import Start
from appliance.domain.alert import Alert, Rule
from appliance.domain.arming import Arming, ArmState
from appliance.domain.event import Event, EventState, RiskFactor
from appliance.domain.ids import RuleId
from appliance.domain.passage import Direction
from appliance.domain.scene import Line, LineId, Mask, MaskId, Requirement, Scene, Zone, ZoneId
from appliance.events.changes import BatchSaved, EventSaved
from appliance.events.recovery import Recovered, Stayed
from tests.support.deciding import RULES, SETUP, START, Deciding, Frame, films
from tests.support.sightings import detections, person, wall


def played(film: Sequence[Frame], ticks: Sequence[float] = ()) -> Deciding:
    """Return the decisions on a film; between two frames it is ticked at these parts of the pause."""
    made = Deciding()
    for frame in film:
        for part in sorted(ticks):
            made.tick(made.at_s + part * frame[0])
        made.frame(frame)
    made.close(made.at_s + 1)
    return made


def alerts(made: Deciding) -> list[Alert]:
    """Return the alerts so far."""
    return [change.alert for change in made.changes if isinstance(change, AlertMade)]


def events(made: Deciding) -> list[Event]:
    """Return the newest states of all events so far."""
    return list({c.event.id: c.event for c in made.changes if isinstance(c, EventSaved)}.values())


@settings(max_examples=40)
@given(films)
def test_the_same_frames_make_the_same_changes(film: Sequence[Frame]) -> None:
    """Field for field, the names of everything included."""
    assert played(film).changes == played(film).changes


@settings(max_examples=40)
@given(films, st.lists(st.floats(0, 1), max_size=4))
def test_when_somebody_looks_changes_nothing(film: Sequence[Frame], ticks: list[float]) -> None:
    """What is due between two frames is done as of its own time, whoever asks for it when."""
    assert played(film, ticks).changes == played(film).changes


@settings(max_examples=40)
@given(films)
def test_names_are_unique_and_another_start_gives_others(film: Sequence[Frame]) -> None:
    """Track numbers may come again after a start; names do not."""
    made = played(film)
    opened = [c.event.id for c in made.changes if isinstance(c, EventSaved) and c.previous is None]
    assert len(set(opened)) == len(opened)
    other = Deciding(start=replace(START, seed="another"))
    for frame in film:
        other.frame(frame)
    assert not {event.id for event in events(other)} & set(opened)


def walk(
    made: Deciding, seconds: float, *sightings: tuple[str, float, tuple[float, float, float, float]]
) -> None:
    """Show the same at five frames a second."""
    for _ in range(round(seconds * 5)):
        made.frame((0.2, sightings))


def test_an_alert_comes_with_its_events_change() -> None:
    """Batch, event, alert, in this order, at the frame's own time."""
    made = Deciding()
    walk(made, 2, person())
    kinds = [type(change).__name__ for change in made.changes]
    assert kinds[:4] == ["BatchSaved", "EventSaved", "AlertMade", "AlertMade"]
    assert {alert.created_us for alert in alerts(made)} == {wall(0.6)}


def test_a_rule_added_while_somebody_is_there_counts_for_whom_comes_next() -> None:
    """It does not look back."""
    made = Deciding(setup=replace(SETUP, house=replace(SETUP.house, rules=())))
    walk(made, 2, person())
    made.set_rules(*RULES[:2])
    walk(made, 2, person())
    assert alerts(made) == []
    walk(made, 2, person(), person((0.7, 0.3, 0.8, 0.8)))
    assert {alert.rule_name for alert in alerts(made)} == {"People", "Grave"}


def test_nothing_is_due_before_it_is_said_to_be() -> None:
    """A minute after the last frame all that is open is cut off, and its batch with it."""
    made = Deciding()
    walk(made, 2, person())
    assert made.decider.due_us == wall(62)
    made.tick(61.9)
    assert [event.state for event in events(made)] == [EventState.OPEN]
    made.tick(62)
    assert [event.state for event in events(made)] == [EventState.INTERRUPTED]
    assert made.decider.due_us is None


def test_who_is_switched_off_is_cut_off_and_not_gone_on_with() -> None:
    """A frame that was still with the detector finds nobody to go on with."""
    made = Deciding()
    walk(made, 2, person())
    made.close(2.1)
    assert [event.state for event in events(made)] == [EventState.INTERRUPTED]
    made.frame((0.2, (person(),)))
    assert len(events(made)) == 1


DRIVE = Zone(ZoneId("drive"), "Drive", ((0.3, 0.6), (0.7, 0.6), (0.7, 1.0), (0.3, 1.0)))
GATE = Line(LineId("gate"), "Gate", (0.5, 1.0), (0.5, 0.2))


def walked(scene: Scene, *, from_x: float = 0.1, until_x: float = 0.95) -> Deciding:
    """Return the decisions on somebody who walks through the picture from left to right in four seconds."""
    made = Deciding(setup=replace(SETUP, scene=scene))
    for n in range(21):
        left = from_x + (until_x - from_x) * n / 20 - 0.05
        made.frame((0.2, (person((left, 0.3, left + 0.1, 0.8)),)))
    for _ in range(20):
        made.frame((0.2, ()))
    return made


def test_an_event_says_where_its_object_was() -> None:
    """The stay and the crossing are those of the walk, from before the track was confirmed on."""
    (event,) = events(walked(Scene((DRIVE,), (GATE,))))
    (stay,), (crossing,) = event.passages.stays, event.passages.crossings
    assert event.zones == (DRIVE.id,)
    assert wall(1.0) < stay.entered_us < wall(1.4)
    assert wall(2.8) < stay.seen_us < wall(3.2)
    assert stay.is_over
    assert crossing.direction is Direction.FORWARD
    assert abs(crossing.at_us - wall(2.08)) < 50_000
    assert event.summary.endswith("crossed Gate")


def test_what_begins_on_a_line_s_near_side_is_seen_to_cross_it() -> None:
    """Though its track is confirmed only behind the line."""
    gate = replace(GATE, a=(0.16, 1.0), b=(0.16, 0.2))
    (event,) = events(walked(Scene(lines=(gate,))))
    assert len(event.passages.crossings) == 1


def test_only_what_was_in_a_required_zone_becomes_an_event() -> None:
    """From its first sight on, once it was there; elsewhere nothing does."""
    required = replace(DRIVE, required_for=Requirement.EVENTS)
    (event,) = events(walked(Scene((required,))))
    assert event.started_us == wall(0.2)
    assert events(walked(Scene((required,)), until_x=0.25)) == []
    assert len(events(walked(Scene((DRIVE,)), until_x=0.25))) == 1


def test_what_stands_under_a_mask_is_not_followed_and_stays_in_the_row() -> None:
    """Its boxes are kept as they were found: under another mask they would have been an event."""
    everywhere = Mask(MaskId("all"), "All", ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)))
    masked = Scene(masks=(replace(everywhere, labels=frozenset({"person"})),))
    assert events(walked(masked)) == []
    decider = Deciding(setup=replace(SETUP, scene=masked)).decider
    dog = ("dog", 0.9, (0.1, 0.1, 0.3, 0.4))
    for n in range(4):
        tracked = decider.frame(detections(n * 0.2, person(), dog)).tracked
    assert tracked.detections.labels == ("person", "dog")
    assert tracked.track_ids[0] == 0
    assert tracked.track_ids[1] > 0


def test_a_scene_that_is_drawn_meanwhile_counts_from_then_on() -> None:
    """Without a start of anything."""
    made = Deciding()
    for n in range(10):
        made.frame((0.2, (person((0.1 + n * 0.02, 0.3, 0.2 + n * 0.02, 0.8)),)))
    scene = Scene((replace(DRIVE, enter_s=0.0),))
    made.changes += made.decider.configure(replace(SETUP, scene=scene), wall(made.at_s))
    for n in range(10, 20):
        made.frame((0.2, (person((0.1 + n * 0.02, 0.3, 0.2 + n * 0.02, 0.8)),)))
    (event,) = events(made)
    assert event.zones == (DRIVE.id,)


@settings(max_examples=60)
@given(films, st.data())
def test_a_restored_state_goes_on_exactly_alike(film: Sequence[Frame], data: st.DataObject) -> None:
    """Any film, kept anywhere: the same changes as without, and the same state in the end, bit for bit."""
    cut = data.draw(st.integers(0, len(film)))
    whole, parted = Deciding(), Deciding()
    for index, frame in enumerate(film):
        if index == cut:
            parted.decider = Decider.restore(parted.decider.snapshot())
        whole.frame(frame)
        parted.frame(frame)
    assert parted.changes == whole.changes
    assert parted.decider.snapshot() == whole.decider.snapshot()
    assert Decider.restore(whole.decider.snapshot()).snapshot() == whole.decider.snapshot()


def test_a_restored_state_may_go_by_another_setup() -> None:
    """Also by settings that otherwise count from a start on."""
    quick = replace(SETUP, events=replace(SETUP.events, silence_s=5.0), house=House())
    made = Deciding()
    walk(made, 2, person())
    made.decider = Decider.restore(made.decider.snapshot(), quick)
    assert made.decider.setup == quick
    assert made.decider.due_us == wall(7)
    seen = len(alerts(made))
    walk(made, 2, person(), person((0.7, 0.3, 0.8, 0.8)))
    assert len(alerts(made)) == seen


def test_a_state_is_small() -> None:
    """Of a camera with two people less than twenty kilobytes."""
    made = Deciding()
    walk(made, 2, person(), person((0.7, 0.3, 0.8, 0.8)))
    assert len(made.decider.snapshot()) < 20_000


def test_a_rule_for_an_empty_house_is_silent_while_somebody_is_in() -> None:
    """Who is there when the house is armed by hand is no news; who comes after that is, and says so."""
    rule = replace(RULES[0], armed=frozenset({ArmState.AWAY}), cooldown_s=0)
    made = Deciding(setup=replace(SETUP, house=House((rule,))))
    walk(made, 2, person())
    away = House((rule,), Arming(ArmState.AWAY, wall(made.at_s)))
    made.changes += made.decider.configure(replace(made.decider.setup, house=away), wall(made.at_s))
    walk(made, 2, person())
    assert alerts(made) == []
    walk(made, 3)
    walk(made, 2, person((0.7, 0.3, 0.8, 0.8)))
    (alert,) = alerts(made)
    assert [step.detail for step in alert.trace if step.name == "armed"] == ["the house is set to away"]


@settings(max_examples=40)
@given(films)
def test_each_alert_and_candidate_has_its_reasons(film: Sequence[Frame]) -> None:
    """All steps of an alert hold; of a candidate one does not, and it is told once."""
    made = played(film)
    assert all(step.passed for alert in alerts(made) for step in alert.trace)
    kept = [change.candidate for change in made.changes if isinstance(change, CandidateKept)]
    assert len({candidate.id for candidate in kept}) == len(kept)
    for candidate in kept:
        failed = [step.detail for step in candidate.trace if not step.passed]
        assert candidate.reason == failed[0]
    alerted = {(alert.rule_id, alert.event_id) for alert in alerts(made)}
    assert not alerted & {(candidate.rule_id, candidate.event_id) for candidate in kept}


def test_who_kept_out_of_a_required_zone_is_a_candidate() -> None:
    """One row, when the track has ended, in the frame that ended it."""
    corners = ((0.7, 0.5), (0.95, 0.5), (0.95, 0.95), (0.7, 0.95))
    zone = Zone(ZoneId("drive"), "Drive", corners, required_for=Requirement.EVENTS)
    made = Deciding(setup=replace(SETUP, scene=Scene(zones=(zone,))))
    walk(made, 2, person())
    walk(made, 5)
    assert events(made) == []
    (change,) = made.changes
    assert isinstance(change, CandidateKept)
    assert change.candidate.reason == "outside zone Drive by 25 %"


def parked(rules: Sequence[Rule] = (), *factors: RiskFactor) -> Deciding:
    """Return the decisions of a second run that takes over a car which was parked in the first one."""
    first = Deciding(setup=replace(SETUP, house=replace(SETUP.house, rules=())))
    walk(first, 40, CAR)
    (row,) = events(first)
    assert row.rest is not None
    assert row.zones == ("drive",)
    batch = [change.batch for change in first.changes if isinstance(change, BatchSaved)][-1]
    stayed = Stayed(replace(row, risk_factors=(*row.risk_factors, *factors)), batch, (row,))
    start = Start(wall(50), "second", Recovered(stayed=(stayed,)), last_track=1)
    house = replace(SETUP.house, rules=tuple(rules))
    return Deciding(replace(SETUP, house=house), start, at_s=50.0)


CAR = ("car", 0.9, (0.1, 0.3, 0.2, 0.8))


def test_what_stands_there_over_a_restart_alerts_nobody() -> None:
    """Its event goes on with its zones; a rule that it satisfies already does not look back."""
    cars = Rule(RuleId("r5"), "Cars", zones=frozenset({DRIVE.id}))
    made = parked([cars])
    walk(made, 20, CAR)
    assert alerts(made) == []
    assert len(made.decider.open_events) == 1
    assert made.decider.open_events[0].zones == ("drive",)
    walk(made, 3, CAR, ("car", 0.9, (0.4, 0.3, 0.5, 0.8)))
    assert [alert.rule_name for alert in alerts(made)] == ["Cars"]


def test_a_stay_in_a_zone_goes_on_over_a_restart() -> None:
    """From when it was entered in the first run: a rule's dwell does not begin anew."""
    made = parked()
    walk(made, 3, CAR)
    (stay,) = made.decider.open_events[0].passages.stays
    assert (stay.entered_us, stay.is_over) == (wall(0.2), False)
    assert stay.seen_us == wall(53)


@pytest.mark.parametrize("was_left", [True, False])
def test_what_was_left_behind_is_known_as_that_after_a_restart(was_left: bool) -> None:
    """Its event says so still, when it is moved."""
    made = parked((), *([RiskFactor("left_behind", 20, "was left behind")] if was_left else []))
    walk(made, 2, CAR)
    walk(made, 4, (*CAR[:2], (0.17, 0.3, 0.27, 0.8)))
    (event,) = events(made)
    assert event.rest is None
    assert ("left_behind" in {step.name for step in event.trace}) is was_left


@settings(max_examples=15)
@given(films, st.data())
def test_a_state_with_what_was_taken_over_is_kept_whole(film: Sequence[Frame], data: st.DataObject) -> None:
    """What rested before a restart is part of the state."""
    cut = data.draw(st.integers(0, len(film)))
    whole, parted = parked(RULES), parked(RULES)
    for index, frame in enumerate(film):
        if index == cut:
            parted.decider = Decider.restore(parted.decider.snapshot())
        whole.frame(frame)
        parted.frame(frame)
    assert parted.changes == whole.changes
    assert parted.decider.snapshot() == whole.decider.snapshot()
