"""Looks once whether a camera can be read: for the page's "test" button."""

import threading
from collections.abc import Callable
from dataclasses import replace

from appliance.domain.camera import Camera, StreamFacts
from appliance.errors import SourceFailure
from appliance.packets.settings import Settings
from appliance.packets.source import Source
from appliance.packets.sources import source_for
from appliance.runtime.clock import Clock, seconds_since

MakeSource = Callable[[Camera, Clock, Settings], Source]


def probe(
    camera: Camera,
    timeout_s: float,
    clock: Clock,
    settings: Settings | None = None,
    make_source: MakeSource = source_for,
) -> StreamFacts:
    """Connect, wait for the first keyframe, and return what the stream is.

    Blocks for about ``timeout_s`` at most, so that a caller in the event loop gives it a thread.

    Raises:
        SourceFailure: with the kind that tells the cause, ``no_video`` when no keyframe came.
        AddressError: the address is of no kind that can be read.
    """
    usual = settings or Settings()
    open_s = min(usual.open_timeout_s, timeout_s)
    rest_s = max(usual.poll_s, timeout_s - open_s)
    source = make_source(camera, clock, replace(usual, open_timeout_s=open_s, silence_timeout_s=rest_s))
    started = clock.monotonic_ns()
    try:
        source.open()
        for packet in source.packets(threading.Event()):
            if packet.is_keyframe:
                stream = packet.stream
                return StreamFacts(stream.codec, stream.width, stream.height, stream.fps)
            if seconds_since(clock, started) > timeout_s:
                raise SourceFailure("no_video", f"pictures come, but no keyframe within {timeout_s:g} s")
    finally:
        source.close()
    raise SourceFailure("no_video", "the stream ended before its first keyframe")
