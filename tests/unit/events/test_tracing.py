"""Why a track is an event, step by step."""

from dataclasses import replace

import pytest

from appliance.domain.passage import NO_PASSAGES, Crossing, Direction, Passages, ZoneStay
from appliance.domain.scene import LineId, ZoneId
from appliance.domain.track import Confirmation, Origin, Remover
from appliance.events.tracing import Ground, score_words, steps
from tests.support.sightings import track, wall

SURE = replace(track(), confirmation=Confirmation(3, 0.612, 0.2), score=0.83)
PASSAGES = Passages(
    stays=(
        ZoneStay(ZoneId("drive"), "Drive", wall(0), wall(4), is_over=True),
        ZoneStay(ZoneId("lawn"), "Lawn", wall(5), wall(6)),
        ZoneStay(ZoneId("drive"), "Drive", wall(7), wall(9)),
    ),
    crossings=(Crossing(LineId("gate"), "Gate", wall(4), Direction.FORWARD),),
)


def told(
    changed: object = SURE, passages: Passages = NO_PASSAGES, ground: Ground | None = None
) -> dict[str, str]:
    """Return the words of each step by its name."""
    return {step.name: step.detail for step in steps(changed, passages, ground or Ground())}  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("confirmation", "words"),
    [
        (Confirmation(3, 0.612, 0.2), "running score 0.61 ≥ 0.20 over 3 sights"),
        (Confirmation(1, 0.2, 0.2), "running score 0.20 ≥ 0.20 over 1 sight"),
        (Confirmation(7, 0.61, 0.7), "running score 0.61 < 0.70 over 7 sights"),
    ],
)
def test_a_score_is_told_with_its_limit(confirmation: Confirmation, words: str) -> None:
    """And after how many sights."""
    assert score_words(confirmation) == words


@pytest.mark.parametrize(
    ("confirmation", "words"),
    [
        (Confirmation(3, 0.612, 0.2), "running score 0.61 ≥ 0.20 over 3 sights"),
        (Confirmation(9, 0.0, 0.0), "moved on through 9 analysed frames"),
        (None, "known from before the service started"),
    ],
)
def test_an_event_says_by_what_it_was_confirmed(confirmation: Confirmation | None, words: str) -> None:
    """By its score, by its motion alone, or by the run before."""
    assert told(replace(SURE, confirmation=confirmation))["confirmed"] == words


def test_the_vote_on_the_label_is_told() -> None:
    """The three labels with most of it; what is hardly there is left out."""
    votes = (("person", 8.2), ("dog", 1.5), ("cat", 0.2), ("car", 0.1))
    assert told(replace(SURE, votes=votes))["label"] == "person by vote: person 82%, dog 15%, cat 2%"
    assert told(replace(SURE, votes=()))["label"] == "person"


def test_zones_and_lines_are_told_once_each() -> None:
    """As the owner calls them; and which of them events require."""
    whole = told(passages=PASSAGES)
    assert (whole["zone"], whole["line"]) == ("was in Drive and Lawn", "crossed Gate")
    required = told(passages=PASSAGES, ground=Ground(required=("Lawn",)))
    assert required["required"] == "was in Lawn, as events require"
    assert "zone" not in required


def test_what_became_of_it_is_told() -> None:
    """That it goes on from another event, rests, was left, and was taken."""
    ground = Ground(continued_at="14:02", rests_since="14:05")
    bag = replace(SURE, label="suitcase", origin=Origin.LEFT_BEHIND, removed_by=Remover.PERSON)
    whole = told(bag, ground=ground)
    assert whole["continues"] == "goes on from an event that was cut off at 14:02"
    assert whole["rest"] == "rests since 14:05"
    assert whole["left_behind"] == "came with a person, who went without it"
    assert whole["removed"] == "a person was there when it went"
    assert list(told()) == ["confirmed", "label", "best"]
