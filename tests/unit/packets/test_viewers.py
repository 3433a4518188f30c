"""Who looks at a camera."""

from appliance.domain.ids import CameraId
from appliance.domain.time import MonotonicNs
from appliance.packets.viewers import Viewers

FRONT, YARD = CameraId("front"), CameraId("yard")
S = 1_000_000_000


def test_somebody_who_asked_for_a_picture_counts_as_looking_for_a_while() -> None:
    """At that camera alone, and until it is forgotten."""
    viewers = Viewers(10.0)
    assert not viewers.is_watched(FRONT, MonotonicNs(0))
    viewers.looked(FRONT, MonotonicNs(5 * S))
    # A packet may have come just before somebody asked.
    for at_s, watched in ((4, True), (5, True), (15, True), (16, False)):
        assert viewers.is_watched(FRONT, MonotonicNs(at_s * S)) is watched
    assert not viewers.is_watched(YARD, MonotonicNs(5 * S))
    viewers.forget(FRONT)
    assert not viewers.is_watched(FRONT, MonotonicNs(5 * S))
