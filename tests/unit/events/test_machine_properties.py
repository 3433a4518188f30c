"""What holds of events and batches whatever a camera shows."""

from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.domain.batch import BatchState
from appliance.domain.event import EventState
from appliance.tracks.tracker import Tracker
from tests.support.scenes import Stage, is_of_note
from tests.support.sightings import Sighting, detections

place = st.sampled_from([(0.1, 0.3, 0.2, 0.8), (0.4, 0.3, 0.5, 0.8), (0.7, 0.1, 0.99, 0.9)])
sighting = st.tuples(st.sampled_from(["person", "dog", "car"]), st.sampled_from([0.2, 0.5, 0.9]), place)
still = st.tuples(st.sampled_from([0.2, 1.0]), st.lists(sighting, max_size=3), st.integers(1, 12))
Take = tuple[float, list[Sighting], int]
Film = list[Take]

pause: st.SearchStrategy[Take] = st.tuples(st.sampled_from([5.0, 40.0, 70.0, 700.0]), st.just([]), st.just(1))
films = st.lists(st.one_of(still, still, still, pause), max_size=12)


def played(film: Film) -> Stage:
    """Return the stage after a film, tracker and machine together, and after the camera was taken away."""
    tracker, stage, at = Tracker(), Stage(), 0.0
    for step_s, sightings, times in film:
        for _ in range(times):
            if step_s >= 5:
                stage.tick(at + step_s / 2)
            at += step_s
            stage.step(at, *tracker.step(detections(at, *sightings)).tracks)
    stage.close(at + 1)
    return stage


@settings(max_examples=25)
@given(films)
def test_every_event_is_opened_once_and_closed_once(film: Film) -> None:
    """Nothing stays open without a camera, is written after its end, or ends before its start."""
    stage = played(film)
    closed = set()
    for _, saved in stage.rows.writes:
        assert saved.event.id not in closed
        if saved.event.state is not EventState.OPEN:
            closed.add(saved.event.id)
    assert closed == set(stage.rows.events)
    for row in stage.rows.events.values():
        assert row.started_us <= row.last_seen_us
        assert row.ended_us == (row.last_seen_us if row.state is EventState.ENDED else None)


@settings(max_examples=25)
@given(films)
def test_a_track_has_one_event_unless_it_was_cut_off(film: Film) -> None:
    """Within a run of the tracker a visit is one event; a visit id is shared only by continuations."""
    rows = played(film).rows.events.values()
    origins = [row for row in rows if row.continues is None]
    assert len({row.visit_id for row in origins}) == len(origins)
    by_id = {row.id: row for row in rows}
    for row in rows:
        if row.continues is not None:
            origin = by_id[row.continues]
            assert (origin.state, origin.visit_id) == (EventState.INTERRUPTED, row.visit_id)
            assert origin.last_seen_us <= row.started_us


@settings(max_examples=25)
@given(films)
def test_no_row_is_written_more_than_once_a_second_without_need(film: Film) -> None:
    """A write that could wait comes a second after the last one, and every write changes something."""
    last_s: dict[str, float] = {}
    for at, saved in played(film).rows.writes:
        assert saved.event != saved.previous
        if not is_of_note(saved):
            assert at - last_s[saved.event.id] >= 1 - 1e-6
        last_s[saved.event.id] = at


@settings(max_examples=25)
@given(films)
def test_factors_of_every_row_add_up(film: Film) -> None:
    """The risk score is the sum of the factors that its row shows."""
    for _, saved in played(film).rows.writes:
        assert saved.event.risk_score == min(100, sum(f.points for f in saved.event.risk_factors))


@settings(max_examples=25)
@given(films)
def test_every_batch_tells_of_its_events(film: Film) -> None:
    """Complete in the end; its count, times and severity are those of its events."""
    stage = played(film)
    for batch in stage.rows.batches.values():
        held = [row for row in stage.rows.events.values() if row.batch_id == batch.id]
        assert batch.state is BatchState.COMPLETED
        assert batch.event_count == len(held) > 0
        assert batch.started_us == min(row.started_us for row in held)
        assert batch.ended_us == max(row.last_seen_us for row in held)
        assert batch.severity is max(row.severity for row in held)
