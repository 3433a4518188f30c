"""How far a followed object is believed: its sights' confidences over time, weighed by their quality."""

from dataclasses import dataclass

from appliance.tracks.settings import Settings

HALF_LIFE_S = 2.0
"""A sight counts half after two seconds in which the object was looked for."""
PRIOR_WEIGHT = 0.1
"""Weight of the doubt with which each object begins: a tenth of one good sight that saw nothing."""
CUT_OFF_QUALITY = 0.25
"""A box cut off by the picture's edge tells a quarter, as in the vote on the label."""


@dataclass(slots=True)
class Belief:
    """A running mean of the confidences of an object's sights, 0 to 1; newer and better ones count more.

    The mean is ``sum(quality x score) / (doubt + sum(quality))`` with sums that halve every two seconds. A
    single sight can carry it as far as its own score; many unsure ones pull it down to theirs, whatever it
    once was. That is the recursive form of a track's score (S. Blackman and R. Popoli, Design and Analysis of
    Modern Tracking Systems, 1999, §6.2) on a detector's confidences, which are no likelihoods, hence a mean
    and no sum of logarithms.
    """

    weight: float = 0.0
    total: float = 0.0

    @property
    def value(self) -> float:
        """The mean; 0 before the first sight."""
        return self.total / (PRIOR_WEIGHT + self.weight)

    def fade(self, seconds: float) -> None:
        """Let that much time of looking go by, which must not be negative."""
        left = 0.5 ** (seconds / HALF_LIFE_S)
        self.weight, self.total = self.weight * left, self.total * left

    def add(self, score: float, *, is_cut_off: bool) -> None:
        """Take in a sight with its confidence, 0 to 1."""
        quality = CUT_OFF_QUALITY if is_cut_off else 1.0
        self.weight, self.total = self.weight + quality, self.total + quality * score


def confirm_score(settings: Settings, label: str, area_ratio: float) -> float:
    """Return what the belief in an object of that label and size (a part of the picture) must reach."""
    own = next((one.confirm_score for one in settings.scores if one.label == label), settings.confirm_score)
    return max(own, settings.small_confirm_score) if area_ratio < settings.small_area_ratio else own


def end_score(settings: Settings, label: str) -> float:
    """Return below which belief an object of that label has ended."""
    if not settings.scores:  # the usual case, asked of each track in each frame
        return settings.end_score
    return next((one.end_score for one in settings.scores if one.label == label), settings.end_score)
