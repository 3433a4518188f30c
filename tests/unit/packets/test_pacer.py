"""When cameras may connect that all lost their connection in the same moment."""

from appliance.domain.time import MonotonicNs
from appliance.packets.pacer import Pacer

S = 1_000_000_000


def test_a_single_camera_is_never_held_back() -> None:
    """However often it connects: its own back-off is slower."""
    pacer = Pacer(0.07)
    assert [pacer.wait_s(MonotonicNs(at * S)) for at in (0, 1, 2, 60)] == [0.0] * 4


def test_many_at_once_get_a_moment_each() -> None:
    """F34: 32 cameras are spread over more than two seconds, in the order in which they asked."""
    pacer = Pacer(0.07)
    waits = [pacer.wait_s(MonotonicNs(5 * S)) for _ in range(32)]
    assert waits == sorted(waits)
    assert waits[0] == 0.0
    assert 2.0 <= waits[-1] <= 2.5
