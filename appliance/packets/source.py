"""What a reader thread reads from: an RTSP camera, a file, the demo scene, or a test's fake."""

import threading
from collections.abc import Callable, Iterator
from typing import Protocol, runtime_checkable

from appliance.domain.camera import Camera
from appliance.domain.packet import Packet, VideoStream
from appliance.packets.sound_input import OnSound


class Source(Protocol):
    """The video of one camera, for one connection: opened once, read once, closed once.

    Everything happens on the one thread that reads; closing from another thread crashes libav. The
    constructor does no I/O. Sources for real time wait on their ``Clock``, never on ``time``.
    """

    def open(self) -> VideoStream:
        """Connect and return the video stream as announced; blocks for seconds at most.

        Raises:
            SourceFailure: with the kind that tells the cause.
        """
        ...

    def packets(self, stop: threading.Event) -> Iterator[Packet]:
        """Yield the packets of the video stream in decoding order, at the pace at which they come.

        Each packet's ``wall_us`` is the wall clock's at its arrival; the reader replaces it by the time on
        the camera's anchored clock. ``packet.stream`` is what ``open`` returned until the stream changes.
        The iterator returns when ``stop`` is set, within about a second, or where a file ends for good.

        Raises:
            SourceFailure: the connection failed; the source must be closed then.
        """
        ...

    def close(self) -> None:
        """Free what ``open`` took, on the reading thread; may be called when nothing is open."""
        ...


@runtime_checkable
class SourceWithSound(Source, Protocol):
    """A source of which the sound can be heard beside the pictures."""

    def hear(self, on_sound: OnSound) -> None:
        """Hand the sound on, too, while ``packets`` is read; called before that, at most once.

        Where there is none, nothing comes. Neither its silence nor its coming says anything about the video.
        """
        ...


SourceFactory = Callable[[Camera], Source]
"""Makes an unopened source for each attempt to connect; does no I/O.

Raises ``AddressError`` for an address of which no source can be made.
"""
