"""One visit is one event, written rarely, ended only when its track has ended."""

from datetime import timedelta, timezone
from itertools import pairwise

import pytest

from appliance.domain.batch import BatchState
from appliance.domain.event import EventState
from appliance.domain.severity import Severity
from appliance.domain.track import Box, Track, TrackState
from appliance.events.changes import BatchSaved, EventSaved
from appliance.events.machine import EventMachine
from appliance.events.recovery import Interrupted, Recovered
from tests.support.scenes import FRONT_DOOR, Ids, Rows, Stage, event, is_of_note
from tests.support.sightings import STANDING, moved, seconds, track, wall


def seen(number: int, first_s: float, at_s: float, **changes: object) -> Track:
    """Return a track that was first seen then and is seen now."""
    return track(number, first_s, last_seen_us=wall(at_s), **changes)


def ended(number: int, first_s: float, last_s: float, **changes: object) -> Track:
    """Return a track that has ended."""
    return seen(number, first_s, last_s, state=TrackState.ENDED, missed=3, **changes)


def lost(number: int, first_s: float, last_s: float) -> Track:
    """Return a track that is looked for."""
    return seen(number, first_s, last_s, state=TrackState.LOST, missed=1)


def standing(stage: Stage, first_s: float, last_s: float, number: int = 1, step_s: float = 0.2) -> None:
    """Let somebody be seen from the third frame on, five times a second."""
    for i in range(2, round((last_s - first_s) / step_s) + 1):
        at_s = first_s + i * step_s
        stage.step(at_s, seen(number, first_s, at_s))


def test_an_event_is_there_with_its_tracks_confirmation() -> None:
    """Batch first, then the event, in the step in which the track is confirmed; begun at its first sight."""
    batch, saved = Stage().step(0.4, seen(7, 0, 0.4))
    assert isinstance(batch, BatchSaved)
    assert isinstance(saved, EventSaved)
    row = saved.event
    assert (row.state, row.label, row.track_id, row.ended_us) == (EventState.OPEN, "person", 7, None)
    assert (seconds(row.started_us), seconds(row.last_seen_us)) == (0, 0.4)
    assert row.summary == "1 person at Front door"
    assert row.risk_score == sum(factor.points for factor in row.risk_factors) == 35
    assert str(row.visit_id) == str(row.id)
    assert row.continues is None
    assert saved.previous is None
    assert saved.best_moment
    assert (saved.chain_id, row.batch_id) == (batch.batch.chain_id, batch.batch.id)


def test_an_event_ends_with_its_track_at_its_last_sight() -> None:
    """The end is when the object was seen last, not when its absence was noticed."""
    stage = Stage()
    standing(stage, 0, 43)
    stage.step(45.6, ended(1, 0, 43))
    row = stage.event
    assert (row.state, row.ended_us, row.last_seen_us) == (EventState.ENDED, wall(43), wall(43))
    assert row.summary == "1 person at Front door for 43 s"
    assert stage.machine.open_events == ()


def test_a_lost_track_keeps_its_event_open() -> None:
    """Not seen for two seconds is not gone."""
    stage = Stage()
    standing(stage, 0, 1)
    stage.step(3, lost(1, 0, 1))
    stage.step(3.4, seen(1, 0, 3.4))
    assert stage.event.state is EventState.OPEN


def test_a_row_is_written_at_most_once_a_second_while_nothing_of_note_changes() -> None:
    """Ten seconds of standing at five frames a second are eleven writes and the sentences' two."""
    stage = Stage()
    standing(stage, 0, 10.4)
    assert 10 <= len(stage.rows.writes) <= 13
    free = [at for at, saved in stage.rows.writes if saved.previous is None or not is_of_note(saved)]
    gaps = [b - a for a, b in pairwise(free)]
    assert min(gaps) >= 1 - 1e-6


def test_a_change_of_label_is_written_at_once() -> None:
    """A dog that turns out to be a person is one within the same frame."""
    stage = Stage()
    stage.step(0.4, seen(1, 0, 0.4, label="dog"))
    (_, saved) = stage.step(0.6, seen(1, 0, 0.6))
    assert isinstance(saved, EventSaved)
    assert (saved.event.label, saved.previous and saved.previous.label) == ("person", "dog")
    assert stage.batch.summary == "1 person at Front door"


def test_a_picture_is_taken_anew_only_for_a_better_moment_and_once_a_second_at_most() -> None:
    """A fifth better at least; the box in the row is always that of the picture."""
    sizes = {0.4: 0.2, 0.6: 0.9, 1.4: 0.22, 2.4: 0.3, 2.6: 0.9, 3.4: 0.31, 4.4: 0.5}
    stage, taken = Stage(), []
    for at, height in sizes.items():
        box: Box = (0.4, 0.05, 0.6, 0.05 + height)
        for change in stage.step(at, seen(1, 0, at, unit_box=box)):
            if isinstance(change, EventSaved) and change.best_moment:
                taken.append(at)
                assert change.event.box == box
    assert taken == [0.4, 2.4, 4.4]


def test_no_picture_is_taken_of_what_the_frame_does_not_show() -> None:
    """A lost object is not in the frame at hand."""
    stage = Stage()
    stage.step(0.4, seen(1, 0, 0.4, unit_box=(0.4, 0.4, 0.45, 0.5)))
    changes = stage.step(2, lost(1, 0, 1.5))
    assert [c.best_moment for c in changes if isinstance(c, EventSaved)] == [False]


def test_several_at_once_raise_the_risk_and_it_does_not_sink_when_one_leaves() -> None:
    """The most at once counts, so that a row is not written to and fro."""
    stage = Stage()
    stage.step(0.4, seen(1, 0, 0.4))
    stage.step(1.4, *(seen(n, 1, 1.4) for n in (1, 2, 3)))
    stage.step(2.4, ended(2, 1, 1.4), ended(3, 1, 1.4), seen(1, 0, 2.4))
    first = stage.rows.events[min(stage.rows.events)]
    assert [f.detail for f in first.risk_factors if f.name == "number"] == ["3 people at once"]


def test_the_second_of_a_kind_is_no_first_appearance() -> None:
    """Who comes while or after another was there is not the first for hours."""
    stage = Stage()
    stage.step(0.4, seen(1, 0, 0.4))
    stage.step(9, ended(1, 0, 0.4))
    stage.step(10, seen(2, 9.6, 10))
    points = {
        row.track_id: [f.points for f in row.risk_factors if f.name == "first_appearance"]
        for row in stage.rows.events.values()
    }
    assert points == {1: [10], 2: [0]}


def test_night_is_told_by_the_owners_time_zone() -> None:
    """Noon in Greenwich is night in a zone ten hours ahead."""
    zone = timezone(timedelta(hours=10))
    machine = EventMachine(FRONT_DOOR.id, FRONT_DOOR.name, name_of=Ids(), zone=zone)
    changes = machine.step([seen(1, 0, 0.4)], wall(0.4))
    saved = changes[-1]
    assert isinstance(saved, EventSaved)
    assert "at night (22:00)" in [factor.detail for factor in saved.event.risk_factors]


def test_a_camera_offline_for_less_than_a_minute_ends_nothing() -> None:
    """Time in which nothing was analysed does not count."""
    stage = Stage()
    standing(stage, 0, 1)
    for at in range(2, 60):
        assert stage.tick(at) == ()
    stage.step(60, seen(1, 0, 60))
    assert (len(stage.rows.events), stage.event.state) == (1, EventState.OPEN)


def test_a_long_silence_interrupts_and_completes() -> None:
    """After a minute without a frame the event is cut off, without an end, and its batch is done."""
    stage = Stage()
    standing(stage, 0, 5)
    stage.tick(65)
    assert (stage.event.state, stage.event.ended_us) == (EventState.INTERRUPTED, None)
    assert stage.event.last_seen_us == wall(5)
    assert (stage.batch.state, stage.batch.ended_us) == (BatchState.COMPLETED, wall(5))
    assert stage.tick(66) == ()


def test_a_frame_after_a_long_silence_interrupts_too() -> None:
    """Nobody needs to have ticked meanwhile."""
    stage = Stage()
    standing(stage, 0, 5)
    stage.step(100)
    assert stage.event.state is EventState.INTERRUPTED


def test_who_is_still_there_after_a_silence_continues_the_visit() -> None:
    """A new event with the same visit id begins where the object was seen again."""
    stage = Stage()
    standing(stage, 0, 5)
    stage.tick(65)
    stage.step(100, seen(1, 0, 100))
    old, new = stage.rows.events.values()
    assert (new.continues, new.visit_id) == (old.id, old.visit_id)
    assert seconds(new.started_us) == 100


def test_a_track_that_is_told_of_no_more_was_cut_off() -> None:
    """A tracker that forgot its tracks ends no visit."""
    stage = Stage()
    standing(stage, 0, 5)
    stage.step(6)
    assert stage.event.state is EventState.INTERRUPTED


def test_a_camera_that_is_taken_away_interrupts_what_is_open() -> None:
    """A file's end or a removed camera is no end of a visit; the batch is complete."""
    stage = Stage()
    standing(stage, 0, 5)
    stage.close(5.2)
    assert (stage.event.state, stage.event.ended_us) == (EventState.INTERRUPTED, None)
    assert stage.event.summary == "1 person at Front door for 5 s"
    assert stage.batch.state is BatchState.COMPLETED
    assert stage.close(6) == ()


def test_a_new_name_is_used_from_then_on() -> None:
    """The sentence names the camera as its owner calls it now."""
    stage = Stage()
    stage.step(0.4, seen(1, 0, 0.4))
    stage.machine.rename("Garden")
    stage.step(0.6, seen(1, 0, 0.6))
    assert stage.event.summary == "1 person at Garden"


def recovered(*events_: Interrupted, label_seen_s: float | None = None) -> Recovered:
    """Return what a last run left behind."""
    labels = {} if label_seen_s is None else {"person": wall(label_seen_s)}
    return Recovered(interrupted=events_, label_last_seen=labels)


def resumed(state: Recovered, at_s: float) -> Stage:
    """Return a machine that starts with what was left."""
    stage = Stage(prefix="n", rows=Rows(events={e.event.id: e.event for e in state.interrupted}))
    stage.machine.resume(state, wall(at_s))
    return stage


CUT = Interrupted(event("old", last_s=5, state=EventState.INTERRUPTED, visit_id="v0"), STANDING)


@pytest.mark.parametrize(
    ("confirmed_s", "changes", "continues"),
    [
        (21, {}, "old"),
        (75, {}, "old"),
        (76, {}, None),
        (140, {}, None),
        (21, {"unit_box": moved(STANDING, 0.4)}, None),
        (21, {"label": "car"}, None),
        (21, {"label": "motion"}, "old"),
    ],
)
def test_who_is_still_there_after_a_restart_continues_the_visit(
    confirmed_s: float, changes: dict[str, object], continues: str | None
) -> None:
    """Same place, same label, within a minute of the start: the visit goes on in a new event.

    A box without a model may analyse nothing until something moves; who comes then is somebody else.
    """
    stage = resumed(recovered(CUT), 15)
    stage.step(20.5)
    stage.step(confirmed_s, seen(1, confirmed_s - 0.4, confirmed_s, **changes))
    row = stage.rows.events[max(set(stage.rows.events) - {"old"})]
    assert row.continues == continues
    assert row.visit_id == ("v0" if continues else row.id)


def test_an_interrupted_event_is_continued_once() -> None:
    """Of two at the same place one is the same person."""
    stage = resumed(recovered(CUT), 15)
    stage.step(21, *(seen(n, 20, 21) for n in (1, 2)))
    assert [row.continues for row in stage.rows.events.values()].count(CUT.event.id) == 1


def test_what_was_cut_off_long_ago_is_not_continued() -> None:
    """A person there in the morning is not the one of last night."""
    stage = resumed(recovered(CUT), 4000)
    stage.step(4000.4, seen(1, 4000, 4000.4))
    assert [row.continues for row in stage.rows.events.values()] == [None, None]


def test_the_last_run_tells_whether_a_label_is_a_first_appearance() -> None:
    """A restart does not make everybody a stranger."""
    stage = resumed(recovered(label_seen_s=-600), 0)
    stage.step(0.4, seen(1, 0, 0.4))
    assert stage.event.risk_score == 25
    assert stage.event.severity is Severity.LOW
