"""When a keyframe is overdue."""

from appliance.packets.keyframes import KeyframeWatch
from appliance.packets.settings import Settings

S = 1_000_000_000


def test_packets_without_a_keyframe_are_given_nine_seconds_and_then_more() -> None:
    """A camera with a long group of pictures gets its chance on a later connection."""
    watch = KeyframeWatch(Settings())
    limits = []
    for _ in range(5):
        watch.connected(0)
        limits.append(watch.limit_s)
        assert not watch.overdue(round((watch.limit_s - 0.1) * S))
        assert watch.overdue(round(watch.limit_s * S))
    assert limits == [9.0, 18.0, 36.0, 60.0, 60.0]


def test_a_long_group_of_pictures_once_seen_is_waited_for() -> None:
    """F5: within twice its length and five seconds, whether that is more or less than the usual limit."""
    watch = KeyframeWatch(Settings())
    watch.connected(0)
    watch.keyframe(0)
    watch.keyframe(8 * S)
    assert not watch.overdue(28 * S)
    assert watch.overdue(29 * S)
    short = KeyframeWatch(Settings())
    short.connected(0)
    short.keyframe(0)
    short.keyframe(1 * S)
    assert short.limit_s == 6.5


def test_a_camera_that_leaves_keyframes_out_while_nothing_moves_is_learnt() -> None:
    """A "smart" codec: the first long gap is a time-out, the next one is waited for."""
    watch = KeyframeWatch(Settings())
    watch.connected(0)
    watch.keyframe(0)
    watch.keyframe(1 * S)
    assert watch.overdue(8 * S)
    watch.connected(9 * S)
    watch.keyframe(9 * S)
    assert not watch.overdue(21 * S)
    watch.keyframe(21 * S)
    assert watch.limit_s == 28.5
