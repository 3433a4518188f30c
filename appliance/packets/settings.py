"""What can be tuned about reading cameras."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Settings:
    """Deadlines and back-off of the readers.

    Attributes:
        open_timeout_s: longest wait for a camera's answer while connecting.
        poll_s: how often a blocked read looks at the stop flag.
        silence_timeout_s: without any video for that long the connection is given up.
        keyframe_timeout_s: packets without a keyframe for that long are no video; the limit doubles at each
            time-out in a row up to ``longest_keyframe_timeout_s``, for cameras with long groups of pictures.
        longest_keyframe_timeout_s: see there.
        retry_first_s: longest wait before the second attempt; doubles from there.
        retry_longest_s: where the doubling ends.
        busy_longest_s: longest wait after a camera had no session to spare: it may keep one of ours that it
            has not noticed the end of, and frees it when its own time-out is over.
        stable_s: a connection that lasted that long forgets earlier failures.
        auth_retry_s: waits after the first and the second refusal of the credentials.
        auth_slow_first_s: shortest wait after the third refusal and later ones: cameras lock out guessers.
        auth_slow_longest_s: where that wait's doubling ends.
        connect_interval_s: from one camera's attempt to connect to the next one's, so that all of them do not
            come back in the same moment.
        ring_s: the last packets of each camera are kept for that long, in whole GOPs,
        ring_bytes: and up to that size.
        live_linger_s: how long somebody who asked for a picture of a camera counts as looking at it; for so
            long its second address is read.
        close_timeout_s: how long closing the fleet waits for all its threads together.
    """

    open_timeout_s: float = 4.0
    poll_s: float = 1.0
    silence_timeout_s: float = 10.0
    keyframe_timeout_s: float = 9.0
    longest_keyframe_timeout_s: float = 60.0
    retry_first_s: float = 1.0
    retry_longest_s: float = 30.0
    busy_longest_s: float = 5.0
    stable_s: float = 10.0
    auth_retry_s: tuple[float, float] = (10.0, 20.0)
    auth_slow_first_s: float = 60.0
    auth_slow_longest_s: float = 900.0
    connect_interval_s: float = 0.07
    ring_s: float = 15.0
    ring_bytes: int = 8 << 20
    live_linger_s: float = 10.0
    close_timeout_s: float = 4.0
