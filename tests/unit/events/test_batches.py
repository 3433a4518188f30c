"""A batch is what goes on for a while: opened by the first event, complete after thirty seconds of rest."""

from appliance.domain.batch import Batch, BatchState
from appliance.domain.event import EventState
from appliance.domain.ids import BatchId
from appliance.domain.severity import Severity
from appliance.domain.track import Track, TrackState
from appliance.events.changes import BatchSaved
from appliance.events.recovery import Interrupted, Recovered
from tests.support.scenes import Rows, Stage, event
from tests.support.sightings import CAMERA, STANDING, seconds, track, wall


def visit(stage: Stage, number: int, first_s: float, last_s: float, label: str = "person") -> None:
    """Let somebody come and go."""
    for at in (first_s + 0.4, last_s):
        stage.step(at, track(number, first_s, last_seen_us=wall(at), label=label))
    gone = track(number, first_s, last_seen_us=wall(last_s), label=label, state=TrackState.ENDED, missed=3)
    stage.step(last_s + 2.6, gone)


def staying(number: int, first_s: float, at_s: float, label: str = "person") -> Track:
    """Return a track that is still seen."""
    return track(number, first_s, last_seen_us=wall(at_s), label=label)


def test_visits_in_a_row_are_one_batch_completed_half_a_minute_after_the_last() -> None:
    """Its times are those of its events, its sentence counts them."""
    stage = Stage()
    visit(stage, 1, 0, 10)
    visit(stage, 2, 20, 40, label="car")
    visit(stage, 3, 60, 70)
    assert stage.tick(99.9) == ()
    (completed,) = stage.tick(100.1)
    assert isinstance(completed, BatchSaved)
    batch = stage.batch
    assert (batch.state, batch.event_count) == (BatchState.COMPLETED, 3)
    assert batch.ended_us is not None
    assert (seconds(batch.started_us), seconds(batch.ended_us)) == (0, 70)
    assert batch.summary == "2 people and 1 car at Front door for 1 min"
    assert (batch.chain_id, batch.severity) == (batch.id, Severity.MEDIUM)


def test_after_the_rest_a_new_batch_begins_a_new_chain() -> None:
    """Also when nobody ticked in between."""
    stage = Stage()
    visit(stage, 1, 0, 10)
    visit(stage, 2, 60, 70)
    first, second = stage.rows.batches.values()
    assert first.state is BatchState.COMPLETED
    assert (second.state, second.chain_id) == (BatchState.OPEN, second.id)


def test_an_open_event_keeps_its_batch_open() -> None:
    """Somebody who stands for five minutes is still going on."""
    stage = Stage()
    for at in range(1, 300):
        stage.step(at, staying(1, 0, at))
        stage.tick(at + 0.5)
    assert stage.batch.state is BatchState.OPEN


def test_after_ten_minutes_a_batch_is_full_and_the_next_continues_its_chain() -> None:
    """What is open keeps its batch; who comes afterwards is in the next one, of the same chain."""
    stage = Stage()
    for at in range(1, 605):
        stage.step(at, staying(1, 0, at))
    full = stage.batch
    assert (full.state, full.ended_us) == (BatchState.COMPLETED, wall(600))
    stage.step(610, staying(1, 0, 610), staying(2, 609, 610))
    _, following = stage.rows.batches.values()
    assert (following.state, following.chain_id) == (BatchState.OPEN, full.id)
    assert {row.batch_id for row in stage.rows.events.values()} == {full.id, following.id}


def test_a_full_batch_is_written_again_only_when_its_last_event_ends() -> None:
    """Its end moves on with the object that stayed, but not with each sight."""
    stage = Stage()
    for at in range(1, 700):
        stage.step(at, staying(1, 0, at))
    assert stage.batch.ended_us == wall(600)
    stage.step(702, track(1, 0, last_seen_us=wall(699), state=TrackState.ENDED, missed=3))
    assert (stage.batch.ended_us, stage.batch.state) == (wall(699), BatchState.COMPLETED)


def test_a_full_batchs_chain_ends_with_its_rest() -> None:
    """Half a minute after everybody left, the next visit has nothing to do with it."""
    stage = Stage()
    for at in range(1, 605):
        stage.step(at, staying(1, 0, at))
    stage.step(607, track(1, 0, last_seen_us=wall(604), state=TrackState.ENDED, missed=3))
    visit(stage, 2, 640, 650)
    _, second = stage.rows.batches.values()
    assert second.chain_id == second.id


def test_a_batch_has_the_highest_severity_of_its_events() -> None:
    """And keeps it when the grave one has ended."""
    stage = Stage()
    visit(stage, 1, 0, 5)
    visit(stage, 2, 10, 15, label="cat")
    assert stage.batch.severity is Severity.MEDIUM


OPEN = Batch(
    BatchId("b1"), BatchId("b0"), CAMERA, BatchState.OPEN, wall(0), None, Severity.MEDIUM, 1, "as it was"
)
CUT = event(last_s=5, state=EventState.INTERRUPTED)


def resumed(at_s: float, *, batch: Batch = OPEN, deleted: bool = False) -> Stage:
    """Return a machine that starts with a batch that was left open."""
    held = () if deleted else (CUT,)
    rows = Rows(events={row.id: row for row in held}, batches={batch.id: batch})
    stage = Stage(rows=rows)
    stage.machine.resume(Recovered(batch=batch, batch_events=held), wall(at_s))
    return stage


def test_a_batch_left_open_by_the_last_run_goes_on() -> None:
    """A restart of forty seconds does not tear a visit's batch in two."""
    stage = resumed(45)
    visit(stage, 1, 50, 60)
    assert (stage.batch.state, stage.batch.event_count, stage.batch.chain_id) == (BatchState.OPEN, 2, "b0")
    stage.tick(91)
    assert (stage.batch.state, stage.batch.ended_us) == (BatchState.COMPLETED, wall(60))
    assert stage.batch.started_us == wall(0)


def test_a_batch_left_open_is_completed_when_nothing_follows() -> None:
    """With the times of what it holds."""
    stage = resumed(45)
    stage.tick(74)
    assert stage.batch.state is BatchState.OPEN
    stage.tick(76)
    assert (stage.batch.state, stage.batch.ended_us) == (BatchState.COMPLETED, wall(5))


def test_a_batch_of_yesterday_is_completed_at_once() -> None:
    """Nothing goes on for a night without an event."""
    stage = resumed(40_000)
    stage.tick(40_000)
    assert stage.batch.state is BatchState.COMPLETED


def test_a_batch_whose_events_were_deleted_is_completed_as_it_was() -> None:
    """Its sentence stays what it was."""
    stage = resumed(45, deleted=True)
    stage.tick(76)
    assert (stage.batch.state, stage.batch.summary) == (BatchState.COMPLETED, "as it was")


def test_a_continuation_counts_no_second_visit() -> None:
    """An object that was cut off and is still there is one person in the batch's sentence."""
    stage = Stage(rows=Rows(events={CUT.id: CUT}, batches={OPEN.id: OPEN}))
    left = Recovered((Interrupted(CUT, STANDING),), OPEN, (CUT,))
    stage.machine.resume(left, wall(10))
    stage.step(11, staying(1, 10.6, 11))
    assert stage.batch.summary == "1 person at Front door for 10 s"
    assert stage.batch.event_count == 2
