"""Why a track is an event: the steps of that decision, each with the value that decided. Pure functions."""

from collections.abc import Sequence
from dataclasses import dataclass

from appliance.domain.passage import Passages
from appliance.domain.trace import TraceStep
from appliance.domain.track import Confirmation, Origin, Remover, Track
from appliance.events.words import listed

VOTES_TOLD = 3
"""Of labels with hardly a vote nothing is told."""
LEAST_SHARE = 0.01


@dataclass(frozen=True, slots=True)
class Ground:
    """What besides its track an event rests on.

    Attributes:
        required: the names of the zones of which it must have been in one; empty where it may be anywhere.
        continued_at: the time of day at which the event was cut off that it goes on from; empty for none.
        rests_since: the time of day since which it rests; empty while it moves.
    """

    required: Sequence[str] = ()
    continued_at: str = ""
    rests_since: str = ""


def steps(track: Track, passages: Passages, ground: Ground) -> tuple[TraceStep, ...]:
    """Return why a track is an event, and what it is by now."""
    told = [
        *_confirmed(track.confirmation),
        ("label", _vote(track)),
        ("best", f"best score {track.score:.2f}"),
        *_places(passages, ground),
        *_continuation(ground),
        *_stay(track, ground),
    ]
    return tuple(TraceStep(name, passed=True, detail=detail) for name, detail in told)


def score_words(confirmation: Confirmation) -> str:
    """Return how far a track was believed against what that must reach: ``running score 0.61 < 0.70 …``."""
    sign = "≥" if confirmation.score >= confirmation.limit else "<"
    sights = f"{confirmation.hits} sight{'' if confirmation.hits == 1 else 's'}"
    return f"running score {confirmation.score:.2f} {sign} {confirmation.limit:.2f} over {sights}"


def _confirmed(confirmation: Confirmation | None) -> list[tuple[str, str]]:
    if confirmation is None:
        return [("confirmed", "known from before the service started")]
    if confirmation.limit <= 0:
        return [("confirmed", f"moved on through {confirmation.hits} analysed frames")]
    return [("confirmed", score_words(confirmation))]


def _vote(track: Track) -> str:
    whole = sum(weight for _, weight in track.votes)
    shares = [(label, weight / whole) for label, weight in track.votes if whole > 0]
    told = [f"{label} {share:.0%}" for label, share in shares[:VOTES_TOLD] if share >= LEAST_SHARE]
    return f"{track.label} by vote: {', '.join(told)}" if told else track.label


def _places(passages: Passages, ground: Ground) -> list[tuple[str, str]]:
    zones = list(dict.fromkeys(stay.name for stay in passages.stays))
    lines = list(dict.fromkeys(crossing.name for crossing in passages.crossings))
    told = []
    if ground.required:
        been = [name for name in zones if name in ground.required]
        told.append(("required", f"was in {listed(been)}, as events require"))
    elif zones:
        told.append(("zone", f"was in {listed(zones)}"))
    if lines:
        told.append(("line", f"crossed {listed(lines)}"))
    return told


def _continuation(ground: Ground) -> list[tuple[str, str]]:
    if not ground.continued_at:
        return []
    return [("continues", f"goes on from an event that was cut off at {ground.continued_at}")]


def _stay(track: Track, ground: Ground) -> list[tuple[str, str]]:
    told = []
    if track.origin is Origin.LEFT_BEHIND:
        told.append(("left_behind", "came with a person, who went without it"))
    if ground.rests_since:
        told.append(("rest", f"rests since {ground.rests_since}"))
    if track.removed_by is Remover.PERSON:
        told.append(("removed", "a person was there when it went"))
    return told
