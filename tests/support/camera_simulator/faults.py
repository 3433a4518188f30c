"""What a camera does wrong at the moment, and what was seen of its clients."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum


class Hang(StrEnum):
    """Where a conversation ends: the request arrives and is never answered, the connection stays open."""

    BEFORE_OPTIONS = "before_options"
    BEFORE_DESCRIBE = "before_describe"
    AFTER_DESCRIBE = "after_describe"
    """At the SETUP that follows."""
    BEFORE_PLAY = "before_play"
    AFTER_PLAY = "after_play"
    """PLAY is answered, and no packet follows."""


Mutate = Callable[[bytes], bytes]
"""Returns what is sent instead of some bytes; called on the simulator's thread."""


@dataclass(slots=True)
class Faults:
    """A camera's misbehaviour; written by the test's thread, read by the simulator's. All off at first.

    Attributes:
        refuses: connections are reset at the first request for the camera.
        hangs: where its conversations end.
        status: of the answer to ``status_method``, instead of the usual one.
        status_method: ``""`` for every request.
        sdp: sent instead of the true description.
        stalled: nothing is sent to anybody.
        keyframes_dropped: no keyframe is sent.
        pictures_dropped: no picture is sent, while sound goes on.
        muted: no sound is sent, while pictures go on.
        flipped_ratio: share of the RTP packets of which a bit is flipped.
        lost_ratio: share of the RTP packets that are left out.
        jump_ticks: added to all time stamps.
        stamps_repeated: every picture has the time stamp of the one before.
        broken_units_s: broken NAL units sent each second.
        mutates_packets: changes every RTP and RTCP packet of the video.
        mutates_sound: changes the payload of every packet of sound.
        mutates_answers: changes every answer, its body included.
    """

    refuses: bool = False
    hangs: Hang | None = None
    status: int | None = None
    status_method: str = ""
    sdp: bytes | None = None
    stalled: bool = False
    keyframes_dropped: bool = False
    pictures_dropped: bool = False
    muted: bool = False
    flipped_ratio: float = 0.0
    lost_ratio: float = 0.0
    jump_ticks: int = 0
    stamps_repeated: bool = False
    broken_units_s: int = 0
    mutates_packets: Mutate | None = None
    mutates_sound: Mutate | None = None
    mutates_answers: Mutate | None = None


@dataclass(slots=True)
class Seen:
    """What a camera saw; written by the simulator's thread only.

    Attributes:
        attempts: monotonic seconds of every connection, when it first asked for this camera.
        requests: by method.
        refusals: answers with an error, by status.
        teardowns: sessions that a client ended itself.
        connections: open now.
        sessions: playing now.
        pictures: sent.
        sounds: packets of sound sent.
        packets: RTP packets of video sent.
        bytes: of their payloads.
        keyframes: sent.
        dropped: pictures not sent because a client took nothing.
        receiver_reports: RTCP packets from clients.
        expired: sessions ended because their clients had not asked for anything for too long.
    """

    attempts: list[float] = field(default_factory=list)
    requests: Counter[str] = field(default_factory=Counter)
    refusals: Counter[int] = field(default_factory=Counter)
    teardowns: int = 0
    connections: int = 0
    sessions: int = 0
    pictures: int = 0
    sounds: int = 0
    packets: int = 0
    bytes: int = 0
    keyframes: int = 0
    dropped: int = 0
    receiver_reports: int = 0
    expired: int = 0


@dataclass(frozen=True, slots=True)
class SentPicture:
    """A picture that a client was sent.

    Attributes:
        at_s: wall time of that moment, seconds since 1970.
        digest: see ``clip.digest_of``.
    """

    at_s: float
    digest: int
    is_keyframe: bool
