"""A camera's decisions follow from its frames alone: no clock, no chance, no matter who looks when."""

from collections.abc import Sequence
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.decisions.changes import AlertMade
from appliance.domain.alert import Alert
from appliance.domain.event import Event, EventState
from appliance.events.changes import EventSaved
from tests.support.deciding import RULES, SETUP, START, Deciding, Frame, films
from tests.support.sightings import person, wall


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
    made.set_rules(*RULES)
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
