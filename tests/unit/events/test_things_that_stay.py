"""What stays is one event, open and quiet for as long as it stays."""

from dataclasses import replace

import pytest

from appliance.domain.batch import BatchState
from appliance.domain.event import Event, EventState
from appliance.domain.track import Rest, Track, TrackState
from appliance.events.recovery import Recovered, Stayed
from tests.support.scenes import Stage
from tests.support.sightings import STANDING, track, wall

HOUR_S = 3600.0


def parked(at_s: float, since_s: float = 5.0, **changes: object) -> Track:
    """Return a car that came with second 0 and rests since then, seen now."""
    rest = Rest(wall(since_s), STANDING, 0xABCD)
    car = track(1, 0.0, label="car", hit_label="car", last_seen_us=wall(at_s), rest=rest)
    return replace(car, **changes)  # type: ignore[arg-type]


def moving(at_s: float, **changes: object) -> Track:
    """Return the same car on its way."""
    return parked(at_s, **{"rest": None, "is_stationary": False, **changes})  # type: ignore[arg-type]


def stood(until_s: float, every_s: float = 3.0) -> Stage:
    """Let a car come, rest, and be seen every few seconds until then."""
    stage = Stage()
    stage.step(0.4, moving(0.4))
    stage.step(4.0, moving(4.0))
    at_s = 25.0
    while at_s <= until_s:
        stage.step(at_s, parked(at_s))
        at_s += every_s
    return stage


def test_an_event_at_rest_is_open_and_says_since_when() -> None:
    """Its row has the place and the time at which it came there, and its sentence does not change."""
    event = stood(26).event
    assert event.state is EventState.OPEN
    assert event.rest == Rest(wall(5.0), STANDING, 0xABCD)
    assert event.summary == "1 car at Front door, parked there"


def test_somebody_who_stands_is_standing() -> None:
    """Only vehicles are parked."""
    stage = Stage()
    stage.step(30, replace(parked(30), label="person"))
    assert stage.event.summary == "1 person at Front door, standing there"


def test_it_is_written_seldom() -> None:
    """In 12 hours of 1200 frames an hour some fifty rows, each with its newest sight."""
    stage = stood(12 * HOUR_S)
    written = [at_s for at_s, _ in stage.rows.writes if at_s > 26]
    assert len(written) <= 12 * 4
    assert 12 * HOUR_S - written[-1] <= 900
    assert stage.event.last_seen_us >= wall(12 * HOUR_S - 903)


def test_it_keeps_no_batch_open() -> None:
    """The batch is complete after half a minute of rest; who comes later opens another."""
    stage = stood(120)
    assert stage.batch.state is BatchState.COMPLETED
    assert stage.batch.chain_id in stage.machine.living, "what stands there may alert for it yet"
    visitor = track(2, 130.0, last_seen_us=wall(131))
    stage.step(131, parked(131), visitor)
    assert len(stage.rows.batches) == 2
    assert len(stage.rows.events) == 2


@pytest.mark.parametrize("stays_s", [40.0, 6 * HOUR_S])
def test_when_it_leaves_its_event_moves_and_ends(stays_s: float) -> None:
    """Written at once as it moves, then ended at its last sight, in the batch in which it came."""
    stage = stood(stays_s)
    stage.step(stays_s + 4, moving(stays_s + 4))
    assert (stage.event.state, stage.event.rest) == (EventState.OPEN, None)
    stage.step(stays_s + 9, moving(stays_s + 5, state=TrackState.ENDED, missed=3))
    assert (stage.event.state, stage.event.ended_us) == (EventState.ENDED, wall(stays_s + 5))
    stage.tick(stays_s + 60)
    assert (stage.batch.state, stage.batch.ended_us) == (BatchState.COMPLETED, wall(stays_s + 5))


def test_what_ends_at_its_place_rests_no_more() -> None:
    """Nobody saw it go, but it is gone."""
    stage = stood(60)
    stage.step(100, parked(58, state=TrackState.ENDED, missed=30))
    assert (stage.event.state, stage.event.rest, stage.event.ended_us) == (
        EventState.ENDED,
        None,
        wall(58),
    )


def test_a_silent_camera_does_not_interrupt_it() -> None:
    """Nothing moves, nothing is analysed: it is where it was."""
    stage = stood(60)
    stage.tick(60 + 5 * HOUR_S)
    assert stage.event.state is EventState.OPEN
    stage.step(70 + 5 * HOUR_S, parked(70 + 5 * HOUR_S))
    assert len(stage.rows.events) == 1


def test_a_camera_that_is_taken_away_interrupts_it() -> None:
    """Nobody will look for it any more."""
    stage = stood(60)
    stage.close(61)
    assert (stage.event.state, stage.event.rest, stage.event.ended_us) == (
        EventState.INTERRUPTED,
        None,
        None,
    )


def dwell(event: Event) -> int:
    """Return the points for how long it is there."""
    return next(factor.points for factor in event.risk_factors if factor.name == "dwell")


def test_a_car_is_no_graver_for_being_parked() -> None:
    """Neither while it stands there nor as it leaves; its time on the way counts."""
    stage = stood(3 * HOUR_S)
    assert dwell(stage.event) == 0
    stage.step(3 * HOUR_S + 5, moving(3 * HOUR_S + 5))
    assert dwell(stage.event) == 0


def test_somebody_who_stands_for_minutes_loiters() -> None:
    """Standing still makes a person graver like walking to and fro does."""
    stage = Stage()
    for at_s in range(30, 240):
        stage.step(at_s, replace(parked(at_s), label="person"))
    assert dwell(stage.event) == 15


def test_what_is_parked_there_does_not_make_two_of_one() -> None:
    """A car that comes beside a parked one is one car at once."""
    stage = stood(60)
    stage.step(61, parked(61), track(2, 60.0, label="car", last_seen_us=wall(61)))
    newcomer = next(event for event in stage.rows.events.values() if event.track_id == 2)
    factors = {factor.name: factor.detail for factor in newcomer.risk_factors}
    assert factors["number"] == "1 car at once"


def restarted(before: Stage, at_s: float) -> Stage:
    """Start again with what the rows hold."""
    after = Stage(rows=before.rows, prefix="y")
    stayed = Stayed(before.event, before.batch, (before.event,))
    after.machine.resume(Recovered(stayed=(stayed,)), wall(at_s))
    return after


def test_after_a_start_it_is_the_same_event() -> None:
    """It goes on with its row, its risk and its rest, and ends as it would have."""
    before = stood(60)
    risk = before.event.risk_score
    after = restarted(before, HOUR_S)
    after.step(HOUR_S + 5, parked(HOUR_S + 5))
    assert (after.event.state, after.event.risk_score) == (EventState.OPEN, risk)
    after.step(HOUR_S + 1000, moving(HOUR_S + 1000))
    after.step(HOUR_S + 1009, moving(HOUR_S + 1005, state=TrackState.ENDED, missed=3))
    assert (after.event.state, after.event.ended_us) == (EventState.ENDED, wall(HOUR_S + 1005))
    assert after.batch.ended_us == wall(HOUR_S + 1005)


def test_what_is_looked_for_in_vain_after_a_start_was_interrupted() -> None:
    """Nobody saw when it left: no end is invented."""
    before = stood(60)
    last_us = before.event.last_seen_us
    after = restarted(before, HOUR_S)
    gone = parked(0, last_seen_us=last_us, state=TrackState.ENDED, missed=9)
    after.step(HOUR_S + 60, gone)
    assert (after.event.state, after.event.rest, after.event.ended_us) == (
        EventState.INTERRUPTED,
        None,
        None,
    )
    assert after.event.last_seen_us == last_us
