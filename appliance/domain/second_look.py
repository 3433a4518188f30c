"""A second look at an event: what a model that the owner named said of it."""

from dataclasses import dataclass
from enum import StrEnum

from appliance.domain.time import WallUs

FACTOR = "second_look"
"""The name of the risk factor that it is."""
LONGEST_SUMMARY = 200
"""Characters of its sentence at most."""


class Opinion(StrEnum):
    """What it makes of the event."""

    HARMLESS = "harmless"
    UNCLEAR = "unclear"
    SUSPICIOUS = "suspicious"


POINTS = {Opinion.HARMLESS: -15, Opinion.UNCLEAR: 0, Opinion.SUSPICIOUS: 15}
"""What an opinion adds to the risk: less than a step of the severity, so that no model decides alone."""


@dataclass(frozen=True, slots=True)
class SecondLook:
    """What a model said.

    Attributes:
        model: its name, as the owner gave it.
        summary: its one sentence: somebody else's text, never markup.
        at_us: when it was heard, in the camera's own time.
    """

    model: str
    opinion: Opinion
    summary: str
    at_us: WallUs

    @property
    def points(self) -> int:
        """What it adds to the risk score."""
        return POINTS[self.opinion]
