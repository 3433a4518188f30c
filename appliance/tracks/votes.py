"""The vote on what a followed object is: models differ from frame to frame, most at the picture's edge."""

from dataclasses import dataclass, field

from appliance.domain.detection import MOTION_LABEL

EDGE_WEIGHT = 0.25
"""A box cut off by the picture's edge votes with a quarter: half a person is called cat, dog or bird."""


@dataclass(slots=True)
class Votes:
    """Sums the confidences that each label got over an object's hits.

    Args:
        specific_min_hits: hits with which a label outvotes ``motion``.
        specific_min_ratio: and the part of all hits that they must be.
    """

    specific_min_hits: int
    specific_min_ratio: float
    _weights: dict[str, float] = field(default_factory=dict)
    _hits: dict[str, int] = field(default_factory=dict)
    _best_scores: dict[str, float] = field(default_factory=dict)
    _winner: str = MOTION_LABEL

    def add(self, label: str, score: float, *, is_cut_off: bool) -> None:
        """Count one hit with its confidence, 0 to 1."""
        weight = score * (EDGE_WEIGHT if is_cut_off else 1.0)
        self._weights[label] = self._weights.get(label, 0.0) + weight
        self._hits[label] = self._hits.get(label, 0) + 1
        self._best_scores[label] = max(score, self._best_scores.get(label, 0.0))
        self._winner = self._elected()

    @property
    def weights(self) -> tuple[tuple[str, float], ...]:
        """The labels with their weights, heaviest first; equal ones by name."""
        if len(self._weights) == 1:
            return tuple(self._weights.items())
        return tuple(sorted(self._weights.items(), key=_rank))

    @property
    def winner(self) -> str:
        """The heaviest label; ``motion`` only when nothing specific was seen often enough.

        That something moved says nothing against its being a person, so it is no rival to be outweighed: a
        walker whom the built-in detector knows in one frame of six is a person all the same.
        """
        return self._winner

    def _elected(self) -> str:
        if len(self._hits) == 1:
            return next(iter(self._hits))
        if MOTION_LABEL not in self._hits:
            return min(self._weights.items(), key=_rank)[0]
        total = sum(self._hits.values())
        least = max(self.specific_min_hits, total * self.specific_min_ratio)
        specific = [label for label, _ in self.weights if label != MOTION_LABEL]
        enough = [label for label in specific if self._hits[label] >= least]
        return enough[0] if enough else MOTION_LABEL

    def best_score(self, label: str) -> float:
        """Return the best confidence with which a label was given; 0 for one that never was."""
        return self._best_scores.get(label, 0.0)


def _rank(vote: tuple[str, float]) -> tuple[float, str]:
    label, weight = vote
    return -weight, label
