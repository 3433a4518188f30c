"""Lines and zones in a yard of known truth, with a real detector's errors, through the whole decision."""

import logging
import random

import pytest

from appliance.domain.scene import Scene
from tests.support.sightings import seconds
from tests.support.simulated.crossings import (
    LINES,
    PLAZA,
    compared,
    dwellers,
    dwelt,
    moments,
    played,
    told,
    truth,
    walks,
)
from tests.support.simulated.noise import PEOPLE, VEHICLES, NoiseModel
from tests.support.simulated.yard import CAR, PERSON, Body

pytestmark = [pytest.mark.system, pytest.mark.timeout(300)]

log = logging.getLogger(__name__)

WALKING, RUNNING = 1.4, 4.0
PASSERS = 30
LEAST = 0.98


@pytest.mark.parametrize("fps", [3.0, 5.0, 10.0])
@pytest.mark.parametrize("speed_mps", [WALKING, RUNNING])
def test_people_who_cross_lines_are_counted(speed_mps: float, fps: float) -> None:
    """Walking or running, alone or side by side, at 3, 5 or 10 looks a second: 98 of 100, and no others."""
    crossed(PERSON, PEOPLE, speed_mps, fps)


@pytest.mark.parametrize(
    ("speed_mps", "fps"), [(WALKING, 5.0), (WALKING, 10.0), (RUNNING, 5.0), (RUNNING, 10.0)]
)
def test_vehicles_that_are_often_missed_are_counted(speed_mps: float, fps: float) -> None:
    """Whatever the model calls them: seen from above it misses them often and names five of six wrongly.

    One at a time: where two that hide each other are missed in turns, which is which is a guess. At 3 looks a
    second, with so many in vain, 63 of 66 were told at 1.4 m/s and 59 of 63 at 4.
    """
    crossed(CAR, VEHICLES, speed_mps, fps, in_pairs=False)


def crossed(body: Body, noise: NoiseModel, speed_mps: float, fps: float, *, in_pairs: bool = True) -> None:
    """Let passers cross the lines and compare what is told with the truth."""
    dice = random.Random(f"{body} {speed_mps} {fps}")
    passers = walks(body, speed_mps, PASSERS, dice, in_pairs=in_pairs)
    events = played(Scene(lines=LINES), passers, noise, fps, dice)
    score = compared(truth(passers, LINES), told(events), fps)
    log.info("%s at %.1f m/s, %.0f fps: %s", body, speed_mps, fps, score)
    assert score.true > PASSERS
    assert score.recall >= LEAST, score
    assert score.precision >= LEAST, score


@pytest.mark.parametrize("fps", [3.0, 5.0, 10.0])
def test_dwell_is_exact_to_a_frame(fps: float) -> None:
    """Who walks onto the plaza, stands there for up to half a minute and goes on has one stay as long."""
    dice = random.Random(f"dwell {fps}")
    people = dwellers(WALKING, 12, dice)
    stays = [
        stay for event in played(Scene((PLAZA,)), people, PEOPLE, fps, dice) for stay in event.passages.stays
    ]
    for walk in people:
        looks = [at_s for at_s in moments(people, fps) if walk.begin_s <= at_s <= walk.end_s]
        begin_s, end_s = dwelt(walk, looks)
        (stay,) = (s for s in stays if walk.begin_s <= seconds(s.entered_us) <= walk.end_s)
        dwell_s = seconds(stay.seen_us) - seconds(stay.entered_us)
        assert abs(dwell_s - (end_s - begin_s)) <= 1 / fps + 1e-3
        assert abs(seconds(stay.entered_us) - begin_s) <= 1 / fps + 1e-3
