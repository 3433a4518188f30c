"""How good a moment is for an event's picture."""

from appliance.domain.track import Track

EDGE_RATIO = 0.02
"""A box that comes that close to the picture's edge is probably cut off."""
CUT_OFF_FACTOR = 0.35
OTHER_LABEL_FACTOR = 0.5
LARGEST_AREA_RATIO = 0.3
"""Larger does not show more: who fills the picture has no face in it."""


def quality(track: Track) -> float:
    """Return the worth of the frame at hand for a picture of the track: score x area x margin, 0 to 1.

    A box at the picture's edge counts a third, one in which the detector saw something else than the track's
    label a half.
    """
    left, top, right, bottom = track.unit_box
    area = min(max(right - left, 0.0) * max(bottom - top, 0.0), LARGEST_AREA_RATIO)
    margin = min(left, top, 1.0 - right, 1.0 - bottom)
    factor = CUT_OFF_FACTOR if margin < EDGE_RATIO else 1.0
    if track.hit_label != track.label:
        factor *= OTHER_LABEL_FACTOR
    return track.hit_score * area * factor
