"""Whether a camera's packets are recorded, from where on, and if not, why: pure."""

from collections.abc import Iterable, Sequence

from appliance.domain.footage import Cause, RecordingMode, RecordingPolicy
from appliance.domain.time import WallUs
from appliance.packets.ring import Numbered
from appliance.recordings.triggers import Span

FOR_EVER = WallUs(1 << 62)


def wanted(
    mode: RecordingMode, policy: RecordingPolicy, happened: Iterable[Span], at_us: WallUs
) -> list[Span]:
    """Return the times that the owner wants recorded, as of now.

    Args:
        mode: that holds now.
        policy: has the pre- and post-roll.
        happened: motion and events, without pre- and post-roll.
        at_us: now; what is recorded continuously is wanted from now on.
    """
    if mode is RecordingMode.OFF:
        return []
    if mode is RecordingMode.CONTINUOUS:
        return [Span(at_us, FOR_EVER)]
    return [span.padded(policy.pre_roll_s, policy.post_roll_s) for span in happened]


def is_wanted(times: Iterable[Span], at_us: WallUs) -> bool:
    """Return whether a picture of that time is in one of these times."""
    return any(span.start_us <= at_us < span.end_us for span in times)


def first_number(held: Sequence[Numbered], time: Span, beyond: int) -> int | None:
    """Return the number of the packet with which the recording of a time begins.

    That is the last keyframe at or before the time's start, or the first one that is held.

    Args:
        held: the packets of the ring, oldest first.
        time: that is wanted.
        beyond: this number and those before were recorded already, or must not be.

    Returns:
        ``None`` when none of the packets held shows any of that time.
    """
    keyframes = [one for one in held if one.packet.is_keyframe and one.number > beyond]
    before = [one for one in keyframes if one.packet.wall_us <= time.start_us]
    first = before[-1] if before else next(iter(keyframes), None)
    return first.number if first is not None and first.packet.wall_us < time.end_us else None


def why_not(
    mode: RecordingMode, *, enabled: bool, connected: bool, recordable: bool, recording: bool
) -> Cause | None:
    """Return why a camera is not recorded, or ``None`` when it is.

    Args:
        mode: that holds now.
        enabled: the owner has not switched the camera off.
        connected: packets come.
        recordable: they have a place in an MP4 file.
        recording: they are being written.
    """
    if mode is RecordingMode.OFF or not enabled:
        return Cause.OFF
    if not connected:
        return Cause.CAMERA_DOWN
    if not recordable:
        return Cause.NOT_RECORDABLE
    if mode is not RecordingMode.CONTINUOUS and not recording:
        return Cause.IDLE
    return None
