"""A camera's decisions run by hand, and films of analysed frames for them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from hypothesis import strategies as st

from appliance.decisions.changes import Change
from appliance.decisions.decider import Decider
from appliance.decisions.setup import House, Setup
from appliance.decisions.start import Start
from appliance.domain.alert import Deduplication, Rule
from appliance.domain.arming import Arming, ArmState
from appliance.domain.ids import RuleId
from appliance.domain.scene import Line, LineId, Mask, MaskId, Scene, Zone, ZoneId
from appliance.domain.severity import Severity
from appliance.domain.track import Box
from tests.support.sightings import CAMERA, Sighting, detections, wall, with_looks

DRIVE = Zone(ZoneId("drive"), "Drive", ((0.0, 0.4), (0.6, 0.4), (0.6, 1.0), (0.0, 1.0)))
GATE = Line(LineId("gate"), "Gate", (0.3, 0.2), (0.3, 1.0))
BUSH = Mask(MaskId("bush"), "Bush", ((0.9, 0.0), (1.0, 0.0), (1.0, 0.2)), labels=frozenset({"dog"}))
SCENE = Scene((DRIVE,), (GATE,), (BUSH,))
ARMING = Arming(ArmState.AWAY)
RULES = (
    Rule(RuleId("r1"), "People", labels=frozenset({"person"}), cooldown_s=20),
    Rule(RuleId("r2"), "Grave", min_severity=Severity.MEDIUM, deduplication=Deduplication.VISIT),
    Rule(RuleId("r3"), "Drive", zones=frozenset({DRIVE.id}), min_dwell_s=3, armed=frozenset({ArmState.AWAY})),
    Rule(RuleId("r4"), "Gate", lines=frozenset({GATE.id}), deduplication=Deduplication.VISIT),
)
SETUP = Setup(CAMERA, "Front door", SCENE, house=House(RULES, ARMING))
START = Start(wall(0), "seed")

Frame = tuple[float, tuple[Sighting, ...]]
"""Seconds since the frame before, and what it shows."""

_places = st.sampled_from(
    [(0.1, 0.3, 0.2, 0.8), (0.12, 0.31, 0.22, 0.81), (0.4, 0.3, 0.5, 0.8), (0.7, 0.1, 0.99, 0.9)]
)
_sightings = st.tuples(
    st.sampled_from(["person", "dog", "car", "motion"]), st.sampled_from([0.2, 0.5, 0.9]), _places
)
_pictures = st.lists(_sightings, max_size=3).map(tuple)
_runs = st.tuples(st.sampled_from([0.1, 0.2, 1.0]), _pictures, st.integers(1, 12))
_stays = st.tuples(st.just(1.0), _pictures, st.integers(21, 60))
_pauses = st.tuples(st.sampled_from([5.0, 40.0, 61.0, 95.0, 700.0]), _pictures, st.just(1))


def _film(takes: Sequence[tuple[float, tuple[Sighting, ...], int]]) -> tuple[Frame, ...]:
    return tuple((step_s, picture) for step_s, picture, times in takes for _ in range(times))


films = st.lists(st.one_of(_runs, _runs, _runs, _stays, _pauses), max_size=10).map(_film)
"""Films with people, dogs, cars and mere motion that pass or stay, and pauses of all lengths that matter."""


def _looks(sightings: tuple[Sighting, ...]) -> Callable[[Box], int]:
    """Return how places look: as what stands there, else as the bare ground."""

    def look(box: Box) -> int:
        near = [label for label, _, there in sightings if abs(there[0] - box[0]) < 0.05]
        return 0xF0F0_F0F0_F0F0_F0F0 if near else 0x0FF0_1234_0FF0_5678

    return look


@dataclass
class Deciding:
    """A decider spoken to in seconds after noon, with everything that it asked to be written.

    Attributes:
        at_s: the time of the last frame.
    """

    setup: Setup = SETUP
    start: Start = START
    at_s: float = 0.0
    changes: list[Change] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.decider = Decider(self.setup, self.start)

    def frame(self, frame: Frame) -> None:
        """Let it see the next frame."""
        self.at_s = round(self.at_s + frame[0], 3)
        found = with_looks(detections(self.at_s, *frame[1]), _looks(frame[1]), self.decider.resting)
        self.changes += self.decider.frame(found).changes

    def tick(self, at_s: float) -> None:
        """Let time pass without a frame."""
        self.changes += self.decider.tick(wall(at_s))

    def set_rules(self, *rules: Rule) -> None:
        """Change the rules at the time of the last frame."""
        setup = replace(self.decider.setup, house=House(rules, ARMING))
        self.changes += self.decider.configure(setup, wall(self.at_s))

    def close(self, at_s: float) -> None:
        """Take the camera away."""
        self.changes += self.decider.close(wall(at_s))
