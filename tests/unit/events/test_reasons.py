"""What an event's risk and trace are made of, as the machine makes them."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, timedelta
from typing import Any

import pytest

from appliance.domain.arming import ArmState
from appliance.domain.ids import TrackId
from appliance.domain.passage import Crossing, Direction, Passages, ZoneStay
from appliance.domain.scene import LineId, ZoneId
from appliance.domain.track import Confirmation, Origin, Remover, Rest, Track, TrackState
from appliance.events.baseline import Baseline, learnt_from
from appliance.events.recovery import Recovered
from tests.support.scenes import Stage
from tests.support.sightings import STANDING, track, wall

DRIVE = ZoneId("drive")
DAY_S = timedelta(days=1).total_seconds()
SURE = replace(track(), confirmation=Confirmation(3, 0.61, 0.2))


def usual(days: int) -> Baseline:
    """Return what is learnt of a person at noon on each of so many days up to yesterday."""
    return learnt_from([("person", wall(-DAY_S * day)) for day in range(1, days + 1)], UTC, 28)


def passages(seen_s: float = 25, **changes: Any) -> Mapping[TrackId, Passages]:
    """Return that the person has been in the drive until then."""
    stay = ZoneStay(DRIVE, "Drive", wall(0), wall(seen_s))
    return {TrackId(1): replace(Passages(stays=(stay,)), **changes)}


def at(at_s: float, **changes: Any) -> Track:
    """Return the person as it is at that second."""
    return replace(SURE, last_seen_us=wall(at_s), **changes)


def factors(stage: Stage) -> dict[str, tuple[int, str]]:
    """Return points and words of the event's factors."""
    return {factor.name: (factor.points, factor.detail) for factor in stage.event.risk_factors}


def test_a_visit_counts_where_it_was_what_it_crossed_and_who_is_at_home() -> None:
    """And the sum of it all is its score."""
    stage = Stage()
    stage.machine.require(frozenset({DRIVE}))
    crossed = Crossing(LineId("gate"), "Gate", wall(1), Direction.FORWARD)
    been = passages(crossings=(crossed,), speed_kmh=14.0)
    for second in (0, 30):
        changes = stage.machine.step([at(second)], wall(second), been, ArmState.AWAY)
        stage.rows.apply(second, changes)
    told = factors(stage)
    assert told["zone"] == (10, "was in Drive")
    assert told["line"] == (5, "crossed Gate")
    assert told["speed"] == (5, "at 14 km/h")
    assert told["arm_state"] == (15, "nobody is at home")
    assert told["dwell"] == (5, "in Drive for 20 s or longer")
    assert stage.event.risk_score == min(100, sum(points for points, _ in told.values()))


def test_what_is_usual_counts_down_and_is_the_one_known_at_the_begin() -> None:
    """A visitor at noon, where somebody came at noon on each of ten days."""
    stage = Stage()
    stage.machine.resume(Recovered(baseline=usual(10)), wall(-60))
    stage.step(0, at(0))
    assert factors(stage)["rarity"][0] < 0
    stage.step(1, at(1, label="dog", votes=(("dog", 3.0),)))
    assert factors(stage)["rarity"] == (3, "never seen here at this hour on workdays in 5 days")


def test_nothing_is_said_of_a_camera_that_is_new() -> None:
    """Everything would be rare there."""
    stage = Stage()
    stage.step(0, at(0))
    assert "rarity" not in factors(stage)


def test_each_event_that_is_over_is_learnt_from() -> None:
    """After a week of visits at noon the next one is usual, without a start in between."""
    stage = Stage()
    for day in range(9):
        came = at(day * DAY_S, id=TrackId(day + 1), first_us=wall(day * DAY_S))
        stage.step(day * DAY_S, came)
        stage.step(day * DAY_S + 9, replace(came, state=TrackState.ENDED))
    newest = max(stage.rows.events.values(), key=lambda event: event.started_us)
    (rarity,) = [factor for factor in newest.risk_factors if factor.name == "rarity"]
    assert rarity.points < 0


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"origin": Origin.LEFT_BEHIND}, "left_behind"),
        ({"removed_by": Remover.PERSON}, "removed"),
        ({"origin": Origin.LEFT_BEHIND, "removed_by": Remover.PERSON}, "left_behind"),
        ({"removed_by": Remover.ITSELF}, None),
    ],
)
def test_things_that_were_left_or_taken_count(changes: dict[str, Any], expected: str | None) -> None:
    """Not what went by itself."""
    stage = Stage()
    stage.step(0, at(0, label="suitcase", votes=(("suitcase", 3.0),), **changes))
    assert {"left_behind", "removed"} & set(factors(stage)) == ({expected} if expected else set())


def test_an_event_carries_the_steps_of_its_decision() -> None:
    """In its row, as of when that was written."""
    stage = Stage()
    stage.machine.require(frozenset({DRIVE}))
    stage.rows.apply(0, stage.machine.step([at(0)], wall(0), passages()))
    assert [(step.name, step.detail) for step in stage.event.trace] == [
        ("confirmed", "running score 0.61 ≥ 0.20 over 3 sights"),
        ("label", "person by vote: person 100%"),
        ("best", "best score 0.80"),
        ("required", "was in Drive, as events require"),
    ]
    rest = Rest(wall(5), STANDING, 7)
    stage.rows.apply(30, stage.machine.step([at(30, rest=rest)], wall(30), passages()))
    assert stage.event.trace[-1].detail == "rests since Mon 21 Sep, 12:00"
    assert all(step.passed for step in stage.event.trace)
